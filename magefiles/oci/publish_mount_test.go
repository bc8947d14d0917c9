package oci

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// scoped makes a repository of the registry have only what was put into it, as
// in real ones. Mount says what it answers to being asked for a blob of another.
func scoped(r *testRegistry, repo string, mount func(w http.ResponseWriter) (done bool)) {
	var mu sync.Mutex
	has := map[string]bool{}
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		path, ours := strings.CutPrefix(req.URL.Path, "/v2/"+repo+"/blobs/")
		mu.Lock()
		defer mu.Unlock()
		query := req.URL.Query()
		switch {
		case !ours:
		case req.Method == http.MethodHead && !has[path]:
			w.WriteHeader(http.StatusNotFound)
			return true
		case req.Method == http.MethodPut:
			has[query.Get("digest")] = true
		case req.Method == http.MethodPost && query.Get("from") == "app" && mount(w):
			has[query.Get("mount")] = true
			return true
		}
		if req.Method == http.MethodPost {
			req.URL.RawQuery = "" // the registry below would mount it
		}
		return false
	})
}

// TestSecondRepositoryMounts: what was sent to one repository is taken over by
// the next in the same registry, where that knows how to.
func TestSecondRepositoryMounts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mount func(http.ResponseWriter) bool
		sends bool
	}{
		"mounted":     {func(w http.ResponseWriter) bool { w.WriteHeader(http.StatusCreated); return true }, false},
		"not offered": {func(http.ResponseWriter) bool { return false }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			scoped(r, "copy", test.mount)
			got, err := Publish(t.Context(), Publication{Index: build(t, twoPlatforms()), Tags: []string{r.host + "/app:1", r.host + "/copy:1"}}, quick())
			if err != nil {
				t.Fatal(err)
			}
			first, second := got.Pushed[0], got.Pushed[1]
			if first.Sent == 0 || (second.Sent > 0) != test.sends || second.Sent+second.Reused != first.Sent {
				t.Errorf("%+v, %+v", first, second)
			}
		})
	}
}

// TestMountIsRefused: to some registries the mere question is an error.
func TestMountIsRefused(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	var asked int
	scoped(r, "copy", func(http.ResponseWriter) bool { return false })
	inner := r.edit
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		if req.URL.Query().Get("mount") != "" {
			asked++
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		return inner(w, req)
	})
	one := quick()
	one.Jobs = 1
	got, err := Publish(t.Context(), Publication{Index: build(t, twoPlatforms()), Tags: []string{r.host + "/app:1", r.host + "/copy:1"}}, one)
	if err != nil || got.Pushed[1].Sent != got.Pushed[0].Sent || asked != 5 {
		t.Errorf("%+v, asked %d times, %v", got, asked, err)
	}
}

// TestPublishByDigest: a part of an image gets no tag.
func TestPublishByDigest(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	index := build(t, twoPlatforms())
	got, err := Publish(t.Context(), Publication{Index: index, Repositories: []string{r.host + "/app", r.host + "/app"}}, quick())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Pushed) != 1 || got.Pushed[0].Ref != r.host+"/app@"+digest(t, index) || len(got.Tags) != 0 {
		t.Errorf("%+v", got)
	}
	if puts := count(r.requests(), "PUT", "/manifests/"); puts != 3 {
		t.Errorf("%d manifests were put", puts)
	}
	if v, err := Verify(t.Context(), got.Pushed[0].Ref, quick(), true); err != nil || v.Err() != nil {
		t.Error(err, v.Err())
	}
	for _, bad := range []string{r.host + "/app:1", r.host + "/app@" + digest(t, index), "Upper/app"} {
		if _, err := Publish(t.Context(), Publication{Index: index, Repositories: []string{bad}}, quick()); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

// TestTagThatIsThereIsLeftAlone: registries with immutable tags refuse even what
// would change nothing, and a build that is run again must not fail by that.
func TestTagThatIsThereIsLeftAlone(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	p := Publication{Index: build(t, twoPlatforms()), Tags: []string{r.host + "/app:1", r.host + "/app:2"}}
	if _, err := Publish(t.Context(), Publication{Index: p.Index, Tags: p.Tags[:1]}, quick()); err != nil {
		t.Fatal(err)
	}
	r.requests()
	got, err := Publish(t.Context(), p, quick())
	if err != nil {
		t.Fatal(err)
	}
	puts := slices.DeleteFunc(r.requests(), func(line string) bool {
		return !strings.HasPrefix(line, "PUT /v2/app/manifests/") || strings.Contains(line, "sha256:")
	})
	if !slices.Equal(puts, []string{"PUT /v2/app/manifests/2"}) {
		t.Errorf("%q", puts)
	}
	want := []MovedTag{{p.Tags[0], got.Digest}, {p.Tags[1], ""}}
	if !slices.Equal(got.Tags, want) {
		t.Errorf("%+v", got.Tags)
	}
}

// TestOvertaken: whose tag was moved on by somebody else hears of it, and is told
// no way back, which would be over the other one's image.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	ours, theirs := build(t, twoPlatforms()), build(t, onePlatform(layer("b", "2")))
	tags := []string{r.host + "/app:1", r.host + "/app:latest"}
	if _, err := Publish(t.Context(), Publication{Index: theirs, Tags: tags}, quick()); err != nil {
		t.Fatal(err)
	}
	if _, err := Publish(t.Context(), Publication{Index: build(t, onePlatform()), Tags: tags}, quick()); err != nil {
		t.Fatal(err)
	}
	raw, err := theirs.RawManifest()
	if err != nil {
		t.Fatal(err)
	}
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method != http.MethodPut || !strings.HasSuffix(req.URL.Path, "/manifests/latest") {
			return false
		}
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw)) // theirs comes right after ours
		return false
	})
	got, err := Publish(t.Context(), Publication{Index: ours, Tags: tags}, quick())
	wantError(t, err, "somebody else has published", digest(t, ours), digest(t, theirs), "1 of 2 were moved before it")
	if len(got.Tags) != 1 || got.Tags[0].Ref != tags[0] {
		t.Errorf("%+v", got.Tags)
	}
}
