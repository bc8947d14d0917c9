package oci

import (
	"fmt"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Description is an index for people and for JSON. Sizes are compressed bytes.
type Description struct {
	Digest      string            `json:"digest"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Platforms   []Row             `json:"platforms"`
	// TotalBytes is what a registry stores: every blob once.
	TotalBytes int64 `json:"totalBytes"`
	// SharedBytes is how much of that is part of more than one platform.
	SharedBytes int64 `json:"sharedBytes"`
	// Attestations counts entries that are no images, such as BuildKit's.
	Attestations int `json:"attestations,omitempty"`
	// MediaType is of what the digest names: an index, or the manifest of one image.
	MediaType string `json:"mediaType,omitempty"`
	// Referrers are documents about the whole, if it came from a registry.
	Referrers []Referrer `json:"referrers,omitempty"`
	// Notes say what could not be found out.
	Notes []string `json:"notes,omitempty"`
}

// Row is the image of one platform.
type Row struct {
	Platform string     `json:"platform"`
	Digest   string     `json:"digest"`
	Size     int64      `json:"size"` // layers and config
	Created  time.Time  `json:"created"`
	Base     string     `json:"base,omitempty"`
	Layers   []LayerRow `json:"layers"`

	BaseDigest string `json:"baseDigest,omitempty"` // of the base's index or manifest
	// BaseCreated is when the base was made, as far as the history tells.
	BaseCreated *time.Time `json:"baseCreated,omitempty"`
	Referrers   []Referrer `json:"referrers,omitempty"`
}

// LayerRow is one layer, bottom first.
type LayerRow struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
	Shared bool   `json:"shared"` // another platform has the same blob
}

// Describe reads manifests and configs, but no layer.
func Describe(index Index) (Description, error) {
	digest, err := index.Digest()
	if err != nil {
		return Description{}, fmt.Errorf("reading index: %w", err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return Description{}, fmt.Errorf("reading index %s: %w", digest, err)
	}
	d := Description{Digest: digest.String(), Annotations: manifest.Annotations}
	users := make(blobUsers)
	for _, desc := range manifest.Manifests {
		if isAttestation(desc) || !desc.MediaType.IsImage() {
			d.Attestations++
			continue
		}
		image, err := index.Image(desc.Digest)
		if err != nil {
			return Description{}, fmt.Errorf("reading image %s: %w", desc.Digest, err)
		}
		row, err := describeImage(desc, image, users)
		if err != nil {
			return Description{}, fmt.Errorf("reading image %s: %w", desc.Digest, err)
		}
		d.Platforms = append(d.Platforms, row)
	}
	users.count(&d)
	return d, nil
}

func describeImage(desc v1.Descriptor, image v1.Image, users blobUsers) (Row, error) {
	manifest, err := image.Manifest()
	if err != nil {
		return Row{}, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return Row{}, err
	}
	platform := desc.Platform
	if platform == nil {
		platform = &v1.Platform{OS: config.OS, Architecture: config.Architecture, Variant: config.Variant}
	}
	row := Row{
		Platform: platformName(*platform),
		Digest:   desc.Digest.String(),
		Size:     manifest.Config.Size,
		Created:  config.Created.UTC(),
		Base:     manifest.Annotations[annotationBaseName],

		BaseDigest: manifest.Annotations[annotationBaseDigest], BaseCreated: baseCreated(config),
	}
	users.add(row.Digest, manifest.Config)
	names := layerNames(config, len(manifest.Layers))
	for i, l := range manifest.Layers {
		row.Size += l.Size
		row.Layers = append(row.Layers, LayerRow{Name: names[i], Digest: l.Digest.String(), Size: l.Size})
		users.add(row.Digest, l)
	}
	return row, nil
}

// baseCreated reads when the base was made from the history: what comes before
// the first line that is as old as the image itself is of the base. Some tools
// leave all times out, or write 1970; then it is not known.
func baseCreated(config *v1.ConfigFile) *time.Time {
	var last time.Time
	for _, h := range config.History {
		if h.Created.Equal(config.Created.Time) {
			break
		}
		last = h.Created.UTC()
	}
	if last.Year() <= 1980 {
		return nil
	}
	return &last
}

// layerNames takes the names from the history, which has a line per layer in
// images of ours and of most other tools.
func layerNames(config *v1.ConfigFile, layers int) []string {
	var names []string
	for _, h := range config.History {
		if !h.EmptyLayer {
			names = append(names, strings.Join(strings.Fields(h.CreatedBy), " "))
		}
	}
	if len(names) != layers {
		names = make([]string, layers)
	}
	for i := range names {
		names[i] = or(names[i], fmt.Sprintf("layer %d", i+1))
	}
	return names
}

// blobUsers knows which images a blob is part of.
type blobUsers map[string]*blobUse

type blobUse struct {
	size   int64
	images map[string]bool
}

func (u blobUsers) add(image string, desc v1.Descriptor) {
	use, ok := u[desc.Digest.String()]
	if !ok {
		use = &blobUse{size: desc.Size, images: make(map[string]bool)}
		u[desc.Digest.String()] = use
	}
	use.images[image] = true
}

func (u blobUsers) count(d *Description) {
	for _, use := range u {
		d.TotalBytes += use.size
		if len(use.images) > 1 {
			d.SharedBytes += use.size
		}
	}
	for _, row := range d.Platforms {
		for i := range row.Layers {
			row.Layers[i].Shared = len(u[row.Layers[i].Digest].images) > 1
		}
	}
}
