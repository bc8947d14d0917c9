//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
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
	_, base := container(t, "--platform", platform, address+"/based/"+name+":b1")
	healthy(t, base, time.Minute)
	checkFacts(t, getJSON[runtimeFacts](t, base+"/api/runtime"), platform)
	if !contains(r.out, "b1") {
		t.Errorf("the tag is not named:\n%s", r.out)
	}
}

// TestBaseOfOnePlatform: what is not there is named, with what is.
func TestBaseOfOnePlatform(t *testing.T) {
	c, address := images(t), registry(t)
	c.unchanged(t)
	dir := t.TempDir()
	c.must(t, "images", "-platforms=linux/amd64", "-output="+filepath.Join(dir, "one"), "-push", "-registry="+address+"/one", "-tag=1")
	ref := address + "/one/" + name + ":1"
	c.refused(t, []string{"linux/arm64", "linux/amd64", ref}, "images", "-base="+ref, "-output="+filepath.Join(dir, "two"))
	if _, err := os.Stat(filepath.Join(dir, "two")); err == nil {
		t.Error("an image was written all the same")
	}
}

// TestOnePlatform: a platform alone has the same image as among others.
func TestOnePlatform(t *testing.T) {
	c := images(t)
	c.unchanged(t)
	all := c.result(t)
	out := filepath.Join(t.TempDir(), "one")
	c.must(t, "images", "-platforms=linux/arm64", "-output="+out)
	b, err := os.ReadFile(out + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var one built
	if err := json.Unmarshal(b, &one); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all.Platforms, func(p builtPlatform) bool { return p.Platform == "linux/arm64" })
	if len(one.Platforms) != 1 || one.Platforms[0].Digest != all.Platforms[i].Digest {
		t.Errorf("alone it is %+v, among others %+v", one.Platforms, all.Platforms[i])
	}
}
