package oci

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// pointsAt says what a tag of the test registry points at, "" for nothing.
func pointsAt(t *testing.T, ref string) string {
	t.Helper()
	source, err := Open(t.Context(), ref, quick())
	if err != nil {
		if strings.Contains(err.Error(), "404") || strings.Contains(err.Error(), "UNKNOWN") {
			return ""
		}
		t.Fatal(err)
	}
	return source.Digest
}

func TestPublishMovesTagsLast(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	repo := r.host + "/team/app"
	first, second := build(t, onePlatform(layer("a", "1"))), build(t, twoPlatforms())
	if _, err := Publish(t.Context(), Publication{Index: first, Tags: []string{repo + ":latest"}}, quick()); err != nil {
		t.Fatal(err)
	}
	r.requests()

	got, err := Publish(t.Context(), Publication{
		Index:     second,
		Tags:      []string{repo + ":latest", repo + ":1.2", repo + ":1", repo + ":1.2"},
		Platforms: []string{"linux/arm64", "linux/amd64"},
	}, quick())
	if err != nil {
		t.Fatal(err)
	}
	want := []MovedTag{{repo + ":1.2", ""}, {repo + ":1", ""}, {repo + ":latest", digest(t, first)}}
	if !slices.Equal(got.Tags, want) || got.Digest != digest(t, second) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	wantOrder(t, r.requests(), digest(t, second))
	for _, tag := range want {
		if at := pointsAt(t, tag.Ref); at != got.Digest {
			t.Errorf("%s points at %s", tag.Ref, at)
		}
	}
	pulled, err := Open(t.Context(), got.Pushed[0].Ref, quick())
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(pulled.Index); err != nil {
		t.Error(err)
	}
}

// wantOrder wants blobs before manifests, manifests before reading back, and
// only then the tags, with latest at the end.
func wantOrder(t *testing.T, requests []string, index string) {
	t.Helper()
	first := func(part string) int {
		return slices.IndexFunc(requests, func(line string) bool { return strings.Contains(line, part) })
	}
	put := "PUT /v2/team/app/manifests/"
	steps := []int{
		first("/blobs/uploads/"), first(put + "sha256"), first(put + index), first("GET /v2/team/app/manifests/" + index),
		first("HEAD /v2/team/app/manifests/1.2"), first(put + "1.2"), first("GET /v2/team/app/manifests/1.2"),
		slices.Index(requests, put+"1"), first(put + "latest"), first("GET /v2/team/app/manifests/latest"),
	}
	if steps[0] < 0 || !slices.IsSorted(steps) {
		t.Errorf("order %v of\n%s", steps, strings.Join(requests, "\n"))
	}
}

func TestPublishTwiceSendsNothing(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	p := Publication{Index: build(t, twoPlatforms()), Tags: []string{r.host + "/app:1", r.host + "/copy:1"}}
	first, err := Publish(t.Context(), p, quick())
	if err != nil {
		t.Fatal(err)
	}
	second, err := Publish(t.Context(), p, quick())
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Pushed) != 2 || first.Pushed[0].Sent == 0 || first.Pushed[0].Reused != 0 {
		t.Errorf("first: %+v", first)
	}
	for i, again := range second.Pushed {
		if again.Sent != 0 || again.Reused != first.Pushed[0].Sent || second.Tags[i].Previous != first.Digest {
			t.Errorf("second: %+v", second)
		}
	}
}

