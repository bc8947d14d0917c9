package oci

import (
	"fmt"
	"io"
	"maps"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// PlatformImage is the image of one platform of an index.
type PlatformImage struct {
	Name     string // that it was saved by: of use where an archive has several images
	Platform string
	Digest   string
	Runtime  Runtime
	Layers   []LayerStream // bottom first
}

// Runtime is what an image's config says of what runs, with all that came from
// its base.
type Runtime struct {
	Entrypoint, Command []string
	User                string // "10001", "app", "10001:10001"; "" is root
	WorkingDir          string
	Env                 []string // KEY=value
	Ports               []string // "8082/tcp", sorted
}

// LayerStream is a layer for those who look inside.
type LayerStream struct {
	Name   string
	Index  int                           // 0 is the bottom
	Digest string                        // of the compressed blob: equal in images that share it
	Open   func() (io.ReadCloser, error) // an uncompressed tar archive
}

// Streams lists the images of an index with their layers. Nothing is read
// before a layer is opened.
func Streams(index Index) ([]PlatformImage, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("reading index: %w", err)
	}
	var out []PlatformImage
	for _, desc := range manifest.Manifests {
		if isAttestation(desc) || !desc.MediaType.IsImage() {
			continue
		}
		image, err := index.Image(desc.Digest)
		if err != nil {
			return nil, fmt.Errorf("reading image %s: %w", desc.Digest, err)
		}
		p, err := streams(desc, image)
		if err != nil {
			return nil, fmt.Errorf("reading image %s: %w", desc.Digest, err)
		}
		out = append(out, p)
	}
	return out, nil
}

func streams(desc v1.Descriptor, image v1.Image) (PlatformImage, error) {
	config, err := image.ConfigFile()
	if err != nil {
		return PlatformImage{}, err
	}
	layers, err := image.Layers()
	if err != nil {
		return PlatformImage{}, err
	}
	platform := v1.Platform{OS: config.OS, Architecture: config.Architecture, Variant: config.Variant}
	if desc.Platform != nil {
		platform = *desc.Platform
	}
	p := PlatformImage{
		Name: desc.Annotations[annotationRefName], Platform: platformName(platform), Digest: desc.Digest.String(),
		Runtime: Runtime{
			Entrypoint: config.Config.Entrypoint, Command: config.Config.Cmd, User: config.Config.User,
			WorkingDir: config.Config.WorkingDir, Env: config.Config.Env,
			Ports: slices.Sorted(maps.Keys(config.Config.ExposedPorts)),
		},
	}
	names := layerNames(config, len(layers))
	for i, l := range layers {
		digest, err := l.Digest()
		if err != nil {
			return PlatformImage{}, err
		}
		p.Layers = append(p.Layers, LayerStream{Name: names[i], Index: i, Digest: digest.String(), Open: l.Uncompressed})
	}
	return p, nil
}
