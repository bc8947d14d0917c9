package oci

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Merge says which parts shall become one index.
type Merge struct {
	Parts []Part

	// Platforms is what the index has to hold, no more and no less.
	Platforms []string

	// Shared are names of layers that are the same on every platform. Images that
	// have a layer of such a name must agree about it.
	Shared []string
}

// Merged is one index made of parts.
type Merged struct {
	Index        Index
	Repositories []string // that parts came from, "host/name", each once
	Notes        []string // what is allowed, and yet deserves a look
}

// Build puts the images of all parts into one index, as if it had been built at
// once: parts of one build give the very index that one build of all platforms
// gives. It refuses, and says which parts differ in what, unless all parts agree
// about everything that must be the same, each platform is there once, and the
// set is complete. Manifests and configs are read, layers are not.
func (m Merge) Build() (Merged, error) {
	if len(m.Parts) == 0 {
		return Merged{}, errors.New("merging: there is nothing to merge; name shard files or references")
	}
	var images []partImage
	var out Merged
	for _, p := range m.Parts {
		list, dropped, err := p.images()
		if err != nil {
			return out, fmt.Errorf("merging %q: %w", p.From, err)
		}
		if dropped > 0 {
			out.Notes = append(out.Notes, fmt.Sprintf("%d entries of %s are no images (attestations) and are left out", dropped, p.From))
		}
		if repo := p.Source.Repository(); repo != "" && !slices.Contains(out.Repositories, repo) {
			out.Repositories = append(out.Repositories, repo)
		}
		images = append(images, list...)
	}
	slices.SortStableFunc(images, func(a, b partImage) int { return strings.Compare(a.name, b.name) })
	if err := errors.Join(m.complete(images), m.agree(images)); err != nil {
		return out, err
	}
	entries := make([]indexEntry, len(images))
	for i, image := range images {
		entries[i] = image.indexEntry
	}
	index, err := settle(entries, m.annotations())
	if err != nil {
		return out, fmt.Errorf("merging: %w", err)
	}
	out.Index = index
	out.Notes = append(out.Notes, m.notes()...)
	return out, nil
}

// complete holds the platforms that there are against those that are wanted.
func (m Merge) complete(images []partImage) error {
	var errs []error
	where := make(map[string]string)
	for _, image := range images {
		if other, ok := where[image.name]; ok {
			errs = append(errs, fmt.Errorf("merging: %s is there twice: in %s and in %s; name each platform's part once", image.name, other, image.from))
			continue
		}
		where[image.name] = image.from
		if len(m.Platforms) > 0 && !slices.Contains(m.Platforms, image.name) {
			errs = append(errs, fmt.Errorf("merging: %s, from %s, was not asked for: %s; add it to -platforms if it is meant",
				image.name, image.from, strings.Join(m.Platforms, ", ")))
		}
	}
	for _, want := range m.Platforms {
		if _, err := parsePlatform(want); err != nil {
			return err
		}
		if _, ok := where[want]; !ok {
			errs = append(errs, fmt.Errorf("merging: %s is missing: the parts have %s; add the part that has it, or name with -platforms what is enough",
				want, strings.Join(slices.Sorted(maps.Keys(where)), ", ")))
		}
	}
	return errors.Join(errs...)
}

// annotations are those that all parts agree about. Of one build they are all.
func (m Merge) annotations() map[string]string {
	out := maps.Clone(m.Parts[0].annotations)
	for _, p := range m.Parts[1:] {
		maps.DeleteFunc(out, func(key, value string) bool { return p.annotations[key] != value })
	}
	return out
}

// notes tells what was seen and does not stand in the way.
func (m Merge) notes() []string {
	var notes []string
	tools := new(facts)
	for _, p := range m.Parts {
		if p.Shard == nil {
			continue
		}
		for _, tool := range slices.Sorted(maps.Keys(p.Shard.Tools)) {
			tools.add("tool "+tool, p.From, p.Shard.Tools[tool])
		}
		switch revision := p.Shard.Revision; {
		case revision == "":
			notes = append(notes, p.From+" was built without a source revision: nothing shows that the parts are of one source")
		case strings.HasSuffix(revision, "-dirty"):
			notes = append(notes, p.From+" was built with changes that are not committed: nothing shows that the others have the same")
		}
	}
	return append(notes, tools.differences()...)
}

// partImage is an image, and the part that it came from.
type partImage struct {
	indexEntry
	name   string // of the platform
	from   string
	layers []LayerRow
	labels map[string]string // annotations over labels: what the image says of itself
	digest v1.Hash
}
