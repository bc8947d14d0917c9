package oci

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// foreignImage is an image as Docker makes them: schema 2, and a config with
// variables and with a history that has lines without a layer.
func foreignImage(t *testing.T, arch, variant string) v1.Image {
	t.Helper()
	image, err := random.Image(2000, 2)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config.OS, config.Architecture, config.Variant, config.Author = "linux", arch, variant, "somebody"
	config.Config.Env = []string{"PATH=/usr/bin", "LANG=C"}
	config.History = append(config.History, v1.History{CreatedBy: "CMD", EmptyLayer: true})
	if image, err = mutate.ConfigFile(image, config); err != nil {
		t.Fatal(err)
	}
	return image
}

// pushBase puts an index into the registry as BuildKit would: with arm64/v8,
// and with an attestation that is for no platform at all.
func pushBase(t *testing.T, r *testRegistry) string {
	t.Helper()
	add := func(image v1.Image, p v1.Platform) mutate.IndexAddendum {
		return mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &p}}
	}
	index := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.DockerManifestList),
		add(foreignImage(t, "amd64", ""), v1.Platform{OS: "linux", Architecture: "amd64"}),
		add(foreignImage(t, "arm64", "v8"), v1.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}),
		add(foreignImage(t, "unknown", ""), v1.Platform{OS: "unknown", Architecture: "unknown"}))
	ref := r.host + "/library/base:1"
	tag, err := name.NewTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(tag, index); err != nil {
		t.Fatal(err)
	}
	r.requests()
	return ref
}

func openBase(t *testing.T, ref string) *Source {
	t.Helper()
	base, err := Open(t.Context(), ref, quick())
	if err != nil {
		t.Fatal(err)
	}
	return base
}

func onBase(base *Source) Plan {
	plan := twoPlatforms()
	for i := range plan.Images {
		plan.Images[i].Base = base
	}
	return plan
}

// isolate makes the registry keep repositories apart, which the one of
// go-containerregistry does not: a blob is in app only when mounted or sent.
func isolate(r *testRegistry, blobs []string) {
	var mu sync.Mutex
	there := make(map[string]bool)
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		switch query := req.URL.Query(); {
		case req.Method == http.MethodHead && strings.Contains(req.URL.Path, "/app/blobs/"):
			digest := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
			if slices.Contains(blobs, digest) && !there[digest] {
				w.WriteHeader(http.StatusNotFound)
				return true
			}
		case req.Method == http.MethodPost && query.Get("from") == "library/base":
			there[query.Get("mount")] = true
			w.WriteHeader(http.StatusCreated)
			return true
		}
		return false
	})
}

func TestBaseIsInheritedAndNeverDownloadedForAPush(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	ref := pushBase(t, r)
	base := openBase(t, ref)
	index := build(t, onBase(base))
	requests := r.requests()
	if n := count(requests, "GET", "/manifests/1"); n != 1 {
		t.Errorf("the tag was asked for %d times, want once: %v", n, requests)
	}

	layers := baseLayers(t, index)
	isolate(r, layers)
	remote := quick()
	remote.Jobs = 1
	sent := make(map[string]int64)
	remote.Progress = func(b BlobDone) { sent[b.Digest] = b.Sent }
	published, err := Publish(t.Context(), Publication{Index: index, Tags: []string{r.host + "/app:1"}}, remote)
	if err != nil {
		t.Fatal(err)
	}
	pushed := published.Pushed[0]
	requests = append(requests, r.requests()...)
	for _, digest := range layers {
		if count(requests, "GET", digest) != 0 || sent[digest] != 0 {
			t.Errorf("base layer %s was downloaded, or %d bytes of it were sent", digest, sent[digest])
		}
	}
	if pushed.Reused < 8000 || pushed.Sent == 0 {
		t.Errorf("pushed %+v", pushed)
	}
	if err := validate.Index(index); err != nil { // reads the base's layers
		t.Error(err)
	}
}

