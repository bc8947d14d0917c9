package oci

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// archived writes an archive and reads it as we do.
func archived(t *testing.T, kind Archive, index Index, refs ...string) (file string, source *Source) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "new", "x.tar")
	if err := WriteArchive(t.Context(), file, kind, index, refs); err != nil {
		t.Fatal(err)
	}
	source, err := Open(t.Context(), file, Remote{})
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(source.Index); err != nil {
		t.Error(err)
	}
	siblings, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(siblings) != 1 {
		t.Errorf("beside the archive: %v, %v", siblings, err)
	}
	return file, source
}

func TestOCIArchive(t *testing.T) {
	t.Parallel()
	index := build(t, about(twoPlatforms(), "abc"))
	file, source := archived(t, ArchiveOCI, index, "app:1", "ghcr.io/a/app:latest")
	if source.Digest != digest(t, index) || digest(t, source.Index) != source.Digest {
		t.Errorf("it has %s, want %s", source.Digest, digest(t, index))
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	names := listing(t, f)
	// 2 images with a config and a manifest each, cli twice, ui once, the index, and 2 files at the top.
	if got := strings.Count(names, "\n"); got != 2*2+2+1+1+2 || strings.Index(names, "index.json") > 100 {
		t.Errorf("%d members:\n%s", got, names)
	}
	for _, want := range []string{
		`"org.opencontainers.image.ref.name\": \"1\"`, `"io.containerd.image.name\": \"docker.io/library/app:1\"`,
		`"org.opencontainers.image.ref.name\": \"latest\"`, `"io.containerd.image.name\": \"ghcr.io/a/app:latest\"`, "- 0644 0:0",
	} {
		if !strings.Contains(strings.ReplaceAll(names, "0 0644", "- 0644"), want) {
			t.Errorf("index.json lacks %s:\n%s", want, names)
		}
	}
}

// TestArchivesAreTheSameBytes: from whatever the images are read.
func TestArchivesAreTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, kind := range []Archive{ArchiveOCI, ArchiveDocker} {
		first, source := archived(t, kind, build(t, twoPlatforms()), "app:1")
		again, _ := archived(t, kind, build(t, twoPlatforms()), "app:1")
		a, _ := os.ReadFile(first)
		b, _ := os.ReadFile(again)
		if len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("kind %d: %d and %d bytes that differ", kind, len(a), len(b))
		}
		if kind == ArchiveOCI {
			copied, _ := archived(t, kind, source.Index, "app:1")
			if c, _ := os.ReadFile(copied); !bytes.Equal(a, c) {
				t.Error("a copy of the archive differs")
			}
		}
	}
}

func TestDockerArchiveOfSeveralPlatforms(t *testing.T) {
	t.Parallel()
	file, source := archived(t, ArchiveDocker, build(t, twoPlatforms()), "app:1", "localhost:5000/app:latest")
	images, err := Streams(source.Index)
	if err != nil || len(images) != 2 || images[0].Platform != "linux/amd64" || images[1].Name != "app:1-arm64, localhost:5000/app:latest-arm64" {
		t.Errorf("%+v, %v", images, err)
	}
	for name, arch := range map[string]string{"app:1-amd64": "amd64", "localhost:5000/app:latest-arm64": "arm64"} {
		tag, _ := ParseTag(name)
		image, err := tarball.ImageFromPath(file, &tag)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate.Image(image); err != nil {
			t.Error(err)
		}
		if config, _ := image.ConfigFile(); config.Architecture != arch {
			t.Errorf("%s is for %s", name, config.Architecture)
		}
	}
	if raw, _ := os.ReadFile(file); bytes.Count(raw, []byte(".tar.gz")) < 4 || bytes.Count(raw, []byte("\x00ustar\x00")) != 2+2+1+1 {
		t.Errorf("the layer that both share should be there once: %d members", bytes.Count(raw, []byte("\x00ustar\x00")))
	}
}

