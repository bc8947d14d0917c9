package oci

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// wantLayout wants dir to hold exactly this index, valid, and nothing beside it.
func wantLayout(t *testing.T, dir, want string) {
	t.Helper()
	source, err := Open(t.Context(), dir, Remote{})
	if err != nil {
		t.Fatal(err)
	}
	if source.Digest != want || digest(t, source.Index) != want {
		t.Errorf("the layout has %s, want %s", source.Digest, want)
	}
	if err := validate.Index(source.Index); err != nil {
		t.Error(err)
	}
	siblings, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(siblings) != 1 {
		t.Errorf("beside the layout: %v, %v", siblings, err)
	}
}

func TestLayoutIsValidAndReplacedWhole(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "images", "app")
	old := build(t, twoPlatforms())
	if err := WriteLayout(t.Context(), dir, old, "v1"); err != nil {
		t.Fatal(err)
	}
	wantLayout(t, dir, digest(t, old))

	plan := twoPlatforms()
	plan.Images[0].Layers = append(plan.Images[0].Layers, layer("more", "x"))
	index := build(t, plan)
	if err := WriteLayout(t.Context(), dir, index, "v2"); err != nil {
		t.Fatal(err)
	}
	wantLayout(t, dir, digest(t, index))

	top, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	manifest, _ := top.IndexManifest()
	if len(manifest.Manifests) != 1 || manifest.Manifests[0].Annotations[annotationRefName] != "v2" {
		t.Errorf("index.json: %+v", manifest)
	}
	// 2 images with a config and a manifest each, cli twice, ui once, more once, the index.
	blobs, _ := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
	if len(blobs) != 2*2+2+1+1+1 {
		t.Errorf("%d blobs; each distinct one has to be there once", len(blobs))
	}
}

func TestLayoutSharesBlobsWithTheCache(t *testing.T) {
	t.Parallel()
	cache, dir := t.TempDir(), t.TempDir()
	index := buildIn(t, cache, twoPlatforms())
	for range 2 {
		if err := WriteLayout(t.Context(), filepath.Join(dir, "app"), index, "v1"); err != nil {
			t.Fatal(err)
		}
		cached, _ := filepath.Glob(filepath.Join(cache, "blobs", "sha256", "*"))
		for _, blob := range cached {
			a, aerr := os.Stat(blob)
			b, berr := os.Stat(filepath.Join(dir, "app", "blobs", "sha256", filepath.Base(blob)))
			if aerr != nil || berr != nil || !os.SameFile(a, b) {
				t.Errorf("%s was copied: %v, %v", blob, aerr, berr)
			}
		}
	}
}

func TestLayoutDoesNotTakeOverDamage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "app")
	index := build(t, twoPlatforms())
	if err := WriteLayout(t.Context(), dir, index, "v1"); err != nil {
		t.Fatal(err)
	}
	blobs, _ := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
	for _, blob := range blobs { // a new file: the old one may be the cache's
		info, err := os.Stat(blob)
		if err == nil {
			err = os.Remove(blob)
		}
		if err == nil {
			err = os.WriteFile(blob, make([]byte, info.Size()), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteLayout(t.Context(), dir, index, "v1"); err != nil {
		t.Fatal(err)
	}
	wantLayout(t, dir, digest(t, index))
}

// brokenIndex fails in the middle of being written, with one image written.
type brokenIndex struct {
	Index
	last  v1.Hash
	event func() error
}

func (b brokenIndex) Image(h v1.Hash) (v1.Image, error) {
	image, err := b.Index.Image(h)
	if err == nil && h == b.last {
		err = b.event()
	}
	return image, err
}

func TestLayoutFailuresKeepTheOldOne(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	for name, test := range map[string]struct {
		ctx   context.Context
		event func() error
		want  string
	}{
		"interrupt": {ctx, func() error { cancel(); return nil }, "context canceled"},
		"disk full": {context.Background(), func() error { return &fs.PathError{Op: "write", Err: errors.New("no space left")} }, "no space left"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "app")
			old := build(t, twoPlatforms())
			if err := WriteLayout(t.Context(), dir, old, "v1"); err != nil {
				t.Fatal(err)
			}
			plan := twoPlatforms()
			plan.Images[1].Layers = append(plan.Images[1].Layers, layer("new", "x"))
			next := build(t, plan)
			manifest, _ := next.IndexManifest()
			broken := brokenIndex{next, manifest.Manifests[1].Digest, test.event}
			wantError(t, WriteLayout(test.ctx, dir, broken, "v2"), "writing image layout", test.want)
			wantLayout(t, dir, digest(t, old))
		})
	}
}

func TestLayoutRefusesPlaces(t *testing.T) {
	t.Parallel()
	index := build(t, twoPlatforms())
	mine := filepath.Join(t.TempDir(), "thesis")
	if err := writeFile(filepath.Join(mine, "chapter1"), []byte("years of work")); err != nil {
		t.Fatal(err)
	}
	wantError(t, WriteLayout(t.Context(), mine, index, "v1"), "no image layout; name another folder")
	wantError(t, WriteLayout(t.Context(), filepath.Join(mine, "chapter1"), index, "v1"), "writing image layout")
	wantError(t, WriteLayout(t.Context(), filepath.Join(mine, "chapter1", "x"), index, "v1"), "writing image layout")
	wantError(t, WriteLayout(t.Context(), filepath.Join(mine, "x"), index, "a tag"), "parsing tag")
	if raw, err := os.ReadFile(filepath.Join(mine, "chapter1")); err != nil || len(raw) != 13 {
		t.Errorf("the file of somebody else: %q, %v", raw, err)
	}
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		return // neither Windows nor root cares about the mode of a directory
	}
	locked := t.TempDir()
	if err := os.Chmod(locked, 0o555); err != nil {
		t.Fatal(err)
	}
	wantError(t, WriteLayout(t.Context(), filepath.Join(locked, "app"), index, "v1"), "permission denied")
}

func TestSwapWithoutExchange(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"old", "new"} {
		if err := writeFile(filepath.Join(dir, name, "f"), []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := swapInSteps(filepath.Join(dir, "new"), filepath.Join(dir, "old")); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "old", "f"))
	entries, _ := os.ReadDir(dir)
	if string(raw) != "new" || err != nil || len(entries) != 1 {
		t.Errorf("got %q, %v, %v", raw, err, entries)
	}
	// The new one is missing: the old one comes back.
	wantError(t, swapInSteps(filepath.Join(dir, "none"), filepath.Join(dir, "old")), "none")
	if raw, err := os.ReadFile(filepath.Join(dir, "old", "f")); string(raw) != "new" {
		t.Errorf("the old one did not come back: %q, %v", raw, err)
	}
}

func TestStreamsAreReadableTars(t *testing.T) {
	t.Parallel()
	images, err := Streams(build(t, twoPlatforms()))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, image := range images {
		for _, l := range image.Layers {
			r, err := l.Open()
			if err != nil {
				t.Fatal(err)
			}
			raw, err := io.ReadAll(r)
			if err != nil || r.Close() != nil {
				t.Fatal(err)
			}
			out.WriteString(image.Platform + " " + l.Name + "\n" + listing(t, strings.NewReader(string(raw))))
		}
	}
	golden(t, "streams", out.String())
}
