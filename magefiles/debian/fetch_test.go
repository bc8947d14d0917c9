package debian

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// put adds a file to the mirror and returns its digest.
func (m *fakeMirror) put(file, text string) digest {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files["/debian/"+file] = []byte(text)
	sum := sha256.Sum256([]byte(text))
	return digest{sha256: hex.EncodeToString(sum[:]), size: int64(len(text))}
}

func blobOf(t *testing.T, f Fetcher, d digest, paths ...string) (string, error) {
	t.Helper()
	name, err := f.blob(t.Context(), archiveMain, paths, d)
	if err != nil {
		return "", err
	}
	file, err := openShared(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	return string(data), err
}

func TestTemporaryFaultsAreRetried(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(http.ResponseWriter){
		"503":         func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"429":         func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"cut short":   func(w http.ResponseWriter) { w.Header().Set("Content-Length", "5"); _, _ = w.Write([]byte("he")) },
		"hung up":     func(w http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"not sized":   func(w http.ResponseWriter) { _, _ = w.Write([]byte("he")); w.(http.Flusher).Flush() },
		"proxy error": func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMirror(t)
			d := m.put("x", "hello")
			var mu sync.Mutex
			n := 0
			m.answer(func(w http.ResponseWriter, _ *http.Request) bool {
				mu.Lock()
				defer mu.Unlock()
				if n++; n <= 2 {
					fault(w)
					return true
				}
				return false
			})
			if got, err := blobOf(t, m.fetcher(t, nil), d, "x"); err != nil || got != "hello" {
				t.Errorf("got %q, %v", got, err)
			}
			m.answer(func(w http.ResponseWriter, _ *http.Request) bool { fault(w); return true })
			if _, err := blobOf(t, m.fetcher(t, nil), d, "x"); err == nil {
				t.Error("no error when the fault stays")
			}
			if m.count("/debian/x") < 3+tries { // net/http itself may ask once more
				t.Errorf("asked %d times", m.count("/debian/x"))
			}
		})
	}
}

func TestPermanentFaultsAreNot(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{403: "use another mirror", 404: "404 Not Found", 407: "HTTPS_PROXY"} {
		m := newMirror(t)
		d := m.put("x", "hello")
		m.answer(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(status); return true })
		_, err := blobOf(t, m.fetcher(t, nil), d, "x")
		wantError(t, err, want, m.url+"/debian/x")
		var gone *notFound
		if errors.As(err, &gone) != (status == 404) {
			t.Errorf("%d: gone or not: %v", status, err)
		}
		if m.count("/debian/x") != 1 {
			t.Errorf("%d: asked %d times", status, m.count("/debian/x"))
		}
	}
}

func TestNextMirrorAndNextPath(t *testing.T) {
	t.Parallel()
	bad, good := newMirror(t), newMirror(t)
	d := good.put("pool/x", "hello")
	bad.put("pool/x", "HELLO") // right size, wrong bytes
	f := good.fetcher(t, nil)
	f.Mirrors.Main = []string{bad.url + "/debian", good.url + "/debian/"}
	if got, err := blobOf(t, f, d, "by-hash/x", "pool/x"); err != nil || got != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
	f.Mirrors.Main, f.Cache = f.Mirrors.Main[:1], t.TempDir()
	_, err := blobOf(t, f, d, "pool/x")
	wantError(t, err, "SHA-256", "another mirror")
	if files, _ := filepath.Glob(filepath.Join(f.Cache, "sha256", "*", "*")); len(files) != 0 {
		t.Errorf("left in the cache: %q", files)
	}
	if files, _ := filepath.Glob(filepath.Join(f.Cache, "sha256", "*", ".part*")); len(files) != 0 {
		t.Errorf("left in the cache: %q", files)
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	m := newMirror(t)
	d := m.put("x", "hello")
	m.answer(func(w http.ResponseWriter, _ *http.Request) bool {
		w.(http.Flusher).Flush() // chunked, so no length is announced
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<16))
		return true
	})
	_, err := blobOf(t, m.fetcher(t, nil), d, "x")
	wantError(t, err, "more than the 5 bytes expected")
}

func TestCache(t *testing.T) {
	t.Parallel()
	m := newMirror(t)
	d := m.put("x", "hello")
	var log strings.Builder
	f := m.fetcher(t, &log)
	first, err := f.blob(t.Context(), archiveMain, []string{"x"}, d)
	if err != nil {
		t.Fatal(err)
	}
	offline := f
	offline.Mirrors = Mirrors{}
	if got, err := blobOf(t, offline, d, "x"); err != nil || got != "hello" {
		t.Errorf("offline: got %q, %v", got, err)
	}
	// A sum that is known is believed; another one is looked into.
	known := offline
	for _, sum := range []string{d.sha256, "of something else"} {
		asked := ""
		known.Sum = func(path string) (string, error) { asked = path; return sum, nil }
		if got, err := blobOf(t, known, d, "x"); err != nil || got != "hello" || asked != first {
			t.Errorf("with the sum %q: got %q, %v, asked for %q", sum, got, err, asked)
		}
	}
	// A damaged file is noticed, and replaced.
	if err := os.WriteFile(first, []byte("jello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := blobOf(t, f, d, "x"); err != nil || got != "hello" || !strings.Contains(log.String(), "damaged") {
		t.Errorf("got %q, %v; log: %s", got, err, &log)
	}
	if m.count("/debian/x") != 2 {
		t.Errorf("asked %d times", m.count("/debian/x"))
	}
}

func TestCacheIsShared(t *testing.T) {
	t.Parallel()
	m := newMirror(t)
	d := m.put("x", strings.Repeat("hello", 1<<14))
	f := m.fetcher(t, nil)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if got, err := blobOf(t, f, d, "x"); err != nil || len(got) != 5<<14 {
				t.Errorf("got %d bytes, %v", len(got), err)
			}
		})
	}
	wg.Wait()
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	m := newMirror(t)
	d := m.put("x", "hello")
	ctx, cancel := context.WithCancel(t.Context())
	m.answer(func(w http.ResponseWriter, r *http.Request) bool {
		cancel()
		<-r.Context().Done()
		return true
	})
	f := m.fetcher(t, nil)
	f.Mirrors.Main = append(f.Mirrors.Main, f.Mirrors.Main...)
	start := time.Now()
	_, err := f.blob(ctx, archiveMain, []string{"x"}, d)
	if !errors.Is(err, context.Canceled) || time.Since(start) > 10*time.Second {
		t.Errorf("got %v after %v", err, time.Since(start))
	}
	if m.count("/debian/x") != 1 {
		t.Errorf("asked %d times", m.count("/debian/x"))
	}
}
