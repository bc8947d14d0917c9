package oci

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Part is what goes into a merge: a shard of ours, or any image.
type Part struct {
	From   string // as it was asked for
	Shard  *Shard // nil if there is none: what is known is what the image says
	Source *Source

	annotations map[string]string
}

// OpenParts opens shard files, folders of shard files, and whatever Open opens:
// references, layouts and archives, images and indexes, ours or not. The
// context has to outlive the parts.
func OpenParts(ctx context.Context, from []string, r Remote) ([]Part, error) {
	var parts []Part
	for _, s := range from {
		files, err := shardFiles(s)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			p, err := openShard(ctx, file, r)
			if err != nil {
				return nil, err
			}
			parts = append(parts, p)
		}
		if files != nil {
			continue
		}
		source, err := Open(ctx, s, r)
		if err != nil {
			return nil, err
		}
		p := Part{From: s, Source: source}
		if err := p.read(); err != nil {
			return nil, fmt.Errorf("opening image %q: %w", s, err)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// shardFiles lists the shard files that s means; nil if it means something else.
func shardFiles(s string) ([]string, error) {
	info, err := os.Stat(s)
	switch {
	case strings.HasSuffix(s, ".json") && (err == nil || !strings.ContainsAny(s, ":@")):
		return []string{s}, nil // if it is not there, the reader says so
	case err != nil || !info.IsDir():
		return nil, nil
	}
	if _, err := os.Stat(filepath.Join(s, "oci-layout")); err == nil {
		return nil, nil
	}
	files, err := filepath.Glob(filepath.Join(s, "*.json"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("looking for shards in %q: there is no *.json in it, and it is no image layout", s)
	}
	return files, err
}

// openShard opens what a shard file names, and holds the two against each other.
func openShard(ctx context.Context, file string, r Remote) (Part, error) {
	shard, err := ReadShard(file)
	if err != nil {
		return Part{}, err
	}
	p := Part{From: file, Shard: &shard}
	if p.Source, err = Open(ctx, shard.Ref(), r); err != nil {
		return Part{}, fmt.Errorf("reading shard %q: what it names is not to be had: %w", file, err)
	}
	if err := p.read(); err != nil {
		return Part{}, fmt.Errorf("reading shard %q: %w", file, err)
	}
	manifest, err := p.Source.Index.IndexManifest()
	if err != nil {
		return Part{}, fmt.Errorf("reading shard %q: %w", file, err)
	}
	var has []ShardPlatform
	for _, desc := range manifest.Manifests {
		if desc.Platform != nil {
			has = append(has, ShardPlatform{platformName(*desc.Platform), desc.Digest.String()})
		}
	}
	if !slices.Equal(has, shard.Platforms) {
		return Part{}, fmt.Errorf("reading shard %q: it says %v, and %s has %v; take the file as the build has left it", file, shard.Platforms, shard.Ref(), has)
	}
	return p, nil
}

// read notes what the part says of itself: the index, or the only image.
func (p *Part) read() error {
	manifest, err := p.Source.Index.IndexManifest()
	if err != nil {
		return err
	}
	p.annotations = manifest.Annotations
	if len(p.annotations) > 0 || len(manifest.Manifests) != 1 || !manifest.Manifests[0].MediaType.IsImage() {
		return nil
	}
	image, err := p.Source.Index.Image(manifest.Manifests[0].Digest)
	if err != nil {
		return err
	}
	only, err := image.Manifest()
	if err == nil {
		p.annotations = only.Annotations
	}
	return err
}

// images lists the images of a part. What is no image, such as BuildKit's
// attestations, is counted: an index that has it breaks many readers.
func (p Part) images() (list []partImage, dropped int, err error) {
	manifest, err := p.Source.Index.IndexManifest()
	if err != nil {
		return nil, 0, err
	}
	for _, desc := range manifest.Manifests {
		switch {
		case desc.MediaType.IsIndex():
			return nil, 0, fmt.Errorf("entry %s is an index in an index; name what is in it instead", desc.Digest)
		case isAttestation(desc) || !desc.MediaType.IsImage():
			dropped++
			continue
		}
		image, err := p.image(desc)
		if err != nil {
			return nil, 0, fmt.Errorf("reading image %s: %w", desc.Digest, err)
		}
		list = append(list, image)
	}
	if len(list) == 0 {
		return nil, 0, errors.New("there is no image in it")
	}
	return list, dropped, nil
}

func (p Part) image(desc v1.Descriptor) (partImage, error) {
	image, err := p.Source.Index.Image(desc.Digest)
	if err != nil {
		return partImage{}, err
	}
	manifest, err := image.Manifest()
	if err != nil {
		return partImage{}, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return partImage{}, err
	}
	row, err := describeImage(desc, image, make(blobUsers))
	if err != nil {
		return partImage{}, err
	}
	own := platformName(v1.Platform{OS: config.OS, Architecture: config.Architecture, Variant: config.Variant})
	platform := config.Platform()
	if desc.Platform != nil {
		platform = desc.Platform
	}
	if platform == nil {
		return partImage{}, errors.New("neither it nor an index says what platform it is for")
	}
	// Images for ARM leave the variant out in one place or the other.
	if name := platformName(*platform); name != own && (platform.OS != config.OS || platform.Architecture != config.Architecture || config.Variant != "") {
		return partImage{}, fmt.Errorf("the index says that it is for %s, and its own config says %s: it was built wrong", name, own)
	}
	labels := maps.Clone(config.Config.Labels)
	if labels == nil {
		labels = make(map[string]string)
	}
	maps.Copy(labels, manifest.Annotations)
	maps.Copy(labels, p.annotations)
	return partImage{
		indexEntry: indexEntry{image: image, platform: *platform},
		name:       platformName(*platform), from: p.From, layers: row.Layers, labels: labels, digest: desc.Digest,
	}, nil
}
