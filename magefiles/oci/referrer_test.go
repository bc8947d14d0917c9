package oci

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// papers are a document about each image of an index, and one about itself.
func papers(t *testing.T, index Index) []Artifact {
	t.Helper()
	top := digest(t, index)
	out := []Artifact{{
		Subject: top, Type: "application/vnd.in-toto+json", MediaType: "application/vnd.in-toto+json", Title: "provenance.json",
		Content: []byte(`{"about":"` + top + `"}`), Annotations: map[string]string{"kind": "provenance"},
	}}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, desc := range manifest.Manifests {
		out = append(out, Artifact{
			Subject: desc.Digest.String(), Type: "application/spdx+json", MediaType: "application/spdx+json",
			Title: desc.Platform.Architecture + ".spdx.json", Content: []byte(`{"for":"` + desc.Platform.String() + `"}`),
		})
	}
	return out
}

// modern is a registry with the referrers API.
func modern(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true)))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestArtifactsComeBack(t *testing.T) {
	t.Parallel()
	old := newRegistry(t)
	for kind, host := range map[string]string{"by tag": old.host, "by the API": modern(t)} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			index := build(t, twoPlatforms())
			p := Publication{Index: index, Tags: []string{host + "/app:1"}, Artifacts: papers(t, index)}
			got, err := Publish(t.Context(), p, quick())
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Attached) != 3 {
				t.Errorf("attached %+v", got.Attached)
			}
			for _, want := range p.Artifacts {
				list, err := Referrers(t.Context(), host+"/app@"+want.Subject, quick())
				// go-containerregistry's registry takes the config's type for the artifact's.
				if err != nil || len(list) != 1 || host == old.host && list[0].Type != want.Type {
					t.Fatalf("%s: %+v, %v", want.Title, list, err)
				}
				back, err := ReadArtifact(t.Context(), list[0].Ref, quick())
				if err != nil || !reflect.DeepEqual(back, want) {
					t.Errorf("got %+v\nwant %+v, %v", back, want, err)
				}
			}
			standIn := host + "/app:" + strings.Replace(digest(t, index), ":", "-", 1)
			if at := pointsAt(t, standIn); (at != "") != (host == old.host) {
				t.Errorf("%s points at %q", standIn, at)
			}
			pulled, err := Open(t.Context(), host+"/app:1", quick())
			if err != nil {
				t.Fatal(err)
			}
			if manifest, err := pulled.Index.IndexManifest(); err != nil || len(manifest.Manifests) != 2 || pulled.Digest != digest(t, index) {
				t.Errorf("the index has papers among its images: %+v, %v", manifest, err)
			}
		})
	}
}

func TestArtifactsAgainSendNothing(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	index := build(t, twoPlatforms())
	p := Publication{Index: index, Tags: []string{r.host + "/app:1"}, Artifacts: papers(t, index)}
	if _, err := Publish(t.Context(), p, quick()); err != nil {
		t.Fatal(err)
	}
	r.requests()
	if _, err := Publish(t.Context(), p, quick()); err != nil {
		t.Fatal(err)
	}
	requests := r.requests()
	if n := count(requests, "POST", "/blobs/") + count(requests, "PATCH", "") + count(requests, "PUT", "/blobs/") + count(requests, "PUT", "/manifests/sha256-"); n != 0 {
		t.Errorf("%d requests send what was there:\n%s", n, strings.Join(requests, "\n"))
	}
}

