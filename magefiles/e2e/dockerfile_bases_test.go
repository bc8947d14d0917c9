//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
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

// pushBase makes an image of the layers of Debian of each platform of ours.
func pushBase(t *testing.T, ref string) {
	t.Helper()
	dir := t.TempDir()
	made := images(t).result(t)
	text := "FROM scratch\nARG TARGETARCH\n"
	for i, layer := range made.Platforms[0].Layers {
		if strings.HasPrefix(layer.Name, "Debian ") {
			text += fmt.Sprintf("ADD ${TARGETARCH}-%d.tar /\n", i)
		}
	}
	for platform, image := range ours(t) {
		layers, err := image.Layers()
		if err != nil {
			t.Fatal(err)
		}
		for i := range strings.Count(text, "ADD ") {
			unpackLayer(t, layers[i], filepath.Join(dir, fmt.Sprintf("%s-%d.tar", strings.TrimPrefix(platform, "linux/"), i)))
		}
	}
	text += "ENV " + pathInside(t) + "\n"
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	dockerIn(t, builder(t, "bases", buildkits(t, 1)), "buildx", "build", "--provenance=false", uncompressed(ref),
		"--platform", strings.Join(platforms(), ","), dir)
}

func unpackLayer(t *testing.T, layer v1.Layer, file string) {
	t.Helper()
	from, err := layer.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	to, err := os.Create(file)
	if err == nil {
		_, err = io.Copy(to, from)
		err = errors.Join(err, to.Close(), from.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// pathInside is PATH=… of our images.
func pathInside(t *testing.T) string {
	t.Helper()
	config, err := ours(t)[platforms()[0]].ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(config.Config.Env, func(pair string) bool { return strings.HasPrefix(pair, "PATH=") })
	return config.Config.Env[i]
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
