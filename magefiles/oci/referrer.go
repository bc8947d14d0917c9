package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Names of the OCI image specification 1.1 for manifests that are no images.
const (
	emptyConfigType = "application/vnd.oci.empty.v1+json"
	annotationTitle = "org.opencontainers.image.title"
)

// attach pushes artifacts under their digests, as referrers of manifests that
// the repository already has. It is called after the index is there and before
// a tag moves: an image that people can find has its papers. What is there
// already is not sent again. Registries without the referrers API get the tag
// that the distribution specification has for them.
func attach(ctx context.Context, repo name.Repository, index Index, artifacts []Artifact, r Remote) ([]AttachedArtifact, error) {
	if len(artifacts) == 0 {
		return nil, nil
	}
	p, err := newPush(ctx, repo, r, nil, nil)
	if err != nil {
		return nil, err
	}
	manifests := make([]*artifactManifest, len(artifacts))
	for i, artifact := range artifacts {
		if manifests[i], err = artifact.manifest(index); err != nil {
			return nil, attaching(artifact, err)
		}
	}
	if err := p.blob(ctx, emptyConfig()); err != nil { // once, before many want it at the same time
		return nil, err
	}
	err = p.each(ctx, len(manifests), func(ctx context.Context, i int) error {
		return attaching(artifacts[i], p.artifact(ctx, manifests[i]))
	})
	if err != nil {
		return nil, err
	}
	attached := make([]AttachedArtifact, len(artifacts))
	entries := map[v1.Hash][]v1.Descriptor{} // by subject
	for i, m := range manifests {
		digest, err := m.Digest()
		if err != nil {
			return nil, err
		}
		entries[m.subject] = append(entries[m.subject], m.descriptor(digest))
		attached[i] = AttachedArtifact{Ref: repo.Digest(digest.String()).Name(), Subject: artifacts[i].Subject, Type: artifacts[i].Type}
	}
	return attached, p.list(ctx, entries)
}

func attaching(a Artifact, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("attaching %q to %s: %w", a.Title, a.Subject, err)
}

// list brings artifacts into the lists of what they are about. Each list may have to be waited for, so all are at once.
func (p *push1) list(ctx context.Context, entries map[v1.Hash][]v1.Descriptor) error {
	r, repo := p.session.remote, p.session.repo
	puller, err := remote.NewPuller(r.options(ctx)...) // logs in once
	if err != nil {
		return err
	}
	subjects := slices.Collect(maps.Keys(entries))
	return p.each(ctx, len(subjects), func(ctx context.Context, i int) error {
		subject := subjects[i]
		l := referrerList{repo: repo, subject: subject, remote: r, session: p.session, puller: puller}
		if err := l.ensure(ctx, entries[subject], p.pushed(repo, subject).Sent > 0); err != nil {
			return fmt.Errorf("listing what is attached to %s: %w", subject, err)
		}
		return nil
	})
}

// artifactManifest is a manifest with one document as its layer.
type artifactManifest struct {
	raw     []byte
	kind    string // artifactType
	subject v1.Hash
	notes   map[string]string
	content v1.Layer
}

// manifest says of an artifact what the image specification wants to know. Equal
// artifacts give equal bytes: pushing them twice leaves one.
func (a Artifact) manifest(index Index) (*artifactManifest, error) {
	subject, err := subjectIn(index, a.Subject)
	if err != nil {
		return nil, err
	}
	if a.Type == "" {
		return nil, fmt.Errorf("the artifact has no type: give one such as application/spdx+json")
	}
	media := a.MediaType
	if media == "" {
		media = a.Type
	}
	content := static.NewLayer(a.Content, types.MediaType(media))
	layer, err := describeLayer(content)
	if err != nil {
		return nil, err
	}
	if a.Title != "" {
		layer.Annotations = map[string]string{annotationTitle: a.Title}
	}
	config, err := describeLayer(emptyConfig())
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1, ArtifactType: a.Type,
		Config: config, Layers: []v1.Descriptor{layer}, Subject: subject, Annotations: maps.Clone(a.Annotations),
	})
	return &artifactManifest{raw: raw, kind: a.Type, subject: subject.Digest, notes: a.Annotations, content: content}, err
}

// emptyConfig is the config of what needs none: every such manifest shares it.
func emptyConfig() v1.Layer { return static.NewLayer([]byte("{}"), emptyConfigType) }

// subjectIn finds what an artifact is about: the index, or an image in it.
func subjectIn(index Index, digest string) (*v1.Descriptor, error) {
	top, err := partial.Descriptor(index)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, desc := range append([]v1.Descriptor{*top}, manifest.Manifests...) {
		if desc.Digest.String() == digest {
			return &v1.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}, nil
		}
	}
	return nil, fmt.Errorf("it is about %q, which is neither the index %s nor an image in it", digest, top.Digest)
}

// RawManifest and MediaType make it something that can be put.
func (m *artifactManifest) RawManifest() ([]byte, error) { return m.raw, nil }

func (m *artifactManifest) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }
func (m *artifactManifest) Size() (int64, error)                { return int64(len(m.raw)), nil }
func (m *artifactManifest) Digest() (digest v1.Hash, err error) {
	digest, _, err = v1.SHA256(bytes.NewReader(m.raw))
	return digest, err
}

// descriptor is the artifact's entry in a list of referrers.
func (m *artifactManifest) descriptor(digest v1.Hash) v1.Descriptor {
	return v1.Descriptor{
		MediaType: types.OCIManifestSchema1, ArtifactType: m.kind, Digest: digest, Size: int64(len(m.raw)), Annotations: m.notes,
	}
}

// artifact sends a document, then its manifest, and reads back both.
func (p *push1) artifact(ctx context.Context, m *artifactManifest) error {
	if err := p.blob(ctx, m.content); err != nil {
		return err
	}
	if err := p.manifest(ctx, m); err != nil {
		return err
	}
	if err := p.manifestIsThere(ctx, m); err != nil {
		return err
	}
	return p.blobIsThere(ctx, m.content)
}