func TestArtifactsBeforeTags(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	index := build(t, twoPlatforms())
	other := build(t, onePlatform())
	r.set(func(req *http.Request) bool {
		return req.Method == "PUT" && strings.Contains(req.URL.Path, "/manifests/sha256-")
	}, nil)
	_, err := Publish(t.Context(), Publication{Index: index, Tags: []string{r.host + "/app:1"}, Artifacts: papers(t, index)}, quick())
	wantError(t, err, "no tag was moved")
	if at := pointsAt(t, r.host+"/app:1"); at != "" {
		t.Errorf("the tag points at %s", at)
	}
	for says, a := range map[string]Artifact{
		"neither the index": {Subject: digest(t, other), Type: "x/y", Title: "stray"},
		"no type":           {Subject: digest(t, index), Title: "untyped"},
	} {
		_, err := Publish(t.Context(), Publication{Index: index, Tags: []string{r.host + "/app:2"}, Artifacts: []Artifact{a}}, quick())
		wantError(t, err, says, a.Title)
	}
	_, err = Referrers(t.Context(), r.host+"/app:1", quick())
	wantError(t, err, "a digest is wanted")
}

// TestListIsNotLost: others write the list between our reading and writing it,
// and after it. What they wrote stays, and so does ours.
func TestListIsNotLost(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	index := build(t, onePlatform())
	repo, all := r.host+"/app", papers(t, index)[:1]
	for i := range 3 { // of three publishers, each with a document of its own
		more := all[0]
		more.Content = fmt.Appendf(nil, `{"by":%d}`, i)
		all = append(all, more)
	}
	// The first two times that the list is written, it is lost: what was there
	// before comes back, as if somebody had written who read it before.
	var lost atomic.Int32
	var before []byte
	var mu sync.Mutex
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method != "PUT" || !strings.Contains(req.URL.Path, "/manifests/sha256-") {
			return false
		}
		body, _ := io.ReadAll(req.Body)
		mu.Lock()
		defer mu.Unlock()
		if before == nil {
			before = body
		}
		if lost.Add(1) > 1 && lost.Load() < 4 {
			body = before
		}
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(string(body))), int64(len(body))
		return false
	})
	var wg sync.WaitGroup
	long := quick()
	long.Patience.First = 50 * time.Millisecond // longer than a busy machine keeps one of them waiting
	for _, a := range all {
		wg.Go(func() {
			p := Publication{Index: index, Repositories: []string{repo}, Artifacts: []Artifact{a}}
			if _, err := Publish(t.Context(), p, long); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if lost.Load() < 4 {
		t.Fatalf("the list was written %d times only", lost.Load())
	}
	list, err := Referrers(t.Context(), repo+"@"+digest(t, index), quick())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(all) {
		t.Errorf("%d of %d are listed: %+v", len(list), len(all), list)
	}
}

// TestRemovedStaysRemoved: an entry of others whose manifest is gone is not put
// back, and entries that are no business of ours stay.
func TestRemovedStaysRemoved(t *testing.T) {
	t.Parallel()
	entries := func(names ...string) []v1.Descriptor {
		var out []v1.Descriptor
		for _, n := range names {
			out = append(out, v1.Descriptor{Digest: v1.Hash{Algorithm: "sha256", Hex: strings.Repeat(n, 64)}})
		}
		return out
	}
	if got := lacking(entries("a", "b"), entries("b", "c")); !slices.EqualFunc(got, entries("c"), func(a, b v1.Descriptor) bool { return a.Digest == b.Digest }) {
		t.Errorf("lacking: %v", got)
	}
	r := newRegistry(t)
	ref, err := ParseReference(r.host + "/app:1")
	if err != nil {
		t.Fatal(err)
	}
	l := referrerList{repo: ref.Context(), remote: quick()}
	got, err := l.alive(t.Context(), entries("a", "b"), entries("b"))
	if err != nil || len(got) != 1 || got[0].Digest.Hex[0] != 'b' {
		t.Errorf("alive: %v, %v", got, err)
	}
}

// TestArtifactManifest holds the manifest against the image specification's example.
func TestArtifactManifest(t *testing.T) {
	t.Parallel()
	index := build(t, onePlatform())
	m, err := papers(t, index)[0].manifest(index)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(m.raw, &got); err != nil {
		t.Fatal(err)
	}
	config, _ := got["config"].(map[string]any)
	if got["artifactType"] != "application/vnd.in-toto+json" || config["mediaType"] != emptyConfigType ||
		config["digest"] != "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" {
		t.Errorf("%s", m.raw)
	}
}
