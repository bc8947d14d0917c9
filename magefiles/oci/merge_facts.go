package oci

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const annotationRevision = "org.opencontainers.image.revision"

// agree says in what the parts differ that has to be the same. Shards know all
// of it. Of an image without a shard file only what it says of itself is known:
// its annotations and labels, and the names of its layers.
func (m Merge) agree(images []partImage) error {
	f := new(facts)
	var shards []Part
	for _, p := range m.Parts {
		if p.Shard != nil {
			shards = append(shards, p)
			f.add("source revision", p.From, or(p.Shard.Revision, "none"))
		}
	}
	for _, image := range images {
		if !slices.ContainsFunc(shards, func(p Part) bool { return p.From == image.from }) {
			f.known("source revision", image.from, image.labels[annotationRevision])
		}
		for _, key := range []string{"source", "version", "base.name"} {
			f.known("annotation "+key, image.from, image.labels["org.opencontainers.image."+key])
		}
	}
	for _, p := range shards {
		f.add("project description", p.From, p.Shard.Project)
	}
	f.maps("lock file ", shards, func(p Part) map[string]string { return p.Shard.Locks })
	for _, image := range images {
		for _, l := range image.layers {
			if slices.Contains(m.Shared, l.Name) {
				f.add("shared layer "+l.Name, image.from, l.Digest)
			}
		}
	}
	f.maps("shared layer ", shards, func(p Part) map[string]string { return p.Shard.Shared })
	list := f.differences()
	if len(list) == 0 {
		// Follows from the above, but for the time and the base.
		f = new(facts)
		f.maps("annotation ", shards, func(p Part) map[string]string { return p.annotations })
		list = f.differences()
	}
	if len(list) == 0 {
		return nil
	}
	return errors.New("merging: the parts are not of one build: " + strings.Join(list, "; ") +
		": build them again from one commit, with the same locks and flags")
}

// facts are things that several parts say something about.
type facts struct {
	names []string // in the order of their first mention
	said  map[string][]statement
}

type statement struct{ by, value string }

func (f *facts) add(name, by, value string) {
	if f.said == nil {
		f.said = make(map[string][]statement)
	}
	if _, ok := f.said[name]; !ok {
		f.names = append(f.names, name)
	}
	if s := (statement{by, value}); !slices.Contains(f.said[name], s) {
		f.said[name] = append(f.said[name], s)
	}
}

// known adds what is said, if anything is.
func (f *facts) known(name, by, value string) {
	if value != "" {
		f.add(name, by, value)
	}
}

// maps adds all that is in any part's map. To lack what another has is a
// statement, too.
func (f *facts) maps(prefix string, parts []Part, of func(Part) map[string]string) {
	names := make(map[string]bool)
	for _, p := range parts {
		for name := range of(p) {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		for _, p := range parts {
			f.add(prefix+strings.TrimPrefix(name, "org.opencontainers.image."), p.From, or(of(p)[name], "none"))
		}
	}
}

// differences tells each thing that has several values, with who has which.
func (f *facts) differences() []string {
	var out []string
	for _, name := range f.names {
		var values []string
		who := make(map[string][]string)
		for _, s := range f.said[name] {
			if _, ok := who[s.value]; !ok {
				values = append(values, s.value)
			}
			who[s.value] = append(who[s.value], s.by)
		}
		if len(values) < 2 {
			continue
		}
		var words []string
		for _, v := range values {
			words = append(words, fmt.Sprintf("%s in %s", v, strings.Join(who[v], " and ")))
		}
		out = append(out, name+" differs: "+strings.Join(words, ", "))
	}
	return out
}
