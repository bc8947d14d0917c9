package oci

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Collect puts images that another tool has made, each in an index of its own or
// several in one, into one index as Build makes it: sorted by platform, each
// once, of OCI's media type, and without entries that are no images. Layers stay
// as they are, byte for byte; the images get the time that they are of, instead
// of that of their files, and the annotations.
func Collect(from []Index, created time.Time, annotations map[string]string) (Index, error) {
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
			e, err := collected(index, desc, created, annotations)
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
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		list = append(list, entries[name])
	}
	return settle(list, annotations)
}

// collected is an image with its time, and with the platform that its own config
// names, if the index is silent.
func collected(index Index, desc v1.Descriptor, created time.Time, annotations map[string]string) (indexEntry, error) {
	image, err := index.Image(desc.Digest)
	if err != nil {
		return indexEntry{}, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return indexEntry{}, err
	}
	layers, err := image.Layers()
	if err != nil {
		return indexEntry{}, err
	}
	config = config.DeepCopy()
	files := config.Created
	config.Created = v1.Time{Time: created.UTC()}
	for i := range config.History {
		if config.History[i].Created == files {
			config.History[i].Created = config.Created
		}
	}
	platform := v1.Platform{OS: config.OS, Architecture: config.Architecture, Variant: config.Variant}
	if desc.Platform != nil {
		platform = *desc.Platform
	}
	made, err := finish(config, layers, annotations)
	return indexEntry{image: made, platform: platform}, err
}
