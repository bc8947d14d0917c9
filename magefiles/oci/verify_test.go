package oci

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// kinds lists what was found, as "what kind platforms".
func kinds(v Verification) []string {
	var out []string
	for _, p := range v.Problems {
		out = append(out, strings.Join(append([]string{p.What, string(p.Kind)}, p.Platforms...), " "))
	}
	slices.Sort(out)
	return out
}

// parts are digests of an index of ours that a test can break.
type parts struct{ index, manifest, config, own, shared v1.Hash }

func partsOf(t *testing.T, index Index, platform string) parts {
	t.Helper()
	image, digest, err := pick(index, platform, "test")
	if err != nil {
		t.Fatal(err)
	}
	m, err := image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	top, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return parts{top, digest, m.Config.Digest, m.Layers[0].Digest, m.Layers[1].Digest}
}

func TestVerifyFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	index := build(t, twoPlatforms())
	p := partsOf(t, index, "linux/arm64")
	for name, test := range map[string]struct {
		digest v1.Hash
		edit   func([]byte) []byte // nil removes the file
		want   []string
	}{
		"nothing":        {want: nil},
		"child manifest": {digest: p.manifest, want: []string{"manifest missing linux/arm64"}},
		"config":         {digest: p.config, want: []string{"config missing linux/arm64"}},
		"own layer":      {digest: p.own, want: []string{"layer missing linux/arm64"}},
		"shared layer":   {digest: p.shared, want: []string{"layer missing linux/amd64 linux/arm64"}},
		"index":          {digest: p.index, want: []string{"index missing"}},
		"cut off":        {p.own, func(b []byte) []byte { return b[:len(b)-1] }, []string{"layer wrong-size linux/arm64"}},
		"other bytes":    {p.own, func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, []string{"layer wrong-bytes linux/arm64"}},
		"other config":   {p.config, func(b []byte) []byte { return bytes.Replace(b, []byte("arm64"), []byte("armxx"), 1) }, []string{"config wrong-bytes linux/arm64"}},
		"other manifest": {p.manifest, func(b []byte) []byte { return append(b, ' ') }, []string{"manifest wrong-bytes linux/arm64"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "layout")
			if err := WriteLayout(t.Context(), dir, index, "1"); err != nil {
				t.Fatal(err)
			}
			if test.digest != (v1.Hash{}) {
				breakFile(t, layoutStore{dir}.path(test.digest), test.edit)
			}
			v, err := Verify(t.Context(), dir, Remote{}, false)
			if err != nil {
				t.Fatal(err)
			}
			if got := kinds(v); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if (v.Err() == nil) != (len(test.want) == 0) {
				t.Errorf("error: %v", v.Err())
			}
		})
	}
}

// breakFile replaces a file; its old content may be shared by hard links.
func breakFile(t *testing.T, file string, edit func([]byte) []byte) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if edit == nil {
		return
	}
	if err := os.WriteFile(file, edit(raw), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyCompares: config and index, and config and layers, are held against
// each other, where every digest is right.
func TestVerifyCompares(t *testing.T) {
	t.Parallel()
	image, _, err := pick(build(t, twoPlatforms()), "linux/arm64", "test")
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for want, edit := range map[string]func(*v1.ConfigFile){
		"config wrong-platform linux/amd64": func(*v1.ConfigFile) {},
		"config wrong-layers linux/amd64": func(c *v1.ConfigFile) {
			c.Architecture, c.RootFS.DiffIDs = "amd64", c.RootFS.DiffIDs[:1]
		},
		"layer wrong-layers linux/amd64": func(c *v1.ConfigFile) {
			c.Architecture, c.RootFS.DiffIDs[0] = "amd64", v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("0", 64)}
		},
	} {
		changed := config.DeepCopy()
		edit(changed)
		made, err := finish(changed, layers, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := newRegistry(t)
		index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{
			Add: made, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}},
		})
		if _, err := Publish(t.Context(), Publication{Index: index, Tags: []string{r.host + "/app:1"}}, quick()); err != nil {
			t.Fatal(err)
		}
		v, err := Verify(t.Context(), r.host+"/app:1", quick(), true)
		if err != nil {
			t.Fatal(err)
		}
		if got := kinds(v); !slices.Equal(got, []string{want}) {
			t.Errorf("got %q, want %q: %+v", got, want, v.Problems)
		}
	}
}

// TestVerifyRegistry finds what clean-up jobs break, and counts what it has seen.
func TestVerifyRegistry(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	index, ref := build(t, twoPlatforms()), r.host+"/app:1"
	p := partsOf(t, index, "linux/arm64")
	if _, err := Publish(t.Context(), Publication{Index: index, Tags: []string{ref}, Artifacts: papers(t, index)}, quick()); err != nil {
		t.Fatal(err)
	}
	var shallow int64
	for _, deep := range []bool{false, true} {
		v, err := Verify(t.Context(), ref, quick(), deep)
		if err != nil || v.Err() != nil {
			t.Fatal(err, v.Err())
		}
		if v.Digest != digest(t, index) || v.Manifests != 6 || v.Referrers != 3 || !slices.Equal(v.Platforms, []string{"linux/amd64", "linux/arm64"}) {
			t.Errorf("%+v", v)
		}
		if v.Hashed == 0 || deep && v.Hashed <= shallow {
			t.Errorf("deep %v: %d bytes were hashed, and %d before", deep, v.Hashed, shallow)
		}
		shallow = v.Hashed
	}
	for want, gone := range map[string]string{
		"manifest missing linux/arm64":          "/manifests/" + p.manifest.String(),
		"layer missing linux/arm64":             "/blobs/" + p.own.String(),
		"layer missing linux/amd64 linux/arm64": "/blobs/" + p.shared.String(),
	} {
		r.set(nil, func(w http.ResponseWriter, req *http.Request) bool {
			if strings.HasSuffix(req.URL.Path, gone) {
				w.WriteHeader(http.StatusNotFound)
			}
			return strings.HasSuffix(req.URL.Path, gone)
		})
		v, err := Verify(t.Context(), ref, quick(), false)
		if err != nil {
			t.Fatal(err)
		}
		if got := kinds(v); !slices.Equal(got, []string{want}) {
			t.Errorf("got %q, want %q", got, want)
		}
		wantError(t, v.Err(), "it is not there", "push the same build again")
	}
	r.set(func(*http.Request) bool { return true }, nil)
	_, err := Verify(t.Context(), ref, quick(), false)
	wantError(t, err, "verifying", "500", "after 2 attempts")
}

func TestVerifyArchives(t *testing.T) {
	t.Parallel()
	index, dir := build(t, twoPlatforms()), t.TempDir()
	for file, kind := range map[string]Archive{"app.oci.tar": ArchiveOCI, "app.docker.tar": ArchiveDocker} {
		file = filepath.Join(dir, file)
		if err := WriteArchive(t.Context(), file, kind, index, []string{"app:1"}); err != nil {
			t.Fatal(err)
		}
		v, err := Verify(t.Context(), file, Remote{}, false)
		if err != nil || v.Err() != nil {
			t.Fatal(err, v.Err())
		}
		if !slices.Equal(v.Platforms, []string{"linux/amd64", "linux/arm64"}) || v.Blobs != 5 || v.Hashed == 0 {
			t.Errorf("%s: %+v", file, v)
		}
	}
	for what, ref := range map[string]string{
		"nothing": filepath.Join(dir, "nothing"), "no archive": "verify_test.go",
	} {
		if _, err := Verify(t.Context(), ref, Remote{}, false); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
