package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// WriteLayout makes dir an OCI image layout that holds the index under the tag.
// What was in dir stays until the new layout is complete, and is then exchanged
// for it; a folder that is no layout is refused. Blobs that are the same are
// stored once, and shared with the cache and the old layout by hard links where
// the file system can: do not edit them in place.
func WriteLayout(ctx context.Context, dir string, index Index, tag string) error {
	if err := CheckTag(tag); err != nil {
		return err
	}
	if err := CheckLayoutFolder(dir); err != nil {
		return err
	}
	tmp, err := besides(dir)
	if err != nil {
		return fmt.Errorf("writing image layout %q: %w", dir, err)
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // gone after the exchange
	w := layoutWriter{ctx: ctx, dir: tmp, old: dir}
	if err := w.write(index, tag); err != nil {
		return fmt.Errorf("writing image layout %q: %w", dir, diskCure(err))
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("writing image layout %q: %w", dir, err)
	}
	if err := swap(tmp, dir); err != nil {
		return fmt.Errorf("putting image layout %q in place: %w", dir, err)
	}
	return nil
}

// CheckLayoutFolder says whether WriteLayout may write there: it protects what
// somebody may have named by mistake. Ask before an hour of building.
func CheckLayoutFolder(dir string) error {
	if err := checkTarget(dir); err != nil {
		return fmt.Errorf("writing image layout %q: %w", dir, err)
	}
	return nil
}

func checkTarget(dir string) error {
	// To Windows, what is no folder is a folder that does not exist.
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return errors.New("there is a file of that name; name a folder")
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) == 0:
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, "oci-layout")); err != nil {
		return errors.New("there are files in it and it is no image layout; name another folder, or remove this one")
	}
	return nil
}

// write fills the layout, children before parents.
func (w layoutWriter) write(index Index, tag string) error {
	if err := os.MkdirAll(filepath.Join(w.dir, "blobs", "sha256"), 0o755); err != nil {
		return err
	}
	if err := w.index(index); err != nil {
		return err
	}
	desc, err := topDescriptor(index)
	if err != nil {
		return err
	}
	desc.Annotations = map[string]string{annotationRefName: tag}
	top, err := json.MarshalIndent(v1.IndexManifest{
		SchemaVersion: 2,
		MediaType:     types.OCIImageIndex,
		Manifests:     []v1.Descriptor{desc},
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(w.dir, "oci-layout"), []byte(layoutMarker), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.dir, "index.json"), append(top, '\n'), 0o644)
}

func (w layoutWriter) index(index Index) error {
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	for _, desc := range manifest.Manifests {
		if !desc.MediaType.IsImage() {
			return fmt.Errorf("entry %s is a %q and no image", desc.Digest, desc.MediaType)
		}
		image, err := index.Image(desc.Digest)
		if err == nil {
			err = w.image(image)
		}
		if err != nil {
			return fmt.Errorf("writing image %s: %w", desc.Digest, err)
		}
	}
	raw, err := index.RawManifest()
	if err != nil {
		return err
	}
	return w.bytes(raw)
}

func (w layoutWriter) image(image v1.Image) error {
	layers, err := image.Layers()
	if err != nil {
		return err
	}
	for _, l := range layers {
		if err := w.layer(l); err != nil {
			return err
		}
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return err
	}
	if err := w.bytes(config); err != nil {
		return err
	}
	raw, err := image.RawManifest()
	if err != nil {
		return err
	}
	return w.bytes(raw)
}
