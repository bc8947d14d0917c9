package oci

import (
	"bytes"
	"encoding/json"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// finished is an image whose bytes are settled. Unlike the lazy images of
// go-containerregistry's mutate it cannot change its digest after it was asked,
// and it keeps layers as they are, so that those of a base can be mounted.
type finished struct {
	config   []byte
	manifest []byte
	layers   []v1.Layer
}

var _ v1.Image = (*finished)(nil)

// finish serialises config and layers into an OCI image.
func finish(config *v1.ConfigFile, layers []v1.Layer, annotations map[string]string) (*finished, error) {
	raw, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	digest, size, err := v1.SHA256(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	m := v1.Manifest{
		SchemaVersion: 2,
		MediaType:     types.OCIManifestSchema1,
		Config:        v1.Descriptor{MediaType: types.OCIConfigJSON, Digest: digest, Size: size},
		Layers:        []v1.Descriptor{},
		Annotations:   annotations,
	}
	for _, l := range layers {
		desc, err := describeLayer(l)
		if err != nil {
			return nil, err
		}
		m.Layers = append(m.Layers, desc)
	}
	manifest, err := json.Marshal(m)
	return &finished{config: raw, manifest: manifest, layers: layers}, err
}

func describeLayer(l v1.Layer) (v1.Descriptor, error) {
	digest, err := l.Digest()
	if err != nil {
		return v1.Descriptor{}, err
	}
	size, err := l.Size()
	if err != nil {
		return v1.Descriptor{}, err
	}
	kind, err := l.MediaType()
	return v1.Descriptor{MediaType: kind, Digest: digest, Size: size}, err
}

func (f *finished) Layers() ([]v1.Layer, error)         { return f.layers, nil }
func (f *finished) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }
func (f *finished) Size() (int64, error)                { return int64(len(f.manifest)), nil }
func (f *finished) Digest() (v1.Hash, error)            { return partial.Digest(f) }
func (f *finished) ConfigName() (v1.Hash, error)        { return partial.ConfigName(f) }
func (f *finished) ConfigFile() (*v1.ConfigFile, error) { return partial.ConfigFile(f) }
func (f *finished) RawConfigFile() ([]byte, error)      { return f.config, nil }
func (f *finished) Manifest() (*v1.Manifest, error)     { return partial.Manifest(f) }
func (f *finished) RawManifest() ([]byte, error)        { return f.manifest, nil }
func (f *finished) LayerByDigest(h v1.Hash) (v1.Layer, error) {
	if name, err := f.ConfigName(); err != nil || name == h {
		if err != nil {
			return nil, err
		}
		return partial.ConfigLayer(f)
	}
	return find(f.layers, h, v1.Layer.Digest)
}

func (f *finished) LayerByDiffID(h v1.Hash) (v1.Layer, error) {
	return find(f.layers, h, v1.Layer.DiffID)
}

func find(layers []v1.Layer, want v1.Hash, name func(v1.Layer) (v1.Hash, error)) (v1.Layer, error) {
	for _, l := range layers {
		got, err := name(l)
		if err != nil {
			return nil, err
		}
		if got == want {
			return l, nil
		}
	}
	return nil, fmt.Errorf("looking for layer %s: the image has none of that digest", want)
}
