package oci

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// maxArtifact is the largest document that is read into memory, in bytes.
const maxArtifact = 256 << 20

// Referrer is something that a registry lists as attached to a manifest.
type Referrer struct {
	Ref         string            `json:"ref"` // "registry/name@digest" of its manifest
	Subject     string            `json:"subject"`
	Type        string            `json:"type"`
	Size        int64             `json:"size"` // of its manifest, in bytes
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Referrers lists what is attached to a manifest, given as
// "registry/name@digest", sorted by type. Registries without the referrers API
// are asked for the tag that stands in for it. None is no error.
func Referrers(ctx context.Context, ref string, r Remote) ([]Referrer, error) {
	parsed, err := ParseReference(ref)
	if err != nil {
		return nil, err
	}
	digest := parsed.Context().Digest(parsed.Identifier())
	if !strings.HasPrefix(parsed.Identifier(), "sha256:") {
		return nil, fmt.Errorf("listing what is attached to %q: a digest is wanted here, and this is a tag", ref)
	}
	index, err := remote.Referrers(digest, r.options(ctx)...)
	if err != nil {
		return nil, fmt.Errorf("listing what is attached to %q: %w", ref, err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("listing what is attached to %q: %w", ref, err)
	}
	var out []Referrer
	for _, desc := range manifest.Manifests {
		out = append(out, Referrer{
			Ref: parsed.Context().Digest(desc.Digest.String()).Name(), Subject: parsed.Identifier(),
			Type: desc.ArtifactType, Size: desc.Size, Annotations: desc.Annotations,
		})
	}
	slices.SortFunc(out, func(a, b Referrer) int { return strings.Compare(a.Type+a.Ref, b.Type+b.Ref) })
	return out, nil
}

// ReadArtifact fetches an artifact by the Ref of a [Referrer]: what attach has
// pushed comes back equal. The digests of manifest and document are checked.
func ReadArtifact(ctx context.Context, ref string, r Remote) (Artifact, error) {
	a, err := readArtifact(ctx, ref, r)
	if err != nil {
		return a, fmt.Errorf("reading artifact %q: %w", ref, err)
	}
	return a, nil
}

func readArtifact(ctx context.Context, ref string, r Remote) (Artifact, error) {
	parsed, err := ParseReference(ref)
	if err != nil {
		return Artifact{}, err
	}
	image, err := remote.Image(parsed, r.options(ctx)...)
	if err != nil {
		return Artifact{}, err
	}
	manifest, err := image.Manifest()
	if err != nil {
		return Artifact{}, err
	}
	if len(manifest.Layers) != 1 {
		return Artifact{}, fmt.Errorf("it has %d layers, and a document is one", len(manifest.Layers))
	}
	a := Artifact{Type: artifactType(manifest), Annotations: manifest.Annotations}
	layer := manifest.Layers[0]
	a.MediaType, a.Title = string(layer.MediaType), layer.Annotations[annotationTitle]
	if manifest.Subject != nil {
		a.Subject = manifest.Subject.Digest.String()
	}
	if layer.Size > maxArtifact {
		return Artifact{}, fmt.Errorf("it has %d bytes, and the limit is %d", layer.Size, maxArtifact)
	}
	blob, err := remote.Layer(parsed.Context().Digest(layer.Digest.String()), r.options(ctx)...)
	if err != nil {
		return Artifact{}, err
	}
	content, err := blob.Compressed() // as it is stored, whatever that is; its digest is checked
	if err != nil {
		return Artifact{}, err
	}
	defer content.Close() //nolint:errcheck // only read from
	a.Content, err = io.ReadAll(io.LimitReader(content, maxArtifact))
	return a, err
}

// artifactType is the config's type where nobody says another, as for those of
// before version 1.1.
func artifactType(m *v1.Manifest) string {
	if m.ArtifactType != "" {
		return m.ArtifactType
	}
	return string(m.Config.MediaType)
}
