package oci

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

func TestRetryAfterHeader(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, " 120 ": 2 * time.Minute, "-3": 0, "soon": 0, "1.5": 0, "99999999999": 0,
		"Thu, 29 Feb 2024 12:00:30 GMT": 30 * time.Second,
		"Thu, 29 Feb 2024 11:00:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {header}}, now); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}

// answering answers requests for tag "x" with each status in turn, and then as
// the registry does.
func answering(r *testRegistry, header http.Header, statuses ...int) *atomic.Int32 {
	var asked atomic.Int32
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		if !strings.HasSuffix(req.URL.Path, "/manifests/x") {
			return false
		}
		n := int(asked.Add(1))
		if n > len(statuses) {
			return false
		}
		for key, values := range header {
			w.Header()[key] = values
		}
		http.Error(w, "broken", statuses[n-1])
		return true
	})
	return &asked
}

func TestWhatIsAskedAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		statuses []int
		attempts int32
		fails    string
	}{
		{[]int{408, 429, 500, 502, 503}, 6, ""},
		{[]int{499, 504, 501, 522}, 5, ""},
		{slices.Repeat([]int{503}, 9), 6, "after 6 attempts in"},
		{slices.Repeat([]int{400}, 9), 1, "400"},
		{slices.Repeat([]int{401}, 9), 1, "401"},
		{slices.Repeat([]int{403}, 9), 1, "403"},
		{slices.Repeat([]int{404}, 9), 1, "404"},
		{[]int{500, 403, 500}, 2, "403"},
	} {
		t.Run(fmt.Sprint(test.statuses), func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			ref := r.host + "/app:x"
			if _, err := Publish(t.Context(), Publication{Index: build(t, onePlatform()), Tags: []string{ref}}, quick()); err != nil {
				t.Fatal(err)
			}
			asked := answering(r, nil, test.statuses...)
			six := quick()
			six.Patience.Attempts = 6
			_, err := Open(t.Context(), ref, six)
			if got := asked.Load(); got != test.attempts {
				t.Errorf("%d attempts, want %d", got, test.attempts)
			}
			if test.fails != "" {
				wantError(t, err, test.fails)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRetryAfterIsKept: a registry is not asked before the time that it names,
// and one that asks for more than there is, is given up at once.
func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	asked := answering(r, http.Header{"Retry-After": {"3600"}}, 429, 429, 429)
	_, err := Open(t.Context(), r.host+"/app:x", quick())
	wantError(t, err, "429", "after 1 attempt in", "too long to wait")
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
	var waits []Waiting
	patient := quick()
	patient.Waiting = func(w Waiting) { waits = append(waits, w) }
	asked = answering(r, http.Header{"Retry-After": {"1"}}, 429)
	_, err = Open(t.Context(), r.host+"/app:x", patient)
	wantError(t, err, "NAME_UNKNOWN")
	if asked.Load() != 2 || len(waits) != 1 || waits[0].Wait < time.Second || !strings.Contains(waits[0].Cause, "429") {
		t.Errorf("asked %d times, waited for %+v", asked.Load(), waits)
	}
}

// TestInterruptEndsWaiting would take an hour if the wait did not end with its context.
func TestInterruptEndsWaiting(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	answering(r, nil, 503, 503)
	ctx, cancel := context.WithCancel(t.Context())
	slow := Remote{Patience: Patience{First: time.Hour, Longest: time.Hour, Total: 2 * time.Hour}, Waiting: func(Waiting) { cancel() }}
	_, err := Open(ctx, r.host+"/app:x", slow)
	wantError(t, err, "503", "context canceled", "after 1 attempt in")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is no context.Canceled", err)
	}
}

func TestMayPass(t *testing.T) {
	t.Parallel()
	status := func(code int) error { return &transport.Error{StatusCode: code} }
	for _, test := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{errors.New("x509: certificate signed by unknown authority"), false},
		{status(503), true},
		{status(401), false},
		{status(400), false},
		{fmt.Errorf("over there: %w", status(429)), true},
		{&gaveUp{err: status(503)}, false},
		{errors.New("http2: server sent GOAWAY and closed the connection"), true},
		{&idleError{}, true},
	} {
		if got := mayPass(t.Context(), test.err); got != test.want {
			t.Errorf("%v: %v", test.err, got)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if mayPass(ended, status(503)) {
		t.Error("after an interrupt nothing is tried again")
	}
}

// uploads is a push of one image in which the registry does something to the
// requests of uploads, and what came of it.
func uploads(t *testing.T, edit func(inner http.Handler, w http.ResponseWriter, r *http.Request, n int) bool) (Pushed, []string, error) {
	t.Helper()
	r := newRegistry(t)
	var mu sync.Mutex
	times := map[string]int{}
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method != http.MethodPut || !strings.Contains(req.URL.Path, "/uploads/") {
			return false
		}
		mu.Lock()
		digest := req.URL.Query().Get("digest")
		times[digest]++
		n := times[digest]
		mu.Unlock()
		return edit(r.inner, w, req, n)
	})
	six := quick()
	six.Jobs, six.Patience.Attempts = 1, 6
	got, err := Publish(t.Context(), Publication{Index: build(t, onePlatform(layer("a", "1"))), Tags: []string{r.host + "/app:1"}}, six)
	if err != nil {
		return Pushed{}, r.requests(), err
	}
	return got.Pushed[0], r.requests(), nil
}

