//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tinyFile is the Dockerfile that these tests put in the place of ours: it needs
// no base image and no download.
const tinyFile = "docker/noetl/dev/Dockerfile"

// tinyProgram waits as many seconds as it is told, and then writes a file.
const tinyProgram = `package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Println("here")
		return
	}
	n, _ := strconv.Atoi(os.Args[1])
	for i := range n {
		fmt.Println("second", i)
		time.Sleep(time.Second)
	}
	if err := os.WriteFile("/done.txt", nil, 0o644); err != nil {
		panic(err)
	}
}
`

// tinyEnd is the image itself, of a program that is copied from the context.
const tinyEnd = "FROM scratch\nARG TARGETARCH\nCOPY --chmod=755 e2e-tiny/%s /usr/bin/noetl\nENV PATH=/usr/bin\nUSER 10001:10001\nENTRYPOINT [\"/usr/bin/noetl\"]\n"

// dockerfile replaces the project's Dockerfile until the test ends.
func (c checkout) dockerfile(t *testing.T, text string) {
	t.Helper()
	programs := c.path("e2e-tiny")
	if _, err := os.Stat(programs); err != nil {
		source := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(source, []byte(tinyProgram), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(programs) })
		for _, arch := range []string{"amd64", "arm64"} {
			cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(programs, arch), source)
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("building the program: %v\n%s", err, out)
			}
		}
	}
	for name, content := range map[string]string{tinyFile: text, tinyFile + ".dockerignore": "*\n!e2e-tiny\n"} {
		before, err := os.ReadFile(c.path(name))
		if err := os.MkdirAll(filepath.Dir(c.path(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		c.write(t, name, content)
		t.Cleanup(func() {
			if err != nil {
				_ = os.Remove(c.path(name))
				return
			}
			c.write(t, name, string(before))
		})
	}
}

// digestOf is what a tag points at; "" if there is none.
func (c checkout) digestOf(t *testing.T, ref string) string {
	t.Helper()
	r := c.mage(t, "manifest", "-json", "-image="+ref)
	var got built
	_ = json.Unmarshal([]byte(r.out), &got)
	return got.Digest
}

// TestBuildxEngine: the engine makes what ours makes: an index of all platforms
// and nothing else, the same result file, tags that point at it; and one machine
// or two, it is the same image.
func TestBuildxEngine(t *testing.T) {
	c, address := world.main, registry(t)
	c.dockerfile(t, fmt.Sprintf(tinyEnd, "$TARGETARCH"))
	sockets := buildkits(t, 2)
	var digests []string
	for name, env := range map[string][]string{
		"one": builder(t, "one", sockets[:1]),
		"two": builder(t, "two", sockets, "linux/amd64", "linux/arm64"),
	} {
		out := c.with(env...).must(t, "images", "-engine=buildx", "-builder="+name, "-push", "-registry="+address+"/buildx-"+name, "-tag=t1,latest").out
		made := c.result(t)
		digests = append(digests, made.Digest)
		if len(made.Platforms) != 2 || made.Platforms[0].Platform != "linux/amd64" || made.Platforms[1].Platform != "linux/arm64" || made.Platforms[1].Size == 0 {
			t.Errorf("%s: the result has %+v", name, made.Platforms)
		}
		if len(made.Tags) != 2 || made.Layout == "" || !strings.Contains(out, made.Digest) {
			t.Errorf("%s: tags %+v, layout %q, and the output is\n%s", name, made.Tags, made.Layout, out)
		}
		for _, tag := range []string{"t1", "latest"} {
			if got := c.digestOf(t, address+"/buildx-"+name+"/"+product+":"+tag); got != made.Digest {
				t.Errorf("%s: tag %s is %q, and %s was built", name, tag, got, made.Digest)
			}
		}
		if left, _ := filepath.Glob(c.path("dist/.buildx-*")); left != nil {
			t.Errorf("%s: left behind: %v", name, left)
		}
	}
	if digests[0] != digests[1] {
		t.Errorf("one machine and two make different images: %v", digests)
	}
}

// TestBuildxDockerfile: our own Dockerfile, for both platforms, on two machines
// that emulate nothing, from images of our own; it passes the audit.
func TestBuildxDockerfile(t *testing.T) {
	c, address := images(t), registry(t)
	c.unchanged(t)
	env := builder(t, "pair", buildkits(t, 2), "linux/amd64", "linux/arm64")
	args := []string{
		"images", "-engine=buildx", "-push", "-registry=" + address + "/buildx", "-output=" + filepath.Join(world.temp, "by-buildkit"),
		"-buildArg=" + strings.Join(standIns(t), ";"),
	}
	r := c.with(env...).mageWithin(t, 25*time.Minute, args...)
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.out)
	}
	t.Logf("built in %.0f s\n%s", r.took.Seconds(), r.out)
	ref := address + "/buildx/" + product + ":latest"
	a := decode[audited](t, c.jsonOf(t, "audit", "-json", "-image="+ref))
	if errors, warnings := a.worst(); errors+warnings > 0 || len(a.Platforms) != 2 {
		t.Errorf("%d errors and %d warnings for %+v: %+v", errors, warnings, a.Platforms, a.Findings)
	}
	docker := c.jsonOf(t, "manifest", "-json", "-image="+ref)
	if got := decode[built](t, docker); len(got.Platforms) != 2 || got.SharedBytes == 0 {
		t.Errorf("pushed: %+v", got)
	}
}

