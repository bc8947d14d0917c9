//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// shards are the files of two runners that have built one platform each, and
// pushed it into the repository.
type shards struct{ repository, amd64, arm64 string }

var shardsOnce struct {
	sync.Once
	shards
	failed string
}

// twoShards builds each platform for itself, as runners of a matrix would.
func twoShards(t *testing.T) (checkout, shards) {
	t.Helper()
	c, address := images(t), registry(t)
	shardsOnce.Do(func() {
		shardsOnce.repository = address + "/shards/" + product
		for platform, to := range map[string]*string{"amd64": &shardsOnce.amd64, "arm64": &shardsOnce.arm64} {
			*to = c.shard(t, platform, address+"/shards", &shardsOnce.failed)
		}
	})
	if shardsOnce.failed != "" {
		t.Fatalf("a shard failed: %s", shardsOnce.failed)
	}
	return c, shardsOnce.shards
}

// shard builds and pushes one platform, and moves the shard file away.
func (c checkout) shard(t *testing.T, arch, registry string, failed *string) string {
	t.Helper()
	dir, err := os.MkdirTemp(world.temp, "shard-") //nolint:usetesting // several tests use it
	if err != nil {
		t.Fatal(err)
	}
	r := c.mage(t, "images", "-platforms=linux/"+arch, "-push", "-registry="+registry, "-output="+filepath.Join(dir, "layout"))
	name := "linux-" + arch + ".json"
	if r.code != 0 || !strings.Contains(r.out, "no tag was moved") || !strings.Contains(r.out, "dist/shards/"+name) {
		*failed += r.out
		return ""
	}
	file := filepath.Join(dir, name)
	text := c.read(t, "dist/shards/"+name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		*failed += err.Error()
	}
	_ = os.RemoveAll(c.path("dist/shards")) // nobody asked for it in the next test
	return file
}

// TestShards: two runners, each with one platform, and a third that merges:
// what comes out is what one machine builds of both.
func TestShards(t *testing.T) {
	c, s := twoShards(t)
	t.Cleanup(func() { _ = os.Remove(c.path("dist/images/" + product + ".merged.json")) })
	want := c.result(t).Digest
	ref := func(file string) string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := decode[struct{ Repository, Digest string }](t, string(b))
		return got.Repository + "@" + got.Digest
	}
	folder := t.TempDir()
	for _, file := range []string{s.amd64, s.arm64} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(file)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	elsewhere := registry(t) + "/elsewhere/" + product
	for _, merge := range []struct {
		name, tag, image string
		args             []string
	}{
		{"shard files", "1.2.3", s.repository, []string{"-from=" + s.arm64 + "," + s.amd64}},
		{"a folder", "folder", s.repository, []string{"-from=" + folder}},
		{"references", "refs", s.repository, []string{"-from=" + ref(s.amd64) + "," + ref(s.arm64)}},
		{"into another repository", "1.2.3", elsewhere, []string{"-from=" + folder, "-registry=" + registry(t) + "/elsewhere"}},
	} {
		t.Run(merge.name, func(t *testing.T) {
			r := c.must(t, append([]string{"manifest", "-tag=" + merge.tag + ",latest"}, merge.args...)...)
			t.Logf("merged in %.1f s", r.took.Seconds())
			for _, tag := range []string{merge.tag, "latest"} {
				got := decode[built](t, c.jsonOf(t, "manifest", "-json", "-image="+merge.image+":"+tag))
				if got.Digest != want {
					t.Errorf("merged as %s; one build of both platforms is %s", got.Digest, want)
				}
			}
			c.says(t, "everything is there", "manifest", "-verify", "-image="+merge.image+":"+merge.tag)
		})
	}
}

// TestShardsThatDoNotFit: what is not one whole build is no image, and no tag.
func TestShardsThatDoNotFit(t *testing.T) {
	c, s := twoShards(t)
	edited := func(old, new string) string {
		b, err := os.ReadFile(s.arm64)
		if err != nil || !strings.Contains(string(b), old) {
			t.Fatalf("%s does not have %q: %v", s.arm64, old, err)
		}
		file := filepath.Join(t.TempDir(), "linux-arm64.json")
		if err := os.WriteFile(file, []byte(strings.Replace(string(b), old, new, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	empty := filepath.Join(t.TempDir(), "linux-arm64.json")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, from string
		words      []string
	}{
		{"one is missing", s.amd64, []string{"linux/arm64 is missing", "the parts have linux/amd64"}},
		{"one twice", s.amd64 + "," + s.amd64, []string{"linux/amd64 is there twice"}},
		{"another lock", s.amd64 + "," + edited(`"requirements.lock": "sha256:`, `"requirements.lock": "sha256:0`), []string{"lock file requirements.lock differs", s.amd64}},
		{"another revision", s.amd64 + "," + c.laterShard(t), []string{"source revision differs", s.amd64}},
		{"no file", "dist/shards/none.json", []string{"none.json", "no such file"}},
		{"an empty file", s.amd64 + "," + empty, []string{empty, "the file is empty"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.unchanged(t)
			c.refused(t, test.words, "manifest", "-from="+test.from, "-tag=wrong")
			for _, tag := range tags(t, "shards/"+product) {
				if tag == "wrong" {
					t.Error("a tag was moved")
				}
			}
		})
	}
	c.refused(t, []string{"-tag="}, "manifest", "-from="+s.amd64+","+s.arm64)
}

// laterShard is one of the next commit.
func (c checkout) laterShard(t *testing.T) string {
	t.Helper()
	git := func(args ...string) {
		if out, err := exec.Command("git", append([]string{"-C", c.dir, "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	git("commit", "--quiet", "--allow-empty", "--message=later")
	defer git("reset", "--quiet", "--soft", "HEAD~1")
	var failed string
	file := c.shard(t, "arm64", registry(t)+"/shards", &failed)
	if failed != "" {
		t.Fatal(failed)
	}
	return file
}

// TestVerifyFindsWhatCleaningBroke: registries' clean-up jobs remove manifests
// without a tag, and blobs that they take for unused.
func TestVerifyFindsWhatCleaningBroke(t *testing.T) {
	c := images(t)
	t.Cleanup(func() { _ = os.Remove(c.path("dist/images/" + product + ".merged.json")) })
	made := c.result(t)
	image := registry(t) + "/cleaned/" + product
	copied := []string{"manifest", "-from=dist/images/" + product, "-registry=" + registry(t) + "/cleaned", "-tag=v"}
	c.must(t, copied...)
	c.says(t, "everything is there", "manifest", "-verify", "-image="+image+":v")
	child := made.Platforms[1]
	for kind, gone := range map[string]string{
		"manifests": child.Digest, "blobs": child.Layers[0].Digest,
	} {
		t.Run(kind, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "http://"+registry(t)+"/v2/cleaned/"+product+"/"+kind+"/"+gone, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusAccepted {
				t.Fatalf("deleting: %s", resp.Status)
			}
			c.refused(t, []string{"missing", gone, child.Platform}, "manifest", "-verify", "-image="+image+":v")
			out := c.mage(t, "manifest", "-verify", "-json", "-image="+image+":v")
			if out.code != 1 || !strings.Contains(out.out, `"kind": "missing"`) {
				t.Errorf("-json: exit code %d\n%s", out.code, out.out)
			}
			c.must(t, copied...)
			c.says(t, "everything is there", "manifest", "-verify", "-image="+image+":v")
		})
	}
}