func TestPublishFailsBeforeTheTags(t *testing.T) {
	t.Parallel()
	put := func(part string) func(*http.Request) bool {
		return func(req *http.Request) bool { return req.Method == "PUT" && strings.Contains(req.URL.Path, part) }
	}
	for name, test := range map[string]struct {
		fail func(*http.Request) bool
		edit func(http.ResponseWriter, *http.Request) bool
		says string
	}{
		"blob upload":  {fail: put("/blobs/uploads/"), says: "sending blob"},
		"manifest PUT": {fail: put("/manifests/sha256"), says: "sending manifest"},
		"read back": {
			fail: func(r *http.Request) bool { return r.Method == "GET" && strings.Contains(r.URL.Path, "/manifests/") },
			says: "reading back manifest",
		},
		"other bytes": {edit: func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == "GET" && strings.Contains(r.URL.Path, "/manifests/") {
				w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
				_, _ = w.Write([]byte(`{"schemaVersion":2,"manifests":[]}`))
				return true
			}
			return false
		}, says: "reading back manifest"},
		"blob vanishes": {edit: vanish(), says: "after it was pushed: it is not in the registry"},
		"previous tag": {
			fail: func(r *http.Request) bool { return r.Method == "HEAD" && strings.HasSuffix(r.URL.Path, "/latest") },
			says: "asking what",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			tags := []string{r.host + "/app:latest", r.host + "/app:2"}
			old := Publication{Index: build(t, onePlatform()), Tags: tags[:1]}
			if _, err := Publish(t.Context(), old, quick()); err != nil {
				t.Fatal(err)
			}
			r.set(test.fail, test.edit)
			got, err := Publish(t.Context(), Publication{Index: build(t, twoPlatforms()), Tags: tags}, quick())
			wantError(t, err, test.says, "no tag was moved")
			r.set(nil, nil)
			if len(got.Tags) != 0 || pointsAt(t, tags[0]) != digest(t, old.Index) || pointsAt(t, tags[1]) != "" {
				t.Errorf("a tag has moved: %+v", got)
			}
		})
	}
}

// vanish says that a blob is not there once manifests were sent.
func vanish() func(http.ResponseWriter, *http.Request) bool {
	var manifests atomic.Bool
	return func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/manifests/sha256") {
			manifests.Store(true)
		}
		if !manifests.Load() || r.Method != "HEAD" || !strings.Contains(r.URL.Path, "/blobs/") {
			return false
		}
		w.WriteHeader(http.StatusNotFound)
		return true
	}
}

func TestPublishSaysWhichTagsMoved(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	r.set(func(req *http.Request) bool { return req.Method == "PUT" && strings.HasSuffix(req.URL.Path, "/latest") }, nil)
	got, err := Publish(t.Context(), Publication{Index: build(t, twoPlatforms()), Tags: []string{r.host + "/app:latest", r.host + "/app:1"}}, quick())
	wantError(t, err, "/app:latest", "1 of 2 were moved before it")
	if len(got.Tags) != 1 || got.Tags[0].Ref != r.host+"/app:1" {
		t.Errorf("moved: %+v", got.Tags)
	}
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	index, tag := build(t, twoPlatforms()), r.host+"/app:1"
	for says, p := range map[string]Publication{
		"no tag":    {Index: index},
		"no tag;":   {Index: index, Tags: []string{r.host + "/app"}},
		"is wanted": {Index: index, Tags: []string{r.host + "/app@" + digest(t, index)}},
		"it has linux/amd64, linux/arm64, and linux/amd64 was asked": {Index: index, Tags: []string{tag}, Platforms: []string{"linux/amd64"}},
	} {
		_, err := Publish(t.Context(), p, quick())
		wantError(t, err, says)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Publish(cancelled, Publication{Index: index, Tags: []string{tag}}, quick())
	wantError(t, err, "context canceled")
	if got := r.requests(); len(got) != 0 {
		t.Errorf("the registry was asked: %v", got)
	}
}

func TestCheckPushPermission(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	if err := CheckPushPermission(t.Context(), []string{r.host + "/app:1", r.host + "/app:2"}, quick()); err != nil {
		t.Fatal(err)
	}
	if n := count(r.requests(), "POST", "/v2/app/blobs/uploads/"); n != 1 {
		t.Errorf("asked %d times for one repository", n)
	}
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method == "POST" {
			http.Error(w, `{"errors":[{"code":"DENIED","message":"requested access is denied"}]}`, http.StatusForbidden)
		}
		return req.Method == "POST"
	})
	wantError(t, CheckPushPermission(t.Context(), []string{r.host + "/app:1"}, quick()), "permission to push", "docker login "+r.host)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, CheckPushPermission(cancelled, []string{r.host + "/app:1"}, quick()), "context canceled")
}

// TestNoRegistryThere: who is not there cannot be logged in to.
func TestNoRegistryThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	host := strings.TrimPrefix(server.URL, "http://")
	server.Close()
	err := CheckPushPermission(t.Context(), []string{host + "/app:1"}, quick())
	wantError(t, err, "permission to push", "can it be reached")
	if strings.Contains(err.Error(), "docker login") {
		t.Errorf("it says to log in: %v", err)
	}
}
