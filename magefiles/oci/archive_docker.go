package oci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// savedImage is an entry of manifest.json, which "docker save" writes: the
// "Combined Image JSON + Filesystem Changeset Format" of Docker's image
// specification 1.2.
type savedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// images reads what "docker save" has written, one or many.
func (a *archive) savedImages() ([]archivedImage, error) {
	raw, err := a.document("manifest.json")
	if err != nil {
		return nil, err
	}
	var list []savedImage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("reading manifest.json in the archive: %w", err)
	}
	var out []archivedImage
	for _, saved := range list {
		image, err := a.savedImage(saved)
		if err != nil {
			return nil, fmt.Errorf("reading image %s: %w", or(strings.Join(saved.RepoTags, ", "), saved.Config), err)
		}
		desc := v1.Descriptor{MediaType: types.OCIManifestSchema1, Size: int64(len(image.manifest))}
		if desc.Digest, err = image.Digest(); err != nil {
			return nil, err
		}
		out = append(out, archivedImage{name: strings.Join(saved.RepoTags, ", "), desc: desc, image: image})
	}
	return out, nil
}

// savedImage gives the image a manifest, which the format does not have. Layers
// are not compressed in it, and so known by the digests in the config.
func (a *archive) savedImage(saved savedImage) (*finished, error) {
	raw, err := a.document(saved.Config)
	if err != nil {
		return nil, err
	}
	config, err := v1.ParseConfigFile(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if len(config.RootFS.DiffIDs) != len(saved.Layers) {
		return nil, fmt.Errorf("its config has %d layers, and its manifest %d; save it again", len(config.RootFS.DiffIDs), len(saved.Layers))
	}
	var layers []v1.Layer
	for i, name := range saved.Layers {
		layer, err := a.savedLayer(name, config.RootFS.DiffIDs[i])
		if err != nil {
			return nil, err
		}
		layers = append(layers, layer)
	}
	image, err := finish(config, layers, nil)
	if err != nil {
		return nil, err
	}
	image.config = raw
	return image, nil
}

func (a *archive) savedLayer(name string, diffID v1.Hash) (_ *archiveLayer, err error) {
	m, ok := a.find(name)
	if !ok {
		return nil, fmt.Errorf("its layer %q is not in the archive; save it again", name)
	}
	l := &archiveLayer{a, name, v1.Descriptor{MediaType: types.OCIUncompressedLayer, Digest: diffID, Size: m.size}, diffID}
	c, err := l.Compressed()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	if compression(head) != nil { // other tools than Docker do that
		l.desc.MediaType = types.OCILayer
		l.desc.Digest, _, err = v1.SHA256(io.MultiReader(bytes.NewReader(head), c))
	}
	return l, err
}