// TestSelectIsAManifest: in a layout, in both archives and under a tag it is the
// image itself.
func TestSelectIsAManifest(t *testing.T) {
	t.Parallel()
	index := build(t, twoPlatforms())
	manifest, _ := index.IndexManifest()
	arm64 := manifest.Manifests[1].Digest.String()
	one, err := Select(index, "linux/arm64")
	if err != nil {
		t.Fatal(err)
	}
	r, layout := newRegistry(t), filepath.Join(t.TempDir(), "x")
	tag := r.host + "/app:1-arm64"
	got, err := Publish(t.Context(), Publication{Index: one, Tags: []string{tag}, Platforms: []string{"linux/arm64"}}, quick())
	if err != nil || got.Digest != arm64 {
		t.Fatalf("published %s, want %s: %v", got.Digest, arm64, err)
	}
	if err := WriteLayout(t.Context(), layout, one, "1"); err != nil {
		t.Fatal(err)
	}
	file, _ := archived(t, ArchiveOCI, one, "app:1")
	for _, where := range []string{tag, layout, file} {
		source, err := Open(t.Context(), where, quick())
		if err != nil || source.Digest != arm64 {
			t.Errorf("%s is %+v, want %s: %v", where, source, arm64, err)
		}
	}
	if h := pointsAt(t, tag); h != arm64 {
		t.Errorf("the tag points at %s", h)
	}
	if kind, _ := one.MediaType(); kind != types.OCIManifestSchema1 {
		t.Errorf("it is a %s", kind)
	}
	file, _ = archived(t, ArchiveDocker, one, "app:1")
	wanted, _ := ParseTag("app:1") // no suffix
	if _, err := tarball.ImageFromPath(file, &wanted); err != nil {
		t.Error(err)
	}
	for platform, says := range map[string]string{"linux/s390x": "has linux/amd64, linux/arm64", "arm64": "want os/arch"} {
		_, err := Select(index, platform)
		wantError(t, err, says)
	}
}

func TestArchiveKind(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "x.oci.tar")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"dist/images/app": "0", "a.oci.tar": "1", "b/A.OCI.TAR": "1", "x.docker.tar": "2", "v1.tar.d/app": "0",
		"dist/app.tar": "dist/app.oci.tar (all platforms, for skopeo and podman) or dist/app.docker.tar", "x.oci.tar.gz": "compressed already",
		"x.tgz": "compressed already", "X.TAR": "does not say which kind", folder: "there is a folder of that name",
	} {
		kind, err := ArchiveKind(file)
		if got := fmt.Sprint(int(kind)); err == nil && got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
		if len(want) > 1 {
			wantError(t, err, want)
		} else if err != nil {
			t.Error(err)
		}
	}
}

// TestArchiveWholeOrNotAtAll: what was there stays, and nothing is left.
func TestArchiveWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "x.oci.tar")
	index := build(t, twoPlatforms())
	if err := WriteArchive(t.Context(), file, ArchiveOCI, index, []string{"app:1"}); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(file)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, kind := range []Archive{ArchiveOCI, ArchiveDocker} {
		wantError(t, WriteArchive(cancelled, file, kind, index, []string{"app:2"}), "writing archive", "context canceled")
		wantError(t, WriteArchive(t.Context(), file, kind, broken{index}, []string{"app:2"}), "writing archive", "its content is")
	}
	wantError(t, WriteArchive(t.Context(), file, ArchiveOCI, index, []string{"app"}), "it has no tag")
	wantError(t, WriteArchive(t.Context(), file, ArchiveDocker, index, []string{"app:" + strings.Repeat("x", 125)}), "up to 128")
	after, _ := os.ReadFile(file)
	if entries, _ := os.ReadDir(dir); len(entries) != 1 || !bytes.Equal(before, after) {
		t.Errorf("left: %v", entries)
	}
}

// broken has layers that are not what their digest says.
type broken struct{ Index }

type brokenImage struct{ v1.Image }

func (b broken) Image(h v1.Hash) (v1.Image, error) {
	image, err := b.Index.Image(h)
	return brokenImage{image}, err
}

func (b brokenImage) Layers() ([]v1.Layer, error) {
	layers, err := b.Image.Layers()
	if err != nil {
		return nil, err
	}
	first, ok := layers[0].(*blob)
	if !ok {
		return nil, fmt.Errorf("a %T", layers[0])
	}
	lie := *first
	lie.digest.Hex = strings.Repeat("0", 64)
	return []v1.Layer{&lie}, nil
}
