package oci

import (
	"archive/tar"
	"context"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// entry is one line of the layer's table of contents.
type entry struct {
	name string // in the tree
	path string // in the image, without the leading slash
	info fs.FileInfo
	hdr  *tar.Header // of the archive that the tree was read from, if it was
	link string      // what a symbolic link says
}

// collect lists the tree depth first with sorted names: the order must not
// depend on the file system that the tree happens to lie on.
func collect(ctx context.Context, tree fs.FS, l *Layer) ([]entry, error) {
	var list []entry
	var walk func(dir string) error
	walk = func(dir string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		children, err := fs.ReadDir(tree, dir)
		if err != nil {
			return err
		}
		slices.SortFunc(children, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
		for _, child := range children {
			name := path.Join(dir, child.Name())
			if l.Exclude != nil && l.Exclude(name) {
				continue
			}
			e, err := newEntry(tree, l, name, child)
			if err != nil {
				return err
			}
			list = append(list, e)
			if e.info.IsDir() {
				if err := walk(name); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err := walk(".") // first: which of list and a call in one return is read first is nobody's promise
	return list, err
}

func newEntry(tree fs.FS, l *Layer, name string, d fs.DirEntry) (entry, error) {
	info, err := d.Info()
	if err != nil {
		return entry{}, err
	}
	e := entry{name: name, path: strings.TrimPrefix(path.Join(l.To, name), "/"), info: info}
	e.hdr, _ = info.Sys().(*tar.Header)
	if strings.HasPrefix(path.Base(name), ".wh.") {
		return entry{}, fmt.Errorf("adding %q: a name that begins with .wh. deletes files of the layers below; leave it out", name)
	}
	switch kind := info.Mode().Type(); {
	case kind == 0 || kind == fs.ModeDir:
		return e, nil
	case kind == fs.ModeSymlink:
		e.link, err = readLink(tree, e)
		return e, err
	default:
		return entry{}, fmt.Errorf("adding %q: it is %s; an image takes files, directories and links: leave it out", name, kindName(kind))
	}
}

func readLink(tree fs.FS, e entry) (string, error) {
	if e.hdr != nil && e.hdr.Linkname != "" {
		return e.hdr.Linkname, nil
	}
	target, err := fs.ReadLink(tree, e.name)
	if err != nil {
		return "", err
	}
	return filepath.ToSlash(target), nil
}

func kindName(kind fs.FileMode) string {
	switch {
	case kind&fs.ModeDevice != 0:
		return "a device"
	case kind&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case kind&fs.ModeSocket != 0:
		return "a socket"
	}
	return "neither file nor directory"
}

// hardLinks says for each path in the image that is a further name of a file,
// which earlier path that file has. Archives may name a link before its target;
// here the first in order carries the content, because tar can only look back.
func hardLinks(list []entry) map[string]string {
	target := make(map[string]string)
	for _, e := range list {
		if e.hdr != nil && e.hdr.Typeflag == tar.TypeLink && e.info.Mode().IsRegular() {
			target[e.name] = path.Clean(strings.TrimLeft(e.hdr.Linkname, "/"))
		}
	}
	if len(target) == 0 {
		return nil
	}
	links, first := make(map[string]string), make(map[string]string)
	for _, e := range list {
		if !e.info.Mode().IsRegular() {
			continue
		}
		origin := e.name
		for range target { // a chain of links is no longer than there are links
			next, ok := target[origin]
			if !ok {
				break
			}
			origin = next
		}
		if earlier, ok := first[origin]; ok {
			links[e.path] = earlier
		} else {
			first[origin] = e.path
		}
	}
	return links
}
