package oci

import (
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// settledIndex is an index whose bytes are settled, as those of a finished
// image are. An entry says what readers choose by, the platform, and no more:
// go-containerregistry's mutate would also copy the config's media type into
// artifactType, which the specification has for things that are no images.
type settledIndex struct {
	raw    []byte
	images map[v1.Hash]v1.Image
}

var _ v1.ImageIndex = (*settledIndex)(nil)

// indexEntry is an image and what the index shall say of it.
type indexEntry struct {
	image       v1.Image
	platform    v1.Platform
	annotations map[string]string
}

// settle serialises an OCI image index, its entries in the given order.
func settle(entries []indexEntry, annotations map[string]string) (*settledIndex, error) {
	m := v1.IndexManifest{
		SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{}, Annotations: annotations,
	}
	s := &settledIndex{images: make(map[v1.Hash]v1.Image)}
	for _, e := range entries {
		digest, err := e.image.Digest()
		if err != nil {
			return nil, err
		}
		size, err := e.image.Size()
		if err != nil {
			return nil, err
		}
		kind, err := e.image.MediaType()
		if err != nil {
			return nil, err
		}
		m.Manifests = append(m.Manifests, v1.Descriptor{
			MediaType: kind, Size: size, Digest: digest, Platform: &e.platform, Annotations: e.annotations,
		})
		s.images[digest] = e.image
	}
	var err error
	s.raw, err = json.Marshal(m)
	return s, err
}

func (s *settledIndex) MediaType() (types.MediaType, error) { return types.OCIImageIndex, nil }
func (s *settledIndex) Size() (int64, error)                { return int64(len(s.raw)), nil }
func (s *settledIndex) Digest() (v1.Hash, error)            { return partial.Digest(s) }
func (s *settledIndex) RawManifest() ([]byte, error)        { return s.raw, nil }
func (s *settledIndex) IndexManifest() (*v1.IndexManifest, error) {
	m := new(v1.IndexManifest)
	return m, json.Unmarshal(s.raw, m)
}

func (s *settledIndex) Image(h v1.Hash) (v1.Image, error) {
	if image, ok := s.images[h]; ok {
		return image, nil
	}
	return nil, fmt.Errorf("looking for image %s: the index has none of that digest", h)
}

func (s *settledIndex) ImageIndex(h v1.Hash) (v1.ImageIndex, error) {
	return nil, fmt.Errorf("looking for index %s: there is no index in this one", h)
}
