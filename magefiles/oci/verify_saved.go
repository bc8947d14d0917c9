package oci

import (
	"context"
	"encoding/json"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
)

// verifySaved checks what older Dockers have saved, which has no manifests: only
// the layers, whose digests are in the config.
func verifySaved(ctx context.Context, a *archive, name string, r Remote) (Verification, error) {
	images, err := a.savedImages()
	if err != nil {
		return Verification{}, err
	}
	s := savedStore{store: archiveStore{a}, layers: make(map[v1.Hash]v1.Layer), manifests: make(map[v1.Hash][]byte)}
	var tops []v1.Descriptor
	for _, image := range images {
		config, err := partial.ConfigLayer(image.image)
		if err != nil {
			return Verification{}, err
		}
		// The config as it was saved, and not as we would write it.
		manifest, err := image.image.Manifest()
		if err != nil {
			return Verification{}, err
		}
		if manifest.Config, err = describeLayer(config); err != nil {
			return Verification{}, err
		}
		raw, err := json.Marshal(manifest)
		if err != nil {
			return Verification{}, err
		}
		for _, l := range append(image.image.layers[:len(image.image.layers):len(image.image.layers)], config) {
			digest, err := l.Digest()
			if err != nil {
				return Verification{}, err
			}
			s.layers[digest] = l
		}
		image.desc.Size = int64(len(raw))
		s.manifests[image.desc.Digest] = raw
		tops = append(tops, image.desc)
	}
	return newVerifier(s, name, true, r).run(ctx, tops...)
}

// savedStore has manifests that were made up for it.
type savedStore struct {
	store
	layers    map[v1.Hash]v1.Layer
	manifests map[v1.Hash][]byte
}

func (s savedStore) read(_ context.Context, digest v1.Hash) ([]byte, error) {
	return s.manifests[digest], nil
}

func (s savedStore) stat(_ context.Context, digest v1.Hash) (int64, error) {
	if l, ok := s.layers[digest]; ok {
		return l.Size()
	}
	return 0, errAbsent
}

func (s savedStore) open(_ context.Context, digest v1.Hash) (io.ReadCloser, error) {
	if l, ok := s.layers[digest]; ok {
		return l.Compressed()
	}
	return nil, errAbsent
}
