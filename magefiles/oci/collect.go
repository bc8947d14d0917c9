package oci

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Collect puts images that another tool has made, each in an index of its own or
// several in one, into one index as Build makes it: sorted by platform, each
// once, of OCI's media type, and without entries that are no images. The images
// themselves stay as they are, byte for byte.
func Collect(from []Index, annotations map[string]string) (Index, error) {
	entries := make(map[string]indexEntry)
	for _, index := range from {
		manifest, err := index.IndexManifest()
		if err != nil {
			return nil, fmt.Errorf("collecting images: %w", err)
		}
		for _, desc := range manifest.Manifests {
			if isAttestation(desc) || !desc.MediaType.IsImage() {
				continue
			}
			e, err := collected(index, desc)
			if err != nil {
				return nil, fmt.Errorf("collecting image %s: %w", desc.Digest, err)
			}
			name := platformName(e.platform)
			if _, twice := entries[name]; twice {
				return nil, fmt.Errorf("collecting images: there are two for %s", name)
			}
			entries[name] = e
		}
	}
	if len(entries) == 0 {
		return nil, errors.New("collecting images: there is none")
	}
	var list []indexEntry
	for _, name := range slices.SortedFunc(maps.Keys(entries), strings.Compare) {
		list = append(list, entries[name])
	}
	return settle(list, annotations)
}

// collected is an entry with the platform that the image's own config names, if
// the index is silent.
func collected(index Index, desc v1.Descriptor) (indexEntry, error) {
	image, err := index.Image(desc.Digest)
	if err != nil {
		return indexEntry{}, err
	}
	if desc.Platform != nil {
		return indexEntry{image: image, platform: *desc.Platform}, nil
	}
	config, err := image.ConfigFile()
	if err != nil {
		return indexEntry{}, err
	}
	return indexEntry{image: image, platform: v1.Platform{OS: config.OS, Architecture: config.Architecture, Variant: config.Variant}}, nil
}
