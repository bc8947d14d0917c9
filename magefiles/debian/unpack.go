package debian

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// unpacker lays packages over each other as dpkg does.
type unpacker struct {
	*Tree
	debs map[string]*deb
}

// unpack adds all files of one package.
func (u *unpacker) unpack(d *deb) error {
	u.debs[d.Name] = d
	for _, m := range d.entries {
		if err := u.add(d, m); err != nil {
			return fmt.Errorf("unpacking %q of package %q: %w", m.hdr.Name, d.Name, err)
		}
	}
	return nil
}

// clean makes a path of an archive relative to the root, "." for the root.
func clean(name string) (string, error) {
	if slices.Contains(strings.Split(name, "/"), "..") || strings.ContainsAny(name, "\x00\n") {
		return "", errors.New("the path leads out of the package, or is no path; the package is broken or hostile")
	}
	return path.Clean(strings.TrimLeft(path.Clean(name), "/")), nil
}

func (u *unpacker) add(d *deb, m member) error {
	name, err := clean(m.hdr.Name)
	if err != nil {
		return err
	}
	hdr := header(m.hdr)
	if name == "." {
		u.root.hdr, u.root.implied = hdr, false
		return nil
	}
	if m.hdr.Typeflag == tar.TypeDir {
		return u.addDir(d, name, hdr)
	}
	n := &node{name: path.Base(name), hdr: hdr, owner: d.Name}
	switch m.hdr.Typeflag {
	case tar.TypeReg:
		n.file = &content{m.data}
	case tar.TypeSymlink:
	case tar.TypeLink:
		if n.file, n.hdr, err = u.linked(m.hdr); err != nil {
			return err
		}
	default:
		return fmt.Errorf("it is neither file, directory nor link (tar type %q); devices belong to the container's runtime", m.hdr.Typeflag)
	}
	parent, err := u.dir(path.Dir(name))
	if err != nil {
		return err
	}
	old := parent.children[n.name]
	if old != nil {
		if old.isDir() {
			if n.isLink() {
				return nil // dpkg keeps a directory where a package has a link
			}
			return errors.New("there is a directory already")
		}
		replace, err := u.replaces(d, old, n)
		if err != nil || !replace {
			return err
		}
	}
	parent.put(n)
	return nil
}

// addDir makes a directory, or finds one: through a link, which is how a
// package with /lib gets into /usr/lib. The first package decides its mode.
func (u *unpacker) addDir(d *deb, name string, hdr *tar.Header) error {
	n, err := u.dir(name)
	if err != nil {
		return err
	}
	if n.implied {
		n.hdr, n.implied, n.owner = hdr, false, d.Name
	}
	return nil
}

// linked finds the file that a hard link is another name of.
func (u *unpacker) linked(h *tar.Header) (*content, *tar.Header, error) {
	target, err := clean(h.Linkname)
	if err != nil {
		return nil, nil, err
	}
	n, err := u.walk(target, false, false)
	if err != nil || n.file == nil {
		return nil, nil, fmt.Errorf("it is a hard link to %q, which is no file of the package so far", h.Linkname)
	}
	hdr := *n.hdr
	return n.file, &hdr, nil
}

// replaces decides about a file that two packages have: whether the new one
// takes the place of the old. They say so in Replaces, else it is an error.
func (u *unpacker) replaces(d *deb, old, n *node) (bool, error) {
	if old.owner == d.Name {
		return true, nil
	}
	same := old.hdr.Linkname == n.hdr.Linkname && old.hdr.Mode == n.hdr.Mode && (old.file == nil) == (n.file == nil)
	if same && (n.file == nil || bytes.Equal(old.file.data, n.file.data)) {
		return false, nil
	}
	for _, pair := range []struct {
		winner, loser *deb
		result        bool
	}{{d, u.debs[old.owner], true}, {u.debs[old.owner], d, false}} {
		groups, err := parseRelations(pair.winner.control.get("Replaces"))
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(groups, func(g group) bool { return g[0].name == pair.loser.Name && g[0].accepts(pair.loser.Version) }) {
			return pair.result, nil
		}
	}
	return false, fmt.Errorf("package %q has another file there; the two cannot be installed together, leave one out", old.owner)
}

// exclude removes what the patterns name, with all below it. Copyright files
// stay: whoever passes an image on has to pass them on too.
func (t *Tree) exclude(patterns []string) {
	var prune func(n *node, inherited bool)
	prune = func(n *node, inherited bool) {
		for name, child := range n.children {
			p := child.path()
			out := inherited || slices.ContainsFunc(patterns, func(pattern string) bool {
				ok, _ := path.Match(pattern, p)
				return ok
			})
			prune(child, out)
			if out && len(child.children) == 0 && !isCopyright(p, child) {
				delete(n.children, name)
			}
		}
	}
	prune(t.root, false)
}

// isCopyright knows the file itself, and the links by which packages of one
// source share a folder of documentation.
func isCopyright(p string, n *node) bool {
	return path.Base(p) == "copyright" && !n.isDir() || path.Dir(p) == "usr/share/doc" && n.isLink()
}
