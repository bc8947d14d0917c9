//go:build e2e

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// githubCache is the service behind type=gha, as runners offer it: entries are
// reserved, written in pieces, committed, and found by the beginning of a key.
type githubCache struct {
	*httptest.Server
	sync.Mutex
	keys  []string // number i has id i+1
	bytes []*bytes.Buffer
	ready []bool
	found int
}

const githubCachePath = "/_apis/artifactcache/"

func newGitHubCache(t *testing.T) *githubCache {
	t.Helper()
	g := &githubCache{}
	g.Server = httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(g.Close)
	return g
}

// env is what a workflow's step has. The token is read for its scopes and times;
// nobody here checks its signature.
func (g *githubCache) env() []string {
	part := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	token := part(map[string]string{"alg": "none", "typ": "JWT"}) + "." + part(map[string]any{
		"ac": `[{"Scope":"refs/heads/main","Permission":3}]`, "nbf": time.Now().Add(-time.Hour).Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}) + "."
	return []string{"ACTIONS_RUNTIME_TOKEN=" + token, "ACTIONS_CACHE_URL=" + g.URL + "/", "ACTIONS_RESULTS_URL=", "ACTIONS_CACHE_SERVICE_V2=false"}
}

func (g *githubCache) serve(w http.ResponseWriter, r *http.Request) {
	g.Lock()
	defer g.Unlock()
	what := strings.TrimPrefix(r.URL.Path, githubCachePath)
	id, _ := strconv.Atoi(strings.TrimPrefix(what, "caches/"))
	switch {
	case r.Method == http.MethodGet && what == "cache":
		g.find(w, strings.Split(r.URL.Query().Get("keys"), ","))
	case r.Method == http.MethodGet && id > 0 && id <= len(g.bytes):
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(g.bytes[id-1].Bytes()))
	case r.Method == http.MethodPost && what == "caches":
		var asked struct{ Key string }
		_ = json.NewDecoder(r.Body).Decode(&asked)
		g.keys, g.bytes, g.ready = append(g.keys, asked.Key), append(g.bytes, new(bytes.Buffer)), append(g.ready, false)
		_, _ = fmt.Fprintf(w, `{"cacheId":%d}`, len(g.keys))
	case r.Method == http.MethodPatch && id > 0 && id <= len(g.bytes):
		text, _ := io.ReadAll(r.Body)
		var from int
		_, _ = fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-", &from)
		b := g.bytes[id-1]
		if need := from + len(text) - b.Len(); need > 0 { // pieces come in any order
			b.Write(make([]byte, need))
		}
		copy(b.Bytes()[from:], text)
	case r.Method == http.MethodPost && id > 0 && id <= len(g.bytes):
		g.ready[id-1] = true
	default:
		http.NotFound(w, r)
	}
}

// find answers with the youngest entry whose key begins as asked.
func (g *githubCache) find(w http.ResponseWriter, keys []string) {
	for _, key := range keys {
		for i := len(g.keys) - 1; i >= 0; i-- {
			if g.ready[i] && strings.HasPrefix(g.keys[i], key) {
				g.found++
				_, _ = fmt.Fprintf(w, `{"cacheKey":%q,"scope":"refs/heads/main","archiveLocation":"%s%scaches/%d"}`, g.keys[i], g.URL, githubCachePath, i+1)
				return
			}
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// TestBuildxGitHubCache: what one runner has built, the next one takes from
// GitHub's cache.
func TestBuildxGitHubCache(t *testing.T) {
	c, g := world.main.with("ACTIONS_RUNTIME_TOKEN="), newGitHubCache(t)
	work := "FROM --platform=$BUILDPLATFORM scratch AS work\nCOPY --chmod=755 e2e-tiny/amd64 /work\nRUN [\"/work\",\"1\"]\n"
	c.dockerfile(t, work+fmt.Sprintf(tinyEnd, "$TARGETARCH")+"COPY --from=work /done.txt /opt/\n")
	args := []string{"images", "-engine=buildx", "-cacheFrom=gha", "-cacheTo=gha"}
	c.with(builder(t, "laptop", buildkits(t, 1))...).refused(t, []string{"ACTIONS_RUNTIME_TOKEN", "ghaction-github-runtime"}, args...)
	for i, from := range []bool{false, true} {
		socket, _ := newBuildkit(t)
		c.with(builder(t, "runner", []string{socket})...).with(g.env()...).must(t, args...)
		text := c.read(t, "dist/logs/dockerfile.log")
		if ran := strings.Contains(text, "second 0"); ran == from {
			t.Errorf("runner %d: the step ran: %v\n%s", i, ran, text)
		}
	}
	if len(g.keys) == 0 || g.found == 0 {
		t.Errorf("%d entries were written, %d read", len(g.keys), g.found)
	}
}
