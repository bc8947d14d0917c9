//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestOCIArchive: one file with all platforms, the same bytes each time, which
// skopeo copies and we read.
func TestOCIArchive(t *testing.T) {
	needTools(t, "skopeo")
	c := images(t)
	c.unchanged(t)
	want, dir := c.result(t), t.TempDir()
	file, again := filepath.Join(dir, "x.oci.tar"), filepath.Join(dir, "y.oci.tar")
	c.says(t, "archive in "+file, "images", "-output="+file)
	c.must(t, "manifest", "-image=dist/images/"+product, "-output="+again)
	a, _ := os.ReadFile(file)
	b, _ := os.ReadFile(again)
	if len(a) == 0 || !bytes.Equal(a, b) {
		t.Errorf("two archives of one image differ: %d and %d bytes", len(a), len(b))
	}
	copied := filepath.Join(dir, "copied")
	for _, from := range []string{file, file + ":latest"} {
		skopeo(t, "copy", "--all", "--preserve-digests", "oci-archive:"+from, "oci:"+copied+":latest")
		got := decode[built](t, c.jsonOf(t, "manifest", "-json", "-image="+copied))
		if got.Digest != want.Digest || len(got.Platforms) != 2 {
			t.Errorf("skopeo has copied %+v, want %s", got, want.Digest)
		}
	}
	c.says(t, want.Digest, "manifest", "-image="+file)
	c.says(t, "everything is there", "manifest", "-verify", "-image="+file)
}

func skopeo(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("skopeo", append([]string{"--insecure-policy"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("skopeo %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestDockerArchive: docker loads both architectures of one file, and one alone
// under its plain name.
func TestDockerArchive(t *testing.T) {
	needTools(t, "skopeo")
	c := images(t)
	c.unchanged(t)
	dir := t.TempDir()
	both, one := filepath.Join(dir, "both.docker.tar"), filepath.Join(dir, "one.docker.tar")
	c.must(t, "images", "-output="+both, "-tag=archived")
	c.must(t, "manifest", "-image=dist/images/"+product, "-platform=linux/"+runtime.GOARCH, "-output="+one, "-tag=alone")
	skopeo(t, "inspect", "docker-archive:"+one)
	skopeo(t, "inspect", "docker-archive:"+both+":"+product+":archived-arm64")
	for _, file := range []string{both, one} {
		t.Log(docker(t, "load", "--input", file))
	}
	for ref, arch := range map[string]string{"archived-amd64": "amd64", "archived-arm64": "arm64", "alone": runtime.GOARCH} {
		ref = product + ":" + ref
		t.Cleanup(func() { docker(t, "rmi", "--force", ref) })
		if got := docker(t, "image", "inspect", "--format", "{{.Architecture}}", ref); got != arch {
			t.Errorf("%s is for %s", ref, got)
		}
	}
	if out := docker(t, "run", "--rm", product+":alone", "version"); !strings.Contains(out, "linux/"+runtime.GOARCH) {
		t.Errorf("it says of itself %s", out)
	}
}

// TestOutputsThatAreRefused: before anything is built, in words that help.
func TestOutputsThatAreRefused(t *testing.T) {
	c := images(t)
	c.unchanged(t)
	dir := t.TempDir()
	for _, target := range [][]string{{"images"}, {"manifest", "-image=dist/images/" + product}} {
		c.refused(t, []string{"x.oci.tar", "x.docker.tar"}, append(target, "-output="+filepath.Join(dir, "x.tar"))...)
		c.refused(t, []string{"compressed already", ".oci.tar"}, append(target, "-output="+filepath.Join(dir, "x.tar.gz"))...)
	}
	c.refused(t, []string{"linux/s390x", "linux/amd64, linux/arm64"}, "manifest", "-image=dist/images/"+product, "-platform=linux/s390x", "-output="+filepath.Join(dir, "x"))
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestOnePlatformAlone: who rejects an index gets a manifest, under a tag or in a
// folder.
func TestOnePlatformAlone(t *testing.T) {
	repository := push(t)
	c := images(t)
	c.unchanged(t)
	want := c.result(t).Platforms[1]
	c.must(t, "manifest", "-image="+repository+":t1", "-platform="+want.Platform, "-tag=t1-arm64")
	address, name, _ := strings.Cut(repository, "/")
	kind, body := manifestOf(t, "http://"+address+"/v2/"+name+"/manifests/t1-arm64")
	if kind != "application/vnd.oci.image.manifest.v1+json" || strings.Contains(body, `"manifests"`) {
		t.Errorf("the tag is a %s: %s", kind, body)
	}
	dir := filepath.Join(t.TempDir(), "layout")
	c.must(t, "manifest", "-image="+repository+":t1", "-platform="+want.Platform, "-output="+dir)
	for _, image := range []string{repository + ":t1-arm64", dir} {
		if got := decode[built](t, c.jsonOf(t, "manifest", "-json", "-image="+image)); got.Digest != want.Digest || len(got.Platforms) != 1 {
			t.Errorf("%s is %+v, want %s", image, got, want.Digest)
		}
	}
}

func manifestOf(t *testing.T, url string) (kind, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json")
	resp, err := (&http.Transport{}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Header.Get("Content-Type"), string(b)
}
