//go:build e2e

package e2e

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const (
	devFile = "docker/noetl/dev/Dockerfile"
	pipFile = "docker/noetl/pip/Dockerfile"
)

// fileArgs build a Dockerfile for both platforms from bases of our own.
func fileArgs(t *testing.T, file string, more ...string) []string {
	t.Helper()
	args := []string{
		"buildx", "build", "--platform", strings.Join(platforms(), ","), "-f", filepath.Join(images(t).dir, file),
		"--provenance=false", "--build-arg", "REVISION=" + revision(t),
	}
	for _, arg := range standIns(t) {
		args = append(args, "--build-arg", arg)
	}
	if ca := os.Getenv("SSL_CERT_FILE"); ca != "" {
		args = append(args, "--secret", "id=ca,src="+ca)
	}
	return append(append(args, more...), images(t).dir)
}

// builtFile are the images of a Dockerfile, built for both platforms by one
// daemon that emulates nothing, and pushed as ref.
func builtFile(t *testing.T, file, ref string) map[string]v1.Image {
	t.Helper()
	args := fileArgs(t, file, "--push", "--tag", ref)
	began := time.Now()
	dockerIn(t, builder(t, "one", buildkits(t, 1)), args...)
	t.Logf("%s: built in %.0f s", file, time.Since(began).Seconds())
	parsed, err := name.ParseReference(ref, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	index, err := remote.Index(parsed)
	if err != nil {
		t.Fatal(err)
	}
	return byPlatform(t, index)
}

// revision is what our own images were made of.
func revision(t *testing.T) string {
	t.Helper()
	config, err := ours(t)[platforms()[0]].ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return config.Config.Labels["org.opencontainers.image.revision"]
}

// TestDockerfile: what BuildKit makes of the Dockerfile is, path by path, what
// our own engine makes; it runs on both platforms.
func TestDockerfile(t *testing.T) {
	ref := registry(t) + "/e2e/" + product + ":dockerfile"
	theirs, own := builtFile(t, devFile, ref), ours(t)
	for _, platform := range platforms() {
		t.Run(platform, func(t *testing.T) {
			got, want := contents(t, theirs[platform]), contents(t, own[platform])
			if len(want) < 2500 {
				t.Fatalf("our own image has %d files: nothing is compared", len(want))
			}
			for _, path := range slices.Sorted(maps.Keys(want)) {
				if got[path] != want[path] {
					t.Errorf("%s is %q, want %q", path, got[path], want[path])
				}
				delete(got, path)
			}
			for path := range got {
				t.Errorf("%s is there alone", path)
			}
			sameConfig(t, theirs[platform], own[platform])
			emulation(t, platform)
			_, base := container(t, "--platform", platform, "--read-only", ref)
			healthy(t, base, 6*time.Minute)
			checkFacts(t, getJSON[runtimeFacts](t, base+"/api/runtime"), platform)
		})
	}
	a, b := layerDigests(t, theirs["linux/amd64"]), layerDigests(t, theirs["linux/arm64"])
	shared := 0
	for digest := range a {
		if b[digest] {
			shared++
		}
	}
	if shared < 4 { // the user, pure Python packages, UI, package
		t.Errorf("%d layers are one blob for both platforms, want 4", shared)
	}
}

// TestDockerfileLine: after a line of Rust has changed, nothing is compiled for
// either platform but the crate that the line is in.
func TestDockerfileLine(t *testing.T) {
	c := images(t)
	c.unchanged(t)
	env := builder(t, "one", buildkits(t, 1))
	args := fileArgs(t, devFile, "--target", "cli", "--output", "type=cacheonly", "--progress", "plain")
	dockerIn(t, env, args...)
	c.edit(t, "crates/noetlctl/src/main.rs", func(s string) string { return s + "\n// one line more\n" })
	compiled := map[string]int{}
	for _, found := range regexp.MustCompile(`\sCompiling (\S+) v`).FindAllStringSubmatch(dockerIn(t, env, args...), -1) {
		compiled[found[1]]++
	}
	if want := map[string]int{"noetlctl": len(platforms())}; !maps.Equal(compiled, want) {
		t.Errorf("compiled, and how often: %v, want %v", compiled, want)
	}
}

// TestDockerfilePip: the installed package alone, on both platforms.
func TestDockerfilePip(t *testing.T) {
	ref := registry(t) + "/e2e/noetl-pip:1"
	for platform, image := range builtFile(t, pipFile, ref) {
		if files := contents(t, image); files["usr/local/bin/noetl"] != "" {
			t.Errorf("%s: there is a CLI in it", platform)
		}
		emulation(t, platform)
		_, base := container(t, "--platform", platform, "--read-only", ref)
		healthy(t, base, 6*time.Minute)
		if facts := getJSON[runtimeFacts](t, base+"/api/runtime"); facts.Platform.Platform != platform || facts.Server.UI {
			t.Errorf("%s: it says of itself %+v", platform, facts)
		}
	}
}

// TestDockerfileCheck: BuildKit's own linter has nothing to say.
func TestDockerfileCheck(t *testing.T) {
	env := builder(t, "check", buildkits(t, 1))
	for _, file := range []string{devFile, pipFile} {
		args := []string{"buildx", "build", "--check", "--file", filepath.Join(world.main.dir, file)}
		for _, arg := range standIns(t) {
			args = append(args, "--build-arg", arg)
		}
		cmd := exec.Command("docker", append(args, world.main.dir)...)
		cmd.Env = append(os.Environ(), env...)
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "no warnings found") {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
	}
}
