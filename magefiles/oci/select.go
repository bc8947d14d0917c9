package oci

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Select is the image of one platform alone, for those who cannot read an index.
// Written or published, it is a manifest and no index; who asks it for its
// images gets that one.
func Select(index Index, platform string) (Index, error) {
	want, err := parsePlatform(platform)
	if err != nil {
		return nil, err
	}
	digest, err := index.Digest()
	if err != nil {
		return nil, err
	}
	image, _, err := pick(index, platformName(want), digest.String())
	if err != nil {
		return nil, err
	}
	list, err := settle([]indexEntry{{image: image, platform: want}}, nil)
	if err != nil {
		return nil, err
	}
	return &singleIndex{settledIndex: list, only: image}, nil
}

// singleIndex is an index of one image that is written as this image: to whoever
// asks for bytes and digest it is the image's manifest.
type singleIndex struct {
	*settledIndex // the list of one
	only          v1.Image
}

func (s *singleIndex) MediaType() (types.MediaType, error) { return s.only.MediaType() }
func (s *singleIndex) Size() (int64, error)                { return s.only.Size() }
func (s *singleIndex) Digest() (v1.Hash, error)            { return s.only.Digest() }
func (s *singleIndex) RawManifest() ([]byte, error)        { return s.only.RawManifest() }
