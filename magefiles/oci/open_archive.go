package oci

import (
	"errors"
	"fmt"

	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// openArchive reads a file that "docker save" or "skopeo copy … oci-archive:"
// has written, of one image or many.
func openArchive(file string) (*Source, error) {
	a, err := indexArchive(file)
	if errors.Is(err, errNoArchive) {
		return nil, fmt.Errorf("opening image %q: %w of images; give what docker save has written, an OCI archive, "+
			"the folder of an OCI layout, or a reference", file, err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening image %q: %w", file, err)
	}
	if whole, err := a.wholeIndex(); err != nil {
		return nil, fmt.Errorf("opening image %q: %w", file, err)
	} else if whole != nil {
		digest, err := whole.Digest()
		return &Source{Name: file, Index: whole, Digest: digest.String()}, err
	}
	images, err := a.images()
	if err != nil {
		return nil, fmt.Errorf("opening image %q: %w", file, err)
	}
	index := Index(empty.Index)
	for _, x := range images {
		add := mutate.IndexAddendum{Add: x.image, Descriptor: x.desc}
		config, err := x.image.ConfigFile()
		if err != nil {
			return nil, fmt.Errorf("opening image %q: %w", file, err)
		}
		if add.Platform == nil {
			add.Platform = config.Platform()
		}
		if x.name != "" {
			add.Annotations = map[string]string{annotationRefName: x.name}
		}
		index = mutate.AppendManifests(index, add)
	}
	source := &Source{Name: file, Index: index, Digest: images[0].desc.Digest.String()}
	if len(images) > 1 {
		digest, err := index.Digest()
		if err != nil {
			return nil, fmt.Errorf("opening image %q: %w", file, err)
		}
		source.Digest = digest.String()
	}
	return source, nil
}

// images reads the archive in the one format or the other. Newer Dockers write
// both into one archive; the OCI one says more.
func (a *archive) images() ([]archivedImage, error) {
	_, layout := a.find("index.json")
	_, docker := a.find("manifest.json")
	if layout {
		images, absent, err := a.layoutImages()
		switch {
		case err != nil, len(images) > 0:
			return images, err
		case absent > 0 && !docker:
			return nil, errors.New("none of the images in its index.json is in the archive; save them again, with their platforms")
		}
	}
	if !docker {
		return nil, errors.New("it is a tar archive, but none of images: it has neither index.json nor manifest.json; " +
			"what docker export has written has no platform any more: use docker save")
	}
	images, err := a.savedImages()
	if err == nil && len(images) == 0 {
		err = errors.New("the archive is empty")
	}
	return images, err
}
