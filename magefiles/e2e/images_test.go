//go:build e2e

package e2e

import (
	"encoding/json"
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
		"Debian trixie": false, "python packages, native": false, "python packages, shared": true,
		"noetl CLI": false, "web UI": true, "noetl package": true,
	} {
		if amd64[layer] == "" || arm64[layer] == "" {
			t.Errorf("no layer %q: %v", layer, made.Platforms)
		} else if (amd64[layer] == arm64[layer]) != shared {
			t.Errorf("layer %q: one blob for both is %v, want %v", layer, !shared, shared)
		}
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
