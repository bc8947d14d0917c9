package debian

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A root file system is parted into what makes a layer each: what all architectures share is kept once, and an update of a package
// leaves the files of most others where they are.

// Part is one of the parts of an architecture's root file system.
type Part struct {
	Name string // SharedPart, RecordsPart, a source package, or "": the packages of all other sources
	Key  string // as [Lock.Key], of this part
}

const (
	SharedPart  = "shared"  // what all architectures share
	RecordsPart = "records" // files of no package: dpkg's database, accounts, certificates
)

// A source package has a part of its own if its packages have largeSource bytes or more on any architecture, packed; only the
// mostSources largest have: runtimes take some hundred layers at most, and an image has others.
const (
	largeSource = 1 << 20
	mostSources = 8
)

// Parts are those of an architecture: first the shared one, which brings the links (/bin, /lib) that the others go through.
func (l Lock) Parts(arch string, spec Spec) []Part {
	parts := []Part{{SharedPart, keyOf(alikeFormat, SharedPart, l.Alike.Sum)}}
	sources := l.largeSources()
	own := fmt.Sprintf("%q %q %q", l.Alike.Own, l.Alike.Too, sources)
	for _, name := range slices.Concat(sources, []string{"", RecordsPart}) {
		parts = append(parts, Part{name, keyOf(alikeFormat, "own", name, l.Key(arch, spec), own)})
	}
	return parts
}

// largeSources are those with a part of their own, by name.
func (l Lock) largeSources() []string {
	bytes := map[string]map[string]int64{} // by source and architecture
	for _, p := range l.Packages {
		source := p.source()
		if bytes[source] == nil {
			bytes[source] = map[string]int64{}
		}
		bytes[source][p.Arch] += p.Size
	}
	most := map[string]int64{}
	var large []string
	for source, by := range bytes {
		for _, n := range by {
			most[source] = max(most[source], n)
		}
		if most[source] >= largeSource {
			large = append(large, source)
		}
	}
	slices.SortFunc(large, func(a, b string) int { return cmp.Or(cmp.Compare(most[b], most[a]), strings.Compare(a, b)) })
	large = large[:min(len(large), mostSources)]
	slices.Sort(large)
	return large
}

// source is the package that this one was built from: a mirror has a folder for each.
func (p Package) source() string { return path.Base(path.Dir(p.Path)) }

func keyOf(parts ...string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return hex.EncodeToString(sum[:])
}

// Parts parts a root file system of the locked packages as [Lock.Parts] says. Over each other they are the whole; directories on the
// way to a file are in several. That the shared part, which is the same from whichever architecture it was made, is what the survey
// saw on all of them is checked.
func (t *Tree) Parts(l Lock) ([]*Tree, error) {
	common := t.shared(l.Alike)
	shared := t.part(func(n *node) bool { return common[n] })
	if got := shared.sum(); got != l.Alike.Sum {
		return nil, fmt.Errorf("parting the base: the files that all architectures share have the sum %.12s, the lock says %.12s; resolve the base again and commit the lock", got, l.Alike.Sum)
	}
	large, source := set(l.largeSources()), map[string]string{}
	for _, p := range t.Packages {
		if source[p.Name] = ""; large[p.source()] {
			source[p.Name] = p.source()
		}
	}
	of := func(n *node) string { // a directory that has something in it goes with that
		if name, ok := source[n.owner]; ok {
			return name
		}
		return RecordsPart
	}
	trees := []*Tree{shared}
	for _, name := range slices.Concat(l.largeSources(), []string{"", RecordsPart}) {
		trees = append(trees, t.part(func(n *node) bool { return !common[n] && len(n.children) == 0 && of(n) == name }))
	}
	return trees, nil
}

// part copies the nodes that keep picks, and the directories on the way to them.
// Contents are shared with the original.
func (t *Tree) part(keep func(*node) bool) *Tree {
	var copied func(n *node) *node
	copied = func(n *node) *node {
		hdr := *n.hdr
		c := &node{name: n.name, hdr: &hdr, file: n.file, owner: n.owner}
		if n.isDir() {
			c.children = map[string]*node{}
		}
		for _, child := range n.sorted() {
			if sub := copied(child); sub != nil {
				c.put(sub)
			}
		}
		if n != t.root && !keep(n) && len(c.children) == 0 {
			return nil
		}
		return c
	}
	p := &Tree{Packages: t.Packages, root: copied(t.root)}
	p.root.parent = p.root
	p.seal()
	return p
}
