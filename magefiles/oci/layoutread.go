package oci

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// readLayout finds the one image in a layout. A layout of several tags that are
// images for different platforms is itself the index, as umoci and skopeo write
// it; anything else needs a decision that we do not take.
func readLayout(dir string) (Index, v1.Hash, error) {
	path, err := layout.FromPath(dir)
	if err != nil {
		return nil, v1.Hash{}, err
	}
	top, err := path.ImageIndex()
	if err != nil {
		return nil, v1.Hash{}, err
	}
	manifest, err := top.IndexManifest()
	if err != nil {
		return nil, v1.Hash{}, err
	}
	// One image may have several names.
	list := slices.Clone(manifest.Manifests)
	list = slices.CompactFunc(list, func(a, b v1.Descriptor) bool { return a.Digest == b.Digest })
	switch {
	case len(list) == 0:
		return nil, v1.Hash{}, errors.New("the layout is empty")
	case len(list) == 1 && list[0].MediaType.IsIndex():
		index, err := top.ImageIndex(list[0].Digest)
		return index, list[0].Digest, err
	case len(list) == 1 && list[0].MediaType.IsImage():
		image, err := top.Image(list[0].Digest)
		if err != nil {
			return nil, v1.Hash{}, err
		}
		index, err := indexOf(image)
		return index, list[0].Digest, err
	case onePerPlatform(list):
		digest, err := top.Digest()
		return top, digest, err
	default:
		return nil, v1.Hash{}, fmt.Errorf("the layout holds several images: %s; copy the wanted one into a layout of its own", names(list))
	}
}

func onePerPlatform(list []v1.Descriptor) bool {
	seen := make(map[string]bool)
	for _, desc := range list {
		if desc.Platform == nil || !desc.MediaType.IsImage() || seen[platformName(*desc.Platform)] {
			return false
		}
		seen[platformName(*desc.Platform)] = true
	}
	return true
}

func names(list []v1.Descriptor) string {
	var out []string
	for _, desc := range list {
		out = append(out, or(desc.Annotations[annotationRefName], desc.Digest.String()))
	}
	return strings.Join(out, ", ")
}