// TestLostAnswerIsNotSentAgain: the registry has the blob, and we did not hear
// of it. It is asked for, and not a byte is sent twice.
func TestLostAnswerIsNotSentAgain(t *testing.T) {
	t.Parallel()
	plain, _, err := uploads(t, func(http.Handler, http.ResponseWriter, *http.Request, int) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]func(http.ResponseWriter){
		"connection lost": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"upload unknown": func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"who is that"}]}`)
		},
		"gateway": func(w http.ResponseWriter) { w.WriteHeader(http.StatusGatewayTimeout) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, requests, err := uploads(t, func(inner http.Handler, w http.ResponseWriter, r *http.Request, _ int) bool {
				inner.ServeHTTP(discard{http.Header{}}, r)
				answer(w)
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
			if got.Sent != plain.Sent || count(requests, "PUT", "/uploads/") != 2 {
				t.Errorf("%d bytes in %d requests, want %d in 2", got.Sent, count(requests, "PUT", "/uploads/"), plain.Sent)
			}
		})
	}
}

// discard is a ResponseWriter for an answer that gets lost.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// TestDamagedOnItsWay: bytes that the registry finds to be others than we say are
// sent once more, and then no more.
func TestDamagedOnItsWay(t *testing.T) {
	t.Parallel()
	refuse := func(w http.ResponseWriter) bool {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content"}]}`)
		return true
	}
	_, requests, err := uploads(t, func(_ http.Handler, w http.ResponseWriter, _ *http.Request, n int) bool { return n == 1 && refuse(w) })
	if err != nil || count(requests, "PUT", "/uploads/") != 4 {
		t.Errorf("%d requests, %v", count(requests, "PUT", "/uploads/"), err)
	}
	_, requests, err = uploads(t, func(_ http.Handler, w http.ResponseWriter, _ *http.Request, _ int) bool { return refuse(w) })
	wantError(t, err, "DIGEST_INVALID", "no tag was moved")
	if count(requests, "PUT", "/uploads/") != 2 {
		t.Errorf("%d requests", count(requests, "PUT", "/uploads/"))
	}
}

// TestOwnFileIsDamaged: what is broken here is not sent again and again.
func TestOwnFileIsDamaged(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	dir := t.TempDir()
	index := buildIn(t, dir, onePlatform(layer("a", "1")))
	p := partOf(t, index)
	breakFile(t, Cache{Dir: dir}.blobFile(p), nil)
	_, err := Publish(t.Context(), Publication{Index: index, Tags: []string{r.host + "/app:1"}}, quick())
	wantError(t, err, "reading what shall be sent", "no tag was moved")
	if n := count(r.requests(), "POST", "/uploads/"); n > 2 {
		t.Errorf("%d uploads were begun", n)
	}
}

// partOf is the digest of the first layer.
func partOf(t *testing.T, index Index) v1.Hash {
	t.Helper()
	images, err := imagesOf(index)
	if err != nil {
		t.Fatal(err)
	}
	m, err := images[0].Manifest()
	if err != nil {
		t.Fatal(err)
	}
	return m.Layers[0].Digest
}
