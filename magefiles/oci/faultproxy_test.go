package oci

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// The faults that registries, and what stands before them, have been seen with.
const (
	faultReset     = "connection reset"
	faultStall     = "stall"
	fault429       = "429 Retry-After"
	fault5xx       = "500-504"
	faultUpload    = "truncated upload"
	faultDownload  = "truncated download"
	faultDuplicate = "duplicated commit"
	faultVanish    = "blob vanishes"
	faultDigest    = "wrong digest"
	faultMixed     = "any of them"
)

func faultKinds() []string {
	return []string{faultReset, faultStall, fault429, fault5xx, faultUpload, faultDownload, faultDuplicate, faultVanish, faultDigest}
}

// faultProxy stands between a client and a registry. It wants a password, and
// tells it to everybody in its errors, as badly made proxies do. Which request
// fails how is told by a seed and by the request alone, not by their order.
type faultProxy struct {
	host, target string
	secrets      []string

	mu       sync.Mutex
	armed    string // a kind; "" lets everything through
	rate     float64
	seed     uint64
	times    map[string]uint64 // of each request
	uploaded []string          // addresses of blobs that came since it was armed
	hits     int
}

const proxyUser, proxyPassword = "robot", "hunter2-is-my-secret"

func newFaultProxy(t *testing.T, target string) *faultProxy {
	t.Helper()
	p := &faultProxy{target: target}
	p.secrets = []string{proxyPassword, base64.StdEncoding.EncodeToString([]byte(proxyUser + ":" + proxyPassword)), "signed-by-storage"}
	server := httptest.NewUnstartedServer(p)
	server.Start()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	p.host = strings.TrimPrefix(server.URL, "http://")
	return p
}

// arm sets what happens from now on, and tells how often something did before.
func (p *faultProxy) arm(kind string, rate float64, seed uint64) (hits int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	hits = p.hits
	p.armed, p.rate, p.seed, p.hits = kind, rate, seed, 0
	p.times, p.uploaded = make(map[string]uint64), nil
	return hits
}

var (
	uploadName = regexp.MustCompile(`/uploads/[^?]+.*`)
	repoName   = regexp.MustCompile(`^/v2/[^/]+/`)
)

// choose says what happens to a request: a kind of fault or "", and a number to
// decide details by.
func (p *faultProxy) choose(r *http.Request) (string, uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.armed == "" {
		return "", 0
	}
	key := r.Method + repoName.ReplaceAllString(uploadName.ReplaceAllString(r.URL.Path, "/uploads/X"), "/") + r.URL.Query().Get("digest")
	p.times[key]++
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %d", p.seed, key, p.times[key])
	n := h.Sum64()
	n ^= n >> 29
	n *= 0xbf58476d1ce4e5b9
	n ^= n >> 32
	kind := p.armed
	if kind == faultMixed {
		kind = faultKinds()[n>>8%uint64(len(faultKinds()))]
	}
	if float64(n%1000) >= p.rate*1000 || !applies(kind, r) {
		return "", n >> 20
	}
	p.hits++
	return kind, n >> 20
}

func applies(kind string, r *http.Request) bool {
	commit := r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/uploads/")
	manifest := strings.Contains(r.URL.Path, "/manifests/")
	switch kind {
	case faultUpload:
		return commit
	case faultDownload:
		return r.Method == http.MethodGet && manifest
	case faultDuplicate:
		return r.Method == http.MethodPut
	case faultVanish:
		return r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/sha256:")
	case faultDigest:
		return commit || manifest && r.Method == http.MethodGet || r.Method == http.MethodHead && strings.Contains(r.URL.Path, "/blobs/")
	}
	return true
}

func (p *faultProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, n := p.choose(r)
	before := n%2 == 0
	switch {
	case kind == faultReset && before:
		reset(w)
	case kind == faultStall && before:
		stall(r)
	case kind == fault429:
		w.Header().Set("Retry-After", p.comeBack(n))
		p.complain(w, r, http.StatusTooManyRequests, "TOOMANYREQUESTS")
	case kind == fault5xx:
		p.complain(w, r, 500+int(n%5), "UNKNOWN")
	case r.Header.Get("Authorization") != "Basic "+p.secrets[1]:
		w.Header().Set("WWW-Authenticate", `Basic realm="proxy"`)
		p.complain(w, r, http.StatusUnauthorized, "UNAUTHORIZED")
	default:
		p.forward(w, r, kind, n)
	}
}

// comeBack is a second in some cases, and soon in most.
func (p *faultProxy) comeBack(n uint64) string {
	switch {
	case n%16 == 0:
		return "1"
	case n%3 == 0:
		return time.Now().Add(-time.Minute).UTC().Format(http.TimeFormat)
	}
	return "0"
}

// complain answers with an error that has everything in it that it should not.
func (p *faultProxy) complain(w http.ResponseWriter, r *http.Request, status int, code string) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errors":[{"code":%q,"message":"Authorization: %s (%s) at http://%s:%s@registry/?sig=%s"}]}`,
		code, r.Header.Get("Authorization"), proxyPassword, proxyUser, proxyPassword, "signed-by-storage")
}

func reset(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// stall answers never.
func stall(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // so that it is seen when the client goes
	select {
	case <-r.Context().Done():
	case <-time.After(time.Minute):
	}
	panic(http.ErrAbortHandler)
}
