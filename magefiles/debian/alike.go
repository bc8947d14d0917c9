package debian

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// alikeFormat goes into what a survey says it is of: raise it when equal trees
// are parted in another way.
const alikeFormat = "alike 1"

// Alike is what a lock says of files that are the same for every architecture,
// so that they need to be kept once: [Survey] finds out by comparing all of them,
// and [Tree.Parts] of one architecture alone then gives what everybody shares.
//
// Most files tell by themselves to which side they belong: machine code and what
// lies under the name of an architecture is its own, all else is alike. Own and
// Too are the exceptions.
type Alike struct {
	Of  string   // what was compared: packages and settings
	Sum string   // SHA-256, in hex, of all that is alike: names, modes, owners and contents
	Own []string // paths that look alike and are not; a directory's with all below it. Sorted
	Too []string // paths that do not look alike, and are. Sorted
}

// looksAlike guesses by path and content alone, so that the guess is the same on
// every architecture that has them.
func looksAlike(p string, n *node) bool {
	switch {
	case strings.Contains(p, "-linux-gnu"): // Debian's names for architectures: x86_64-linux-gnu, arm-linux-gnueabihf
		return false
	case path.Dir(p) == "var/lib/dpkg/info" && strings.Contains(n.name, ":"): // libc6:amd64.list
		return false
	}
	return n.file == nil || !bytes.HasPrefix(n.file.data, []byte("\x7fELF"))
}

// shared is what of the tree every architecture has, with all directories on the
// way to it.
func (t *Tree) shared(a Alike) map[*node]bool {
	own, too := set(a.Own), set(a.Too)
	found := map[*node]bool{}
	var visit func(n *node)
	visit = func(n *node) {
		for _, child := range n.children {
			p := child.hdr.Name
			if too[p] || looksAlike(p, child) && !own[p] {
				found[child] = true
				visit(child)
			}
		}
	}
	visit(t.root)
	return found
}

func set(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, s := range list {
		m[s] = true
	}
	return m
}

// sum is the digest of all that a layer takes from the tree.
func (t *Tree) sum() string {
	h := sha256.New()
	t.root.all(func(n *node) { fmt.Fprintf(h, "%q %s\n", n.hdr.Name, n.print()) })
	return hex.EncodeToString(h.Sum(nil))
}

// print is what a layer takes from one entry but its name, as text.
func (n *node) print() string {
	h := sha256.New()
	fmt.Fprintf(h, "%c %o %d %d %q\n", n.hdr.Typeflag, n.hdr.Mode, n.hdr.Uid, n.hdr.Gid, n.hdr.Linkname)
	for _, key := range slices.Sorted(maps.Keys(n.hdr.PAXRecords)) {
		fmt.Fprintf(h, "%q %q\n", key, n.hdr.PAXRecords[key])
	}
	if n.file != nil {
		h.Write(n.file.data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// state is what a survey of the lock is of.
func (l Lock) state(spec Spec) string {
	h := sha256.New()
	fmt.Fprintln(h, alikeFormat)
	for _, arch := range l.archs() {
		fmt.Fprintln(h, arch, l.Key(arch, spec))
	}
	return hex.EncodeToString(h.Sum(nil))[:16] // it guards against forgetting, not against anybody
}

func (l Lock) archs() []string {
	var list []string
	for _, p := range l.Packages {
		list = append(list, p.Arch)
	}
	return sorted(list)
}

// lines are those of the lock file.
func (a Alike) lines() string {
	var b strings.Builder
	if a.Sum != "" {
		fmt.Fprintf(&b, "shared: %s %s\n", a.Sum, a.Of)
	}
	for _, p := range a.Own {
		fmt.Fprintf(&b, "own: %s\n", p)
	}
	for _, p := range a.Too {
		fmt.Fprintf(&b, "alike: %s\n", p)
	}
	return b.String()
}

// read takes a line of the lock file, if it is one of these.
func (a *Alike) read(line string) bool {
	key, value, _ := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	switch key {
	case "shared":
		a.Sum, a.Of, _ = strings.Cut(value, " ")
	case "own":
		a.Own = append(a.Own, value)
	case "alike":
		a.Too = append(a.Too, value)
	default:
		return false
	}
	return true
}
