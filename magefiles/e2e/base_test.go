//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// TestBase: the same layers on somebody else's image, which is named by its
// digest, and whose own layers are there once.
func TestBase(t *testing.T) {
	repository := push(t)
	c, address := world.main, registry(t)
	c.unchanged(t)
	out := filepath.Join(t.TempDir(), "based")
	r := c.must(t, "images", "-base="+repository+":t1", "-output="+out, "-push", "-registry="+address+"/based", "-tag=b1")
	b, err := os.ReadFile(out + ".json")
	if err != nil {
		t.Fatal(err)
	}
	got, own := decode[built](t, string(b)), c.result(t)
	for i, p := range got.Platforms {
		want := len(own.Platforms[i].Layers) + 5 // without a Debian layer of ours
		if len(p.Layers) != want || p.Layers[0].Digest != own.Platforms[i].Layers[0].Digest {
			t.Errorf("%s: %d layers, want %d, the lowest being that of the base: %+v", p.Platform, len(p.Layers), want, p.Layers)
		}
	}
	platform := "linux/" + runtime.GOARCH
	_, base := container(t, "--platform", platform, address+"/based/"+product+":b1")
	healthy(t, base, time.Minute)
	checkFacts(t, getJSON[runtimeFacts](t, base+"/api/runtime"), platform)
	if !contains(r.out, "b1") {
		t.Errorf("the tag is not named:\n%s", r.out)
	}
}

// TestBaseOfOnePlatform: what is not there is named, with what is.
func TestBaseOfOnePlatform(t *testing.T) {
	repository := push(t)
	c := world.main
	c.unchanged(t)
	from, err := name.NewDigest(repository + "@" + c.result(t).Platforms[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	image, err := remote.Image(from)
	if err != nil {
		t.Fatal(err)
	}
	to, err := name.NewTag(repository + ":single")
	if err == nil {
		err = remote.Write(to, image)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "two")
	c.refused(t, []string{"linux/arm64", "linux/amd64", to.String()}, "images", "-base="+to.String(), "-output="+out)
	if _, err := os.Stat(out); err == nil {
		t.Error("an image was written all the same")
	}
}
