package oci

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
)

// Carried are the documents that have to be attached again when images of the
// given sources are published as parts of index in a repository, "host/name".
//
// What is about an image stays with it, and is carried where the repository is
// another. What states how a source's own index was made (in-toto) is attached
// to the images of it that index has: it names them too, and the source's index
// itself is not published. Signatures of that index would be about nothing.
// Notes tell what is left behind.
func Carried(ctx context.Context, sources []*Source, index Index, repository string, r Remote) (list []Artifact, notes []string, err error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, nil, fmt.Errorf("reading index: %w", err)
	}
	var wanted []string
	for _, desc := range manifest.Manifests {
		wanted = append(wanted, desc.Digest.String())
	}
	digest, err := index.Digest()
	if err != nil {
		return nil, nil, err
	}
	for _, s := range sources {
		if s.ref == nil {
			continue
		}
		c := carrier{source: s, elsewhere: s.Repository() != repository, remote: r}
		if err := c.carry(ctx, wanted, digest.String()); err != nil {
			return nil, nil, err
		}
		list, notes = append(list, c.list...), append(notes, c.notes...)
	}
	return list, notes, nil
}

type carrier struct {
	source    *Source
	elsewhere bool // it is published in another repository than it is in
	remote    Remote
	list      []Artifact
	notes     []string
}

func (c *carrier) carry(ctx context.Context, wanted []string, whole string) error {
	manifest, err := c.source.Index.IndexManifest()
	if err != nil {
		return err
	}
	var images []string
	for _, desc := range manifest.Manifests {
		if slices.Contains(wanted, desc.Digest.String()) {
			images = append(images, desc.Digest.String())
		}
	}
	if c.elsewhere {
		for _, image := range images {
			if err := c.of(ctx, image, []string{image}, func(string) bool { return true }); err != nil {
				return err
			}
		}
	}
	if c.source.Digest == whole && !c.elsewhere || slices.Contains(images, c.source.Digest) {
		return nil // the index is published as it is, or there is none
	}
	return c.of(ctx, c.source.Digest, images, func(kind string) bool { return strings.Contains(kind, "in-toto") })
}

// of attaches what is about one manifest to others.
func (c *carrier) of(ctx context.Context, about string, to []string, takes func(kind string) bool) error {
	referrers, err := Referrers(ctx, c.source.Repository()+"@"+about, c.remote)
	if err != nil {
		return err
	}
	for _, referrer := range referrers {
		if !takes(referrer.Type) {
			c.notes = append(c.notes, fmt.Sprintf("%s, attached to %s, is about that index and is left behind", referrer.Type, about))
			continue
		}
		a, err := ReadArtifact(ctx, referrer.Ref, c.remote)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			c.notes = append(c.notes, fmt.Sprintf("%s, attached to %s, is left behind: %v", referrer.Type, about, err))
			continue
		}
		for _, subject := range to {
			a.Subject = subject
			if !slices.ContainsFunc(c.list, func(b Artifact) bool {
				return a.Subject == b.Subject && a.Type == b.Type && bytes.Equal(a.Content, b.Content)
			}) {
				c.list = append(c.list, a)
			}
		}
	}
	return nil
}
