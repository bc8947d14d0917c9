package oci

import (
	"context"
	"fmt"
	"maps"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Annotations that say what an image stands on, from the OCI specification.
const (
	annotationBaseName   = "org.opencontainers.image.base.name"
	annotationBaseDigest = "org.opencontainers.image.base.digest"
	annotationRefName    = "org.opencontainers.image.ref.name"
)

// assemble puts layers that are made into images and the images into an index.
func assemble(ctx context.Context, plan Plan, images []plannedImage, made madeLayers, c Cache) (Index, error) {
	entries := make([]indexEntry, 0, len(images))
	for _, p := range images {
		image, err := assembleImage(ctx, p, made, c)
		if err != nil {
			return nil, fmt.Errorf("building image for %s: %w", p.Platform, err)
		}
		entries = append(entries, indexEntry{image: image, platform: p.platform})
	}
	annotations := maps.Clone(plan.Annotations)
	if base := commonBase(images); base != nil {
		annotations = base.annotate(annotations, base.Digest)
	}
	return settle(entries, annotations)
}

func commonBase(images []plannedImage) *Source {
	base := images[0].Base
	for _, p := range images {
		if p.Base != base {
			return nil
		}
	}
	return base
}

func assembleImage(ctx context.Context, p plannedImage, made madeLayers, c Cache) (v1.Image, error) {
	config, layers, annotations := &v1.ConfigFile{}, []v1.Layer(nil), maps.Clone(p.Annotations)
	if p.Base != nil {
		under, err := p.Base.under(ctx, p.platform, c)
		if err != nil {
			return nil, err
		}
		config, layers = under.config, under.layers
		annotations = p.Base.annotate(annotations, under.digest.String())
	}
	config.OS, config.Architecture, config.Variant = p.platform.OS, p.platform.Architecture, p.platform.Variant
	config.RootFS.Type = "layers"
	config.Created = v1.Time{Time: p.created}
	config.Config = mergeConfig(config.Config, p.Config)
	for _, l := range p.Layers {
		layer := made[identify(l, p.fileTime)]
		layers = append(layers, layer)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, layer.diffID)
		config.History = append(config.History, v1.History{
			Created:   config.Created,
			CreatedBy: l.Name,
			Comment:   "files in " + l.To,
		})
	}
	return finish(config, layers, annotations)
}