// TestBuildxAudit: a program of the wrong architecture stops the push.
func TestBuildxAudit(t *testing.T) {
	c, address := world.main, registry(t)
	c.dockerfile(t, fmt.Sprintf(tinyEnd, "amd64"))
	env := builder(t, "one", buildkits(t, 1))
	c.with(env...).refused(t, []string{"[arch]", "linux/arm64", "usr/bin/noetl"}, "images", "-engine=buildx", "-push", "-registry="+address+"/buildx-wrong")
	if found := tags(t, "buildx-wrong/"+product); len(found) > 0 {
		t.Errorf("it was pushed all the same, as %v", found)
	}
}

// TestBuildxMachineDies: a machine that is switched off while it builds is
// named, no tag moves, and the next build goes on where this one was.
func TestBuildxMachineDies(t *testing.T) {
	c, address := world.main, registry(t)
	state, err := os.MkdirTemp(world.temp, "bk-")
	if err != nil {
		t.Fatal(err)
	}
	steady := buildkits(t, 1)[0]
	dying, kill := startBuildkit(t, state)
	t.Cleanup(func() { kill() })
	c = c.with(builder(t, "farm", []string{steady, dying}, "linux/amd64", "linux/arm64")...)
	push := []string{"images", "-engine=buildx", "-push", "-registry=" + address + "/farm"}
	ref := address + "/farm/" + product + ":latest"

	c.dockerfile(t, fmt.Sprintf(tinyEnd, "$TARGETARCH"))
	c.must(t, push...)
	before := c.digestOf(t, ref)

	work := "FROM --platform=$BUILDPLATFORM scratch AS work\nCOPY --chmod=755 e2e-tiny/amd64 /work\nRUN [\"/work\",\"2\"]\nRUN [\"/work\",\"15\"]\n"
	c.write(t, tinyFile, work+fmt.Sprintf(tinyEnd, "$TARGETARCH")+"COPY --from=work /done.txt /opt/\n")
	log := "dist/logs/dockerfile-linux-arm64.log"
	_ = os.Remove(c.path(log))
	killed := make(chan error, 1)
	go func() {
		killed <- await(t.Context(), time.Minute, func(context.Context) error {
			if b, err := os.ReadFile(c.path(log)); err != nil || strings.Count(string(b), "second 1") < 2 {
				return fmt.Errorf("the second step has not begun: %s (%v)", b, err)
			}
			kill()
			return nil
		})
	}()
	c.refused(t, []string{"linux/arm64", "machine farm1 at " + dying, "the builder went away while it built"}, push...)
	if err := <-killed; err != nil {
		t.Fatal(err)
	}
	if after := c.digestOf(t, ref); after != before || before == "" {
		t.Errorf("the tag was %q and is %q", before, after)
	}
	c.refused(t, []string{"linux/arm64", "farm1", "does not answer", "--leave --node farm1"}, push...)

	_, again := startBuildkit(t, state)
	t.Cleanup(again)
	c.must(t, push...)
	if text := c.read(t, log); !strings.Contains(text, "CACHED") || strings.Count(text, "second 1\n") != 1 {
		t.Errorf("the first step was done again:\n%s", text)
	}
	if after := c.digestOf(t, ref); after == before || after != c.result(t).Digest {
		t.Errorf("the tag is %q, was %q; built was %q", after, before, c.result(t).Digest)
	}
}

// TestBuildxCache: a new machine takes from a cache in a registry or a folder
// what another one has built, each of several machines its own part.
func TestBuildxCache(t *testing.T) {
	c, address := world.main, registry(t)
	work := "FROM --platform=$BUILDPLATFORM scratch AS work\nCOPY --chmod=755 e2e-tiny/amd64 /work\nRUN [\"/work\",\"1\"]\n"
	c.dockerfile(t, work+fmt.Sprintf(tinyEnd, "$TARGETARCH")+"COPY --from=work /done.txt /opt/\n")
	folder := filepath.Join(t.TempDir(), "a cache, with a comma")
	caches := address + "/e2e/cache:x;" + folder
	c.with(builder(t, "one", buildkits(t, 1))...).must(t, "images", "-engine=buildx", "-cacheTo="+caches)
	for _, from := range []string{address + "/e2e/cache:x", folder} {
		socket, _ := newBuildkit(t)
		c.with(builder(t, "new", []string{socket})...).must(t, "images", "-engine=buildx", "-cacheFrom="+from)
		if text := c.read(t, "dist/logs/dockerfile.log"); !strings.Contains(text, "CACHED") || strings.Contains(text, "second 0") {
			t.Errorf("nothing was taken from %s:\n%s", from, text)
		}
	}
	pair := builder(t, "pair", buildkits(t, 2), "linux/amd64", "linux/arm64")
	c.with(pair...).must(t, "images", "-engine=buildx", "-cacheTo="+address+"/e2e/cache:y")
	if got := tags(t, "e2e/cache"); !strings.Contains(fmt.Sprint(got), "y-linux-amd64") || !strings.Contains(fmt.Sprint(got), "y-linux-arm64") {
		t.Errorf("the caches are %v", got)
	}
}

// TestBake: the file made from project.go is one that bake reads and builds.
func TestBake(t *testing.T) {
	c := world.main
	c.dockerfile(t, fmt.Sprintf(tinyEnd, "$TARGETARCH"))
	env := append(builder(t, "one", buildkits(t, 1)), "REGISTRY="+registry(t)+"/baked", "TAG=t1", "REVISION=abc", "CA_BUNDLE=")
	cmd := exec.Command("docker", "buildx", "bake", "-f", "docker/noetl/docker-bake.json", "--push")
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := decode[built](t, c.jsonOf(t, "manifest", "-json", "-image="+registry(t)+"/baked/"+product+":t1"))
	if len(got.Platforms) != 2 {
		t.Errorf("it has %+v", got.Platforms)
	}
}
