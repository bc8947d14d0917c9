package oci

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// annotationImageName is where containerd, docker and podman look for the whole
// name; the specification's own annotation has the tag.
const annotationImageName = "io.containerd.image.name"

// layoutMarker is what the file oci-layout says.
const layoutMarker = "{\"imageLayoutVersion\":\"1.0.0\"}\n"

// layout writes an OCI layout: what is small and says what there is comes first.
// Each name has an entry, as BuildKit writes them.
func (a archiveWriter) layout(index Index, tags []name.Tag) error {
	top, err := layoutIndex(index, tags)
	if err != nil {
		return err
	}
	if err := a.bytes("oci-layout", []byte(layoutMarker)); err != nil {
		return err
	}
	if err := a.bytes("index.json", top); err != nil {
		return err
	}
	raw, err := index.RawManifest()
	if err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	if err := a.bytes(blobName(digest), raw); err != nil {
		return err
	}
	images, err := imagesOf(index)
	if err != nil {
		return err
	}
	for _, image := range images {
		if err := a.image(image); err != nil {
			return err
		}
	}
	return nil
}

// layoutIndex is the index.json that leads to an image by each of its names.
func layoutIndex(index Index, tags []name.Tag) ([]byte, error) {
	top := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}
	desc, err := topDescriptor(index)
	if err != nil {
		return nil, err
	}
	for _, tag := range tags {
		named := desc
		named.Annotations = map[string]string{annotationRefName: tag.TagStr(), annotationImageName: fullName(tag)}
		top.Manifests = append(top.Manifests, named)
	}
	raw, err := json.MarshalIndent(top, "", "  ")
	return append(raw, '\n'), err
}

// topDescriptor says what an index is written as, for the list of a layout.
func topDescriptor(index Index) (desc v1.Descriptor, err error) {
	if desc.MediaType, err = index.MediaType(); err != nil {
		return desc, err
	}
	if desc.Digest, err = index.Digest(); err != nil {
		return desc, err
	}
	desc.Size, err = index.Size()
	return desc, err
}

// fullName is a name as engines store it, with Docker Hub's host as they write it.
func fullName(tag name.Tag) string {
	if full, ok := strings.CutPrefix(tag.Name(), name.DefaultRegistry+"/"); ok {
		return "docker.io/" + full
	}
	return tag.Name()
}

func (a archiveWriter) image(image v1.Image) error {
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	raw, err := image.RawManifest()
	if err != nil {
		return err
	}
	if err := a.bytes(blobName(digest), raw); err != nil {
		return err
	}
	name, err := image.ConfigName()
	if err != nil {
		return err
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return err
	}
	if err := a.bytes(blobName(name), config); err != nil {
		return err
	}
	layers, err := image.Layers()
	if err != nil {
		return err
	}
	for _, l := range layers {
		if _, err := a.layer(func(d v1.Descriptor) string { return blobName(d.Digest) }, l); err != nil {
			return fmt.Errorf("image %s: %w", digest, err)
		}
	}
	return nil
}
