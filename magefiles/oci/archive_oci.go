package oci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// archivedImage is an image of an archive, under the name that it was saved by.
type archivedImage struct {
	name  string
	desc  v1.Descriptor
	image *finished
}

// layoutImages reads the images of an OCI layout in the archive. An index may
// list more platforms than were saved: Docker keeps the index of an image of
// which it has pulled one platform. What is not there is left out, and told.
func (a *archive) layoutImages() (out []archivedImage, absent int, err error) {
	raw, err := a.document("index.json")
	if err != nil {
		return nil, 0, err
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(raw))
	if err != nil {
		return nil, 0, fmt.Errorf("reading index.json in the archive: %w", err)
	}
	err = a.indexImages(index, "", 0, func(image *archivedImage) {
		if image == nil {
			absent++
			return
		}
		for i := range out { // one image under several names
			if out[i].desc.Digest == image.desc.Digest {
				out[i].name += ", " + image.name
				return
			}
		}
		out = append(out, *image)
	})
	return out, absent, err
}

// wholeIndex is the index that the archive's only image is, under however many
// names, with all its platforms; nil if the archive is of another kind.
func (a *archive) wholeIndex() (Index, error) {
	raw, err := a.document("index.json")
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // it has no layout
	}
	top, err := v1.ParseIndexManifest(bytes.NewReader(raw))
	if err != nil || len(top.Manifests) == 0 || !top.Manifests[0].MediaType.IsIndex() {
		return nil, nil //nolint:nilerr,nilnil // who reads it image by image says what is wrong
	}
	only := top.Manifests[0].Digest
	if slices.ContainsFunc(top.Manifests, func(d v1.Descriptor) bool { return d.Digest != only }) {
		return nil, nil //nolint:nilnil // several images
	}
	s := &settledIndex{images: make(map[v1.Hash]v1.Image)}
	if s.raw, err = a.blob(only); err != nil {
		return nil, err
	}
	list, err := s.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("reading index %s: %w", only, err)
	}
	for _, desc := range list.Manifests {
		if _, ok := a.find(blobName(desc.Digest)); !ok || !desc.MediaType.IsImage() || isAttestation(desc) {
			return nil, nil //nolint:nilnil // what is there is told without it
		}
		if s.images[desc.Digest], err = a.layoutImage(desc.Digest); err != nil {
			return nil, fmt.Errorf("reading image %s: %w", desc.Digest, err)
		}
	}
	return s, nil
}

func (a *archive) indexImages(index *v1.IndexManifest, name string, depth int, found func(*archivedImage)) error {
	for _, desc := range index.Manifests {
		name := or(or(desc.Annotations["io.containerd.image.name"], desc.Annotations[annotationRefName]), name)
		if _, ok := a.find(blobName(desc.Digest)); !ok {
			found(nil)
			continue
		}
		switch {
		case desc.MediaType.IsIndex():
			if depth == maxDepth {
				return fmt.Errorf("reading the archive: indexes in it are nested more than %d deep", maxDepth)
			}
			raw, err := a.blob(desc.Digest)
			if err != nil {
				return err
			}
			inner, err := v1.ParseIndexManifest(bytes.NewReader(raw))
			if err != nil {
				return fmt.Errorf("reading index %s: %w", desc.Digest, err)
			}
			if err := a.indexImages(inner, name, depth+1, found); err != nil {
				return err
			}
		case desc.MediaType.IsImage() && !isAttestation(desc):
			image, err := a.layoutImage(desc.Digest)
			if err != nil {
				return fmt.Errorf("reading image %s: %w", desc.Digest, err)
			}
			found(&archivedImage{name, desc, image})
		}
	}
	return nil
}

func (a *archive) layoutImage(digest v1.Hash) (*finished, error) {
	raw, err := a.blob(digest)
	if err != nil {
		return nil, err
	}
	manifest, err := v1.ParseManifest(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	image := &finished{manifest: raw}
	if image.config, err = a.blob(manifest.Config.Digest); err != nil {
		return nil, err
	}
	var config v1.ConfigFile
	if err := json.Unmarshal(image.config, &config); err != nil {
		return nil, fmt.Errorf("reading its config: %w", err)
	}
	if len(config.RootFS.DiffIDs) != len(manifest.Layers) {
		return nil, errors.New("it is no image of file systems: config and manifest have other numbers of layers")
	}
	for i, desc := range manifest.Layers {
		image.layers = append(image.layers, &archiveLayer{a, blobName(desc.Digest), desc, config.RootFS.DiffIDs[i]})
	}
	return image, nil
}

// blob reads a document by its digest, and checks it.
func (a *archive) blob(digest v1.Hash) ([]byte, error) {
	raw, err := a.document(blobName(digest))
	if err != nil {
		return nil, err
	}
	if got, _, err := v1.SHA256(bytes.NewReader(raw)); err != nil || got != digest {
		return nil, errors.Join(err, fmt.Errorf("reading %q in the archive: its bytes are not of that digest; save it again", blobName(digest)))
	}
	return raw, nil
}

func blobName(digest v1.Hash) string { return "blobs/" + digest.Algorithm + "/" + digest.Hex }
