package debian

import (
	"archive/tar"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// Tree is a root file system in memory: an [fs.FS] with links. Sys of every
// file's info is a *tar.Header with mode (setuid, setgid and sticky included),
// numeric owner, link target and the time of the package. Names of one
// file (hard links) share their bytes; in the order of fs.WalkDir the first is a tar.TypeReg
// and the others are tar.TypeLink to it. It is immutable and safe for concurrent use.
type Tree struct {
	// Packages are those the tree is made of, sorted by name. They differ from
	// the lock's only if that was stale and Fetcher.Locked not set.
	Packages []Package

	root *node
}

type node struct {
	name     string
	hdr      *tar.Header // Name is filled in by seal
	file     *content    // of a regular file, shared by hard links
	parent   *node
	children map[string]*node // of a directory
	owner    string           // the package it is from, "" if none
	implied  bool             // a directory that no package has listed yet
}

type content struct{ data []byte }

func newTree() *Tree {
	t := &Tree{root: newDir("", 0o755)}
	t.root.parent = t.root // as in Unix: ".." of the root is the root
	return t
}

func newDir(name string, mode int64) *node {
	return &node{
		name: name, children: map[string]*node{}, implied: true,
		hdr: &tar.Header{Typeflag: tar.TypeDir, Mode: mode},
	}
}

func (n *node) isDir() bool  { return n.children != nil }
func (n *node) isLink() bool { return n.hdr.Typeflag == tar.TypeSymlink }

// path returns the path of n from the root, "." for the root itself.
func (n *node) path() string {
	p := ""
	for ; n.parent != n; n = n.parent {
		p = path.Join(n.name, p)
	}
	return path.Clean(p)
}

const maxHops = 40 // as Linux allows

// walk goes to a path, through symbolic links, and never out of the tree. With
// last unset a link at the very end is not followed. With mkdir, what is missing
// on the way is made.
func (t *Tree) walk(p string, last, mkdir bool) (*node, error) {
	at, hops := t.root, 0
	todo := strings.Split(p, "/")
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			at = at.parent
			continue
		}
		if !at.isDir() {
			return nil, fs.ErrNotExist
		}
		next := at.children[name]
		if next == nil {
			if !mkdir {
				return nil, fs.ErrNotExist
			}
			next = newDir(name, 0o755)
			at.put(next)
		}
		if next.isLink() && (last || len(todo) > 0) {
			if hops++; hops > maxHops {
				return nil, fmt.Errorf("too many levels of symbolic links")
			}
			target := next.hdr.Linkname
			if path.IsAbs(target) {
				at = t.root
			}
			todo = append(strings.Split(target, "/"), todo...)
			continue
		}
		at = next
	}
	return at, nil
}

func (n *node) put(child *node) {
	child.parent = n
	n.children[child.name] = child
}

// dir returns the directory at a path, made with its parents if need be.
func (t *Tree) dir(p string) (*node, error) {
	n, err := t.walk(p, true, true)
	if err != nil {
		return nil, fmt.Errorf("making directory %q: %w", p, err)
	}
	if !n.isDir() {
		return nil, fmt.Errorf("making directory %q: there is a file of that name", p)
	}
	return n, nil
}

// all calls visit for every node below n, in the order of fs.WalkDir.
func (n *node) all(visit func(*node)) {
	for _, child := range n.sorted() {
		visit(child)
		child.all(visit)
	}
}

func (n *node) sorted() []*node {
	list := make([]*node, 0, len(n.children))
	for _, c := range n.children {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	return list
}

// seal fills in names and sizes, and decides which name of a file carries it.
func (t *Tree) seal() {
	first := map[*content]string{}
	t.root.hdr.Name = "."
	t.root.all(func(n *node) {
		n.hdr.Name = n.path()
		if n.file == nil {
			return
		}
		n.hdr.Typeflag, n.hdr.Linkname, n.hdr.Size = tar.TypeReg, "", int64(len(n.file.data))
		if earlier, ok := first[n.file]; ok {
			n.hdr.Typeflag, n.hdr.Linkname = tar.TypeLink, earlier
		} else {
			first[n.file] = n.hdr.Name
		}
	})
}

// header keeps what matters of a package's header, so that nothing else gets
// into an image. Owners are numbers: user names are the business of /etc/passwd.
func header(h *tar.Header) *tar.Header {
	return &tar.Header{
		Typeflag: h.Typeflag, Linkname: h.Linkname, Mode: h.Mode & 0o7777,
		Uid: h.Uid, Gid: h.Gid, ModTime: h.ModTime.UTC().Truncate(time.Second), PAXRecords: xattrs(h),
	}
}

// xattrs keeps extended attributes, such as file capabilities.
func xattrs(h *tar.Header) map[string]string {
	var kept map[string]string
	for key, value := range h.PAXRecords {
		if strings.HasPrefix(key, "SCHILY.xattr.") {
			if kept == nil {
				kept = map[string]string{}
			}
			kept[key] = value
		}
	}
	return kept
}
