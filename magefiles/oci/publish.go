package oci

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// Publication is what shall be published where.
type Publication struct {
	Index Index

	// Tags are full references, "host/name:tag", of one or more repositories.
	// They move in this order, except that "latest" comes last.
	Tags []string

	// Repositories, "host/name" without a tag, get the index under its digest
	// alone: a part of an image that others will put together needs no tag.
	Repositories []string

	// Platforms, if given, is what the index has to hold, no more and no less.
	Platforms []string

	// Artifacts are documents about the index or about images in it. They are
	// attached before a tag moves.
	Artifacts []Artifact
}

// Published says what a publication did. With an error, Tags has those that
// had moved when it happened; all others are where they were, or where another
// publisher has moved them since.
type Published struct {
	Digest string
	Pushed []Pushed // one for each repository

	Attached []AttachedArtifact // of all repositories
	Tags     []MovedTag
}

// MovedTag is a tag and the way back.
type MovedTag struct {
	Ref      string
	Previous string // the digest that it pointed at before; "" if it is new
}

// Publish pushes by digest, reads back what the registry has, and only then
// moves the tags. If anything fails before the first tag, no tag has moved.
func Publish(ctx context.Context, p Publication, r Remote) (Published, error) {
	out, err := publish(ctx, p, r)
	return out, discreet(err)
}

func publish(ctx context.Context, p Publication, r Remote) (Published, error) {
	tags, err := orderTags(p.Tags)
	if err != nil {
		return Published{}, err
	}
	repositories, err := p.repositories(tags)
	if err != nil {
		return Published{}, err
	}
	if err := checkPlatforms(p.Index, p.Platforms); err != nil {
		return Published{}, err
	}
	digest, err := p.Index.Digest()
	if err != nil {
		return Published{}, err
	}
	out := Published{Digest: digest.String()}
	sessions := make(map[string]*session)
	first := make(map[string]*name.Repository) // by registry: the others can take blobs from it
	for _, repo := range repositories {
		pushed, err := push(ctx, p, repo, r, first[repo.RegistryStr()])
		if err != nil {
			return out, fmt.Errorf("pushing to %q, no tag was moved: %w", repo.Name(), err)
		}
		sessions[repo.Name()] = pushed.session
		out.Pushed = append(out.Pushed, pushed.pushed(repo, digest))
		out.Attached = append(out.Attached, pushed.attached...)
		if first[repo.RegistryStr()] == nil {
			first[repo.RegistryStr()] = &repo
		}
	}
	out.Tags, err = moveTags(ctx, p.Index, tags, sessions)
	return out, err
}

// repositories lists where the index has to be, each once.
func (p Publication) repositories(tags []name.Tag) ([]name.Repository, error) {
	var out []name.Repository
	seen := make(map[string]bool)
	add := func(repo name.Repository) {
		if !seen[repo.Name()] {
			seen[repo.Name()] = true
			out = append(out, repo)
		}
	}
	for _, s := range p.Repositories {
		repo, err := parseRepository(s)
		if err != nil {
			return nil, err
		}
		add(repo)
	}
	for _, tag := range tags {
		add(tag.Context())
	}
	if len(out) == 0 {
		return nil, errors.New("publishing: there is no tag to publish under, and no repository to push to")
	}
	return out, nil
}

// parseRepository reads "host/name". A tag or a digest here is a mistake: it
// would not be moved.
func parseRepository(s string) (name.Repository, error) {
	ref, err := ParseReference(s)
	if err != nil {
		return name.Repository{}, err
	}
	last := s[strings.LastIndex(s, "/")+1:]
	if strings.ContainsAny(last, ":@") {
		return name.Repository{}, fmt.Errorf("parsing repository %q: it is wanted without tag and digest", s)
	}
	return ref.Context(), nil
}

// orderTags parses the tags and brings latest to the end: whoever pulls it gets
// what all the other tags already agree on.
func orderTags(refs []string) ([]name.Tag, error) {
	tags := make([]name.Tag, 0, len(refs))
	seen := make(map[string]bool)
	for _, ref := range refs {
		tag, err := ParseTag(ref)
		if err != nil {
			return nil, err
		}
		if !seen[tag.Name()] {
			seen[tag.Name()] = true
			tags = append(tags, tag)
		}
	}
	slices.SortStableFunc(tags, func(a, b name.Tag) int { return rank(a) - rank(b) })
	return tags, nil
}

func rank(tag name.Tag) int {
	if tag.TagStr() == "latest" {
		return 1
	}
	return 0
}

// checkPlatforms compares an index with the platforms that were asked for.
func checkPlatforms(index Index, want []string) error {
	if len(want) == 0 {
		return nil
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	var have []string
	for _, desc := range manifest.Manifests {
		if desc.Platform == nil {
			return fmt.Errorf("checking the index: entry %s has no platform", desc.Digest)
		}
		have = append(have, platformName(*desc.Platform))
	}
	want = slices.Sorted(slices.Values(want))
	slices.Sort(have)
	if !slices.Equal(have, want) {
		return fmt.Errorf("checking the index: it has %s, and %s was asked for: nothing is published", strings.Join(have, ", "), strings.Join(want, ", "))
	}
	return nil
}
