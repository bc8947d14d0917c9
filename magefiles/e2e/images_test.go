//go:build e2e

package e2e

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

var first struct {
	sync.Once
	result
}

// images is the main clone with its image, built once for all tests.
func images(t *testing.T) checkout {
	t.Helper()
	first.Do(func() {
		first.code = -1
		first.result = world.main.mage(t, "bootstrap", "images")
	})
	if first.code != 0 {
		t.Fatalf("the first build failed with exit code %d\n%s", first.code, first.out)
	}
	return world.main
}

// TestImages: one command in a fresh clone ends with a table of what it made.
func TestImages(t *testing.T) {
	c := images(t)
	made := c.result(t)
	t.Logf("cold build, downloads included: %.0f s", first.took.Seconds())
	var total int64
	for i, p := range made.Platforms {
		if i >= len(platforms()) || p.Platform != platforms()[i] {
			t.Errorf("platform %d is %s, want %v", i, p.Platform, platforms())
		}
		if !strings.Contains(first.out, p.Platform) || !strings.Contains(first.out, p.Digest) {
			t.Errorf("the table lacks %s or its digest %s:\n%s", p.Platform, p.Digest, first.out)
		}
		total += p.Size
		t.Logf("%s: %.1f MB in %d layers", p.Platform, float64(p.Size)/1e6, len(p.Layers))
	}
	if !strings.Contains(first.out, made.Digest) {
		t.Errorf("the output lacks the digest of the index, %s", made.Digest)
	}
	if made.SharedBytes == 0 || made.TotalBytes != total-made.SharedBytes {
		t.Errorf("%d bytes in all and %d shared, of %d in both images: the sums do not agree", made.TotalBytes, made.SharedBytes, total)
	}
	t.Logf("shared: %.2f MB of %.1f MB", float64(made.SharedBytes)/1e6, float64(made.TotalBytes)/1e6)
}

// TestLayers: what is the same on both platforms is one blob, the rest is not.
func TestLayers(t *testing.T) {
	made := images(t).result(t)
	if len(made.Platforms) != 2 {
		t.Fatalf("%d platforms, want 2", len(made.Platforms))
	}
	amd64, arm64 := made.Platforms[0].layers(), made.Platforms[1].layers()
	for layer, shared := range map[string]bool{
		"Debian trixie, shared": true, "Debian trixie, glibc": false, "Debian trixie": false, "Debian trixie, records": false, "python packages, native": false, "python packages, shared": true,
		"noetl CLI": false, "web UI": true, "noetl package": true,
	} {
		if amd64[layer] == "" || arm64[layer] == "" {
			t.Errorf("no layer %q: %v", layer, made.Platforms)
		} else if (amd64[layer] == arm64[layer]) != shared {
			t.Errorf("layer %q: one blob for both is %v, want %v", layer, !shared, shared)
		}
	}
}

// TestNothingIsStoredTwice: a file that two platforms have alike is in one blob.
func TestNothingIsStoredTwice(t *testing.T) {
	c := images(t)
	path, err := layout.FromPath(c.path("dist/images/" + product))
	if err != nil {
		t.Fatal(err)
	}
	top, err := path.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	index, err := top.IndexManifest()
	if err == nil && len(index.Manifests) == 1 && index.Manifests[0].MediaType.IsIndex() {
		if top, err = top.ImageIndex(index.Manifests[0].Digest); err == nil {
			index, err = top.IndexManifest()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var of []map[string]string // by platform: path, mode and digest of each file, and the blob that it is in
	for _, m := range index.Manifests {
		image, err := top.Image(m.Digest)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		layers, err := image.Layers()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range layers {
			filesOf(t, l, files)
		}
		of = append(of, files)
	}
	if len(of) != 2 || len(of[0]) < 1000 {
		t.Fatalf("%d platforms", len(of))
	}
	for file, blob := range of[0] {
		if other, ok := of[1][file]; ok && other != blob {
			t.Errorf("%s is in two blobs", file)
		}
	}
}

// filesOf adds a layer's files that are not empty.
func filesOf(t *testing.T, l v1.Layer, files map[string]string) {
	t.Helper()
	digest, err := l.Digest()
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg || h.Size == 0 {
			continue
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, archive); err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("%s %o %x", h.Name, h.Mode, sum.Sum(nil))] = digest.String()
	}
}

// TestLayout: tools that are not ours agree that the layout is valid, and about
// what is in it.
func TestLayout(t *testing.T) {
	c := images(t)
	dir := c.path("dist/images/" + product)
	path, err := layout.FromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	top, err := path.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(top); err != nil {
		t.Errorf("go-containerregistry: %v", err)
	}
	needTools(t, "skopeo")
	out, err := exec.Command("skopeo", "inspect", "--raw", "oci:"+dir).Output()
	if err != nil {
		t.Fatalf("skopeo: %v", err)
	}
	var index v1.IndexManifest
	if err := json.Unmarshal(out, &index); err != nil {
		t.Fatal(err)
	}
	if index.MediaType != "application/vnd.oci.image.index.v1+json" {
		t.Errorf("the index's media type is %q", index.MediaType)
	}
	var got []string
	for _, m := range index.Manifests {
		got = append(got, m.Platform.String())
		if m.MediaType != "application/vnd.oci.image.manifest.v1+json" {
			t.Errorf("%s: media type %q", m.Platform, m.MediaType)
		}
	}
	if !slices.Equal(got, platforms()) {
		t.Errorf("skopeo sees %v, want %v", got, platforms())
	}
}

// TestNoChange: building again without a change makes the same, soon.
func TestNoChange(t *testing.T) {
	c := images(t)
	before := c.result(t)
	again := c.must(t, "images")
	if after := c.result(t); after.Digest != before.Digest {
		t.Errorf("the digest was %s and is %s", before.Digest, after.Digest)
	}
	t.Logf("build without a change: %.1f s (the first one: %.0f s)", again.took.Seconds(), first.took.Seconds())
	if again.took > first.took/3 && again.took.Seconds() > 10 {
		t.Errorf("building without a change took %s: something is made again", again.took)
	}
}