// baseLayers lists the two lower layers of each image and checks the rest.
func baseLayers(t *testing.T, index Index) []string {
	t.Helper()
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, desc := range manifest.Manifests {
		image, err := index.Image(desc.Digest)
		if err != nil {
			t.Fatal(err)
		}
		m, _ := image.Manifest()
		config, _ := image.ConfigFile()
		for i, l := range m.Layers {
			if l.MediaType != types.OCILayer {
				t.Errorf("layer %d has media type %s", i, l.MediaType)
			}
			if i < 2 {
				out = append(out, l.Digest.String())
			}
		}
		env := strings.Join(config.Config.Env, " ")
		if len(m.Layers) != 4 || len(config.History) != 5 || config.Author != "" || env != "PATH=/usr/bin LANG=C A=1" {
			t.Errorf("image on a base: %d layers, %d lines of history, author %q, env %s", len(m.Layers), len(config.History), config.Author, env)
		}
		if !strings.HasSuffix(m.Annotations[annotationBaseName], "/library/base:1") || !strings.HasPrefix(m.Annotations[annotationBaseDigest], "sha256:") {
			t.Errorf("annotations: %v", m.Annotations)
		}
		if m.Annotations[annotationBaseDigest] == manifest.Annotations[annotationBaseDigest] {
			t.Error("image and index name the same base digest")
		}
	}
	return out
}

func TestBaseWithoutThePlatform(t *testing.T) {
	t.Parallel()
	base := openBase(t, pushBase(t, newRegistry(t)))
	plan := onBase(base)
	plan.Images[0].Platform = "linux/s390x"
	_, err := Builder{Cache: Cache{Dir: t.TempDir()}}.Build(t.Context(), plan)
	wantError(t, err, "linux/s390x", "library/base:1", "has linux/amd64, linux/arm64")
	if strings.Contains(err.Error(), "unknown") {
		t.Errorf("%q lists the attestation", err)
	}
}

func TestBaseThatIsASingleImage(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	tag, err := name.NewTag(r.host + "/single:1")
	if err != nil {
		t.Fatal(err)
	}
	image := foreignImage(t, "arm64", "")
	if err := remote.Write(tag, image); err != nil {
		t.Fatal(err)
	}
	base := openBase(t, tag.Name())
	if base.Digest != digest(t, image) {
		t.Errorf("digest %s", base.Digest)
	}
	plan := onBase(base)
	plan.Images = plan.Images[:1]
	build(t, plan)
	plan.Images[0].Platform = "linux/amd64"
	_, err = Builder{Cache: Cache{Dir: t.TempDir()}}.Build(t.Context(), plan)
	wantError(t, err, "linux/amd64", "has linux/arm64")
}

func TestBaseFromALayout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/base"
	if err := WriteLayout(t.Context(), dir, build(t, twoPlatforms()), "v1"); err != nil {
		t.Fatal(err)
	}
	base, err := Open(t.Context(), dir, Remote{})
	if err != nil {
		t.Fatal(err)
	}
	index := build(t, onBase(base))
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	manifest, _ := index.IndexManifest()
	if a := manifest.Annotations; a[annotationBaseDigest] != base.Digest || a[annotationBaseName] != "" {
		t.Errorf("annotations %v: want the digest, and no folder of this machine", a)
	}
}

func TestBaseLayersAreFetchedOnce(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	ref := pushBase(t, r)
	cache, dir := t.TempDir(), t.TempDir()
	for i := range 2 {
		index := buildIn(t, cache, onBase(openBase(t, ref)))
		if err := WriteLayout(t.Context(), dir+"/app", index, "v1"); err != nil {
			t.Fatal(err)
		}
		layers, requests := 0, r.requests()
		for _, digest := range baseLayers(t, index) {
			layers += count(requests, "GET", digest)
		}
		if want := []int{4, 0}[i]; layers != want {
			t.Errorf("build %d downloaded %d base layers, want %d", i, layers, want)
		}
	}
}

func TestBaseHistoryHasALineForEachLayer(t *testing.T) {
	t.Parallel()
	layer, empty := v1.History{CreatedBy: "RUN"}, v1.History{EmptyLayer: true}
	for _, history := range [][]v1.History{nil, {empty}, {layer}, {layer, empty, layer}, {layer, layer, layer}} {
		lines := 0
		for _, h := range inherit(&v1.ConfigFile{History: history}, 2).History {
			if !h.EmptyLayer {
				lines++
			}
		}
		if lines != 2 {
			t.Errorf("%v: %d lines for 2 layers", history, lines)
		}
	}
}

func TestBaseLayerThatIsDamagedOnTheWay(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	index := build(t, onBase(openBase(t, pushBase(t, r))))
	r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method != http.MethodGet || !strings.Contains(req.URL.Path, "/blobs/") {
			return false
		}
		_, _ = w.Write([]byte("not what was asked for"))
		return true
	})
	dir := t.TempDir() + "/app"
	wantError(t, WriteLayout(context.Background(), dir, index, "v1"), "writing image layout", "fetching base layer")
}
