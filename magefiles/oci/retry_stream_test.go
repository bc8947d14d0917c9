package oci

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// large is more than is held back of an answer.
func large() []byte {
	b := make([]byte, 3*maxHeld)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// client sends requests through everything that requests to registries go through.
func client(r Remote) *http.Client {
	base, _ := r.transport()
	return &http.Client{Transport: base}
}

func fetch(t *testing.T, r Remote, url string) ([]byte, error) {
	t.Helper()
	resp, err := client(r).Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// TestDownloadGoesOn: of a large answer that breaks off the rest is asked for; a
// small one is asked for as a whole.
func TestDownloadGoesOn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		content []byte
		ranges  bool
		want    []string // the ranges that are asked for
	}{
		"large":                 {large(), true, []string{"", "bytes=1835008-"}},
		"large, without ranges": {large(), false, []string{"", "bytes=1835008-"}},
		"small":                 {large()[:5000], true, []string{"", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.Header.Get("Range"))
				if len(asked) > 1 {
					if !test.ranges {
						r.Header.Del("Range")
					}
					http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(test.content))
					return
				}
				w.Header().Set("Content-Length", fmt.Sprint(len(test.content)))
				_, _ = w.Write(test.content[:min(7<<18, len(test.content)/2*2-2)])
				_ = http.NewResponseController(w).Flush()
				time.Sleep(50 * time.Millisecond) // what was written is on its way
				panic(http.ErrAbortHandler)
			}))
			defer server.Close()
			got, err := fetch(t, quick(), server.URL)
			if err != nil || !bytes.Equal(got, test.content) {
				t.Errorf("%d bytes of %d, %v", len(got), len(test.content), err)
			}
			if strings.Join(asked, ",") != strings.Join(test.want, ",") {
				t.Errorf("asked for %q, want %q", asked, test.want)
			}
		})
	}
}

// TestOtherRest: who answers with another part is not believed.
func TestOtherRest(t *testing.T) {
	t.Parallel()
	content, asked := large(), 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked > 1 {
			w.Header().Set("Content-Range", "bytes 0-9/10")
			w.WriteHeader(http.StatusPartialContent)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content[:2*maxHeld])
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	_, err := fetch(t, quick(), server.URL)
	wantError(t, err, "reading the rest", "bytes 0-9/10")
}

// TestStall: a connection on which nothing moves is given up, in every phase,
// and another one tried.
func TestStall(t *testing.T) {
	t.Parallel()
	content := large()
	for name, stalled := range map[string]func(http.ResponseWriter){
		"before the answer": func(http.ResponseWriter) {},
		"in the beginning":  func(w http.ResponseWriter) { _, _ = w.Write(content[:10]) },
		"in the middle":     func(w http.ResponseWriter) { _, _ = w.Write(content[:2*maxHeld]) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) > 1 {
					http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
					return
				}
				w.Header().Set("Content-Length", fmt.Sprint(len(content)))
				stalled(w)
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			}))
			defer server.Close()
			hasty := quick()
			hasty.Patience.Idle = 300 * time.Millisecond
			got, err := fetch(t, hasty, server.URL)
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes of %d, %v", len(got), len(content), err)
			}
		})
	}
}

// TestSlowIsNotStalled: what moves may take longer than nothing may move.
func TestSlowIsNotStalled(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		for range 12 {
			_, _ = w.Write([]byte("."))
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}))
	defer server.Close()
	r := quick()
	r.Patience.Idle = time.Second
	got, err := fetch(t, r, server.URL)
	if err != nil || len(got) != 12 || asked.Load() != 1 {
		t.Errorf("%q, %v, asked %d times", got, err, asked.Load())
	}
}

// TestUploadStalls: a registry that does not take the bytes is told by name.
func TestUploadStalls(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(io.Discard, r.Body, 10)
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
		}
	}))
	defer server.CloseClientConnections()
	hasty := quick()
	hasty.Patience.Idle = 200 * time.Millisecond
	req, err := http.NewRequestWithContext(once(t.Context()), http.MethodPut, server.URL, bytes.NewReader(make([]byte, 64<<20)))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client(hasty).Do(req)
	if err == nil {
		resp.Body.Close()
	}
	wantError(t, err, "has moved no byte for 0.2 s")
}
