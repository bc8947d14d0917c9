//go:build e2e

package e2e

import (
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const (
	devFile = "docker/noetl/dev/Dockerfile"
	pipFile = "docker/noetl/pip/Dockerfile"
)

// standIns are the --build-arg of images that can be pulled here, where those of
// Docker Hub cannot: one of Debian packages and this machine's Rust for all that
// builds, and our own engine's base for what runs.
func standIns(t *testing.T) []string {
	t.Helper()
	needTools(t, "mmdebstrap", "rustc", "cargo")
	address := registry(t)
	bases.Do(func() {
		bases.failed = true
		pushBuilder(t, address+"/e2e/builder:1")
		pushBase(t, address+"/e2e/base:1")
		bases.failed = false
	})
	if bases.failed {
		t.Fatal("the stand-ins for Docker Hub's images could not be made")
	}
	args := []string{"BASE=" + address + "/e2e/base:1"}
	for _, arg := range []string{"RUST_IMAGE", "NODE_IMAGE", "PYTHON_IMAGE"} {
		args = append(args, arg+"="+address+"/e2e/builder:1")
	}
	return args
}

var bases struct {
	sync.Once
	failed bool
}

func pushBuilder(t *testing.T, ref string) {
	t.Helper()
	sysroot, err := onHost("rustc", "--print", "sysroot")
	if err != nil {
		t.Fatal(err)
	}
	const packages = "ca-certificates,gcc,libc6-dev,nodejs,npm,python3,python3-venv"
	dir, err := kept("builder-trixie-1", func(dir string) error {
		return tell("mmdebstrap", "--quiet", "--variant=minbase", "--include="+packages, "trixie", filepath.Join(dir, "debian.tar"))
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "Dockerfile")
	text := "FROM scratch\nADD debian.tar /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n" +
		"COPY --from=rust bin/rustc bin/cargo /usr/local/bin/\nCOPY --from=rust lib/*.so* /usr/local/lib/\n"
	for _, triple := range []string{"x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"} {
		text += "COPY --from=rust lib/rustlib/" + triple + " /usr/local/lib/rustlib/" + triple + "\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	dockerIn(t, builder(t, "bases", buildkits(t, 1)), "buildx", "build", "--provenance=false", uncompressed(ref),
		"--build-context", "rust="+strings.TrimSpace(sysroot), "--file", file, dir)
}

// uncompressed is the flag that pushes an image that only we pull: packing it
// would take longer than all else.
func uncompressed(ref string) string {
	return "--output=type=image,name=" + ref + ",push=true,compression=uncompressed,force-compression=true"
}

// pushBase makes an image of the lowest layer of each platform of ours.
func pushBase(t *testing.T, ref string) {
	t.Helper()
	dir := t.TempDir()
	var env []string
	for platform, image := range ours(t) {
		layers, err := image.Layers()
		if err != nil {
			t.Fatal(err)
		}
		from, err := layers[0].Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		to, err := os.Create(filepath.Join(dir, strings.TrimPrefix(platform, "linux/")+".tar"))
		if err == nil {
			_, err = io.Copy(to, from)
			err = errors.Join(err, to.Close(), from.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		env = config.Config.Env
	}
	i := slices.IndexFunc(env, func(pair string) bool { return strings.HasPrefix(pair, "PATH=") })
	text := "FROM scratch\nARG TARGETARCH\nADD $TARGETARCH.tar /\nENV " + env[i] + "\n"
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	dockerIn(t, builder(t, "bases", buildkits(t, 1)), "buildx", "build", "--provenance=false", uncompressed(ref),
		"--platform", strings.Join(platforms(), ","), dir)
}

// ours are the images of our own engine.
func ours(t *testing.T) map[string]v1.Image {
	t.Helper()
	path, err := layout.FromPath(images(t).path("dist/images/" + product))
	if err != nil {
		t.Fatal(err)
	}
	top, err := path.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	return byPlatform(t, top)
}

func byPlatform(t *testing.T, index v1.ImageIndex) map[string]v1.Image {
	t.Helper()
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]v1.Image{}
	for _, d := range manifest.Manifests {
		if d.MediaType.IsIndex() {
			inner, err := index.ImageIndex(d.Digest)
			if err != nil {
				t.Fatal(err)
			}
			return byPlatform(t, inner)
		}
		if out[d.Platform.String()], err = index.Image(d.Digest); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// builtFile are the images of a Dockerfile, built for both platforms by one
// daemon that emulates nothing, and pushed as ref.
func builtFile(t *testing.T, file, ref string) map[string]v1.Image {
	t.Helper()
	args := []string{
		"buildx", "build", "--platform", strings.Join(platforms(), ","), "-f", filepath.Join(images(t).dir, file),
		"--provenance=false", "--push", "--tag", ref, "--build-arg", "REVISION=" + revision(t),
	}
	for _, arg := range standIns(t) {
		args = append(args, "--build-arg", arg)
	}
	if ca := os.Getenv("SSL_CERT_FILE"); ca != "" {
		args = append(args, "--secret", "id=ca,src="+ca)
	}
	began := time.Now()
	dockerIn(t, builder(t, "one", buildkits(t, 1)), append(args, images(t).dir)...)
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
