package oci

import (
	"context"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// under is what an image of ours inherits.
type under struct {
	digest v1.Hash
	config *v1.ConfigFile
	layers []v1.Layer
}

// under reads manifest and config of the base for one platform, but no layer.
func (s *Source) under(ctx context.Context, p v1.Platform, c Cache) (*under, error) {
	image, digest, err := s.image(ctx, p)
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading config of base %q: %w", s.Name, err)
	}
	manifest, err := image.Manifest()
	if err != nil {
		return nil, fmt.Errorf("reading manifest of base %q: %w", s.Name, err)
	}
	if len(manifest.Layers) != len(config.RootFS.DiffIDs) {
		return nil, fmt.Errorf("reading base %q: %d layers, but the config has %d; it is not an image to run", s.Name, len(manifest.Layers), len(config.RootFS.DiffIDs))
	}
	u := &under{digest: digest, config: inherit(config, len(manifest.Layers))}
	for _, desc := range manifest.Layers {
		l, err := s.layer(ctx, image, desc, c)
		if err != nil {
			return nil, fmt.Errorf("reading base %q: %w", s.Name, err)
		}
		u.layers = append(u.layers, l)
	}
	return u, nil
}

// inherit keeps of a config what is true for an image built on it. The history
// must have one line per layer, or Docker refuses the image; bases made by
// hand do not always have that.
func inherit(base *v1.ConfigFile, layers int) *v1.ConfigFile {
	config := base.DeepCopy()
	config.Author, config.Container, config.DockerVersion = "", "", "" //nolint:staticcheck // deprecated, but old bases still have it
	lines := 0
	for _, h := range config.History {
		if !h.EmptyLayer {
			lines++
		}
	}
	if lines > layers {
		config.History, lines = nil, 0
	}
	for ; lines < layers; lines++ {
		config.History = append(config.History, v1.History{Created: config.Created, CreatedBy: "base"})
	}
	return config
}

// layer is a layer of the base as ours: with an OCI media type, remembering
// where it can be mounted from, and read through the cache if it is read at all.
func (s *Source) layer(ctx context.Context, image v1.Image, desc v1.Descriptor, c Cache) (v1.Layer, error) {
	kind, err := ociLayerType(desc.MediaType)
	if err != nil {
		return nil, err
	}
	l, err := image.LayerByDigest(desc.Digest)
	if err != nil {
		return nil, err
	}
	if mountable, ok := l.(*remote.MountableLayer); ok {
		l = mountable.Layer
	}
	l = &baseLayer{Layer: l, desc: desc, kind: kind, cache: c, ctx: ctx}
	if s.ref != nil {
		l = &remote.MountableLayer{Layer: l, Reference: s.ref}
	}
	return l, nil
}

// ociLayerType translates Docker's media types. The bytes are the same; only
// the names differ, and an OCI manifest should not mix them.
func ociLayerType(t types.MediaType) (types.MediaType, error) {
	switch t {
	case types.OCILayer, types.OCIUncompressedLayer, types.OCILayerZStd:
		return t, nil
	case types.DockerLayer:
		return types.OCILayer, nil
	case types.DockerUncompressedLayer:
		return types.OCIUncompressedLayer, nil
	}
	return "", fmt.Errorf("a layer has media type %q, which cannot be copied: choose another base", t)
}

// annotate adds what the image stands on. A folder of this machine is no name
// for the world, so only its digest is told.
func (s *Source) annotate(to map[string]string, digest string) map[string]string {
	if to == nil {
		to = make(map[string]string)
	}
	to[annotationBaseDigest] = digest
	if s.ref != nil {
		to[annotationBaseName] = s.ref.Name()
	}
	return to
}

// image picks a platform; an error lists those that there are.
func (s *Source) image(ctx context.Context, want v1.Platform) (v1.Image, v1.Hash, error) {
	if err := ctx.Err(); err != nil {
		return nil, v1.Hash{}, err
	}
	return pick(s.Index, platformName(want), s.Name)
}

// pick finds the image for a platform in an index that people know as what.
func pick(index Index, want, what string) (v1.Image, v1.Hash, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, v1.Hash{}, fmt.Errorf("reading index %q: %w", what, err)
	}
	var have []string
	for _, desc := range manifest.Manifests {
		if desc.Platform == nil || isAttestation(desc) || !desc.MediaType.IsImage() {
			continue
		}
		name := platformName(*desc.Platform)
		if name == want {
			image, err := index.Image(desc.Digest)
			if err != nil {
				return nil, v1.Hash{}, fmt.Errorf("reading %s of %q: %w", want, what, err)
			}
			return image, desc.Digest, nil
		}
		have = append(have, name)
	}
	return nil, v1.Hash{}, fmt.Errorf("looking for platform %s: %q has %s", want, what, or(strings.Join(have, ", "), "no image at all"))
}
