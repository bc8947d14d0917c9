package oci

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// docker writes what "docker load" reads. A layer that several platforms share
// is there once.
func (a archiveWriter) docker(index Index, tags []name.Tag) error {
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	var images []v1.Descriptor
	for _, desc := range manifest.Manifests {
		if desc.MediaType.IsImage() && !isAttestation(desc) {
			images = append(images, desc)
		}
	}
	var list []savedImage
	for _, desc := range images {
		image, err := index.Image(desc.Digest)
		if err != nil {
			return err
		}
		suffix := ""
		if len(images) > 1 {
			suffix = tagSuffix(desc)
		}
		saved, err := a.saved(image)
		if err != nil {
			return fmt.Errorf("image %s: %w", desc.Digest, err)
		}
		for _, tag := range tags {
			if err := CheckTag(tag.TagStr() + suffix); err != nil {
				return err
			}
			// As it was given: "app:1" is not to become "index.docker.io/library/app:1".
			saved.RepoTags = append(saved.RepoTags, strings.TrimSuffix(tag.String(), ":"+tag.TagStr())+":"+tag.TagStr()+suffix)
		}
		list = append(list, saved)
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return a.bytes("manifest.json", append(raw, '\n'))
}

// tagSuffix tells the platforms of one archive apart: "-arm64", "-arm-v7", and
// for another system than Linux "-windows-amd64".
func tagSuffix(desc v1.Descriptor) string {
	if desc.Platform == nil {
		return "-" + desc.Digest.Hex[:12]
	}
	return "-" + strings.ReplaceAll(strings.TrimPrefix(platformName(*desc.Platform), "linux/"), "/", "-")
}

func (a archiveWriter) saved(image v1.Image) (savedImage, error) {
	digest, err := image.ConfigName()
	if err != nil {
		return savedImage{}, err
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return savedImage{}, err
	}
	saved := savedImage{Config: digest.Hex + ".json"}
	if err := a.bytes(saved.Config, config); err != nil {
		return saved, err
	}
	layers, err := image.Layers()
	if err != nil {
		return saved, err
	}
	for _, l := range layers {
		file, err := a.layer(savedLayerName, l)
		if err != nil {
			return saved, err
		}
		saved.Layers = append(saved.Layers, file)
	}
	return saved, nil
}

// savedLayerName has an end by which people's tools know what it is; docker
// looks into the file.
func savedLayerName(desc v1.Descriptor) string {
	switch desc.MediaType {
	case types.OCIUncompressedLayer, types.DockerUncompressedLayer:
		return desc.Digest.Hex + ".tar"
	case types.OCILayerZStd:
		return desc.Digest.Hex + ".tar.zst"
	}
	return desc.Digest.Hex + ".tar.gz"
}
