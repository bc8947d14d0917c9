package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strings"
)

// Whiteouts of the OCI image specification, "Filesystem Layers".
const (
	whiteout       = ".wh."
	whiteoutMeta   = ".wh..wh." // names of AUFS's own that no container sees
	whiteoutOpaque = ".wh..wh..opq"
)

// maxEntries bounds memory, at some 400 bytes for each. Images of a million
// files exist; one with more was made to hurt.
const maxEntries = 1_500_000

// rootfs is a stack of layers as a container sees them: what a later layer
// removes or replaces is gone. It follows what runtimes do when they unpack: a
// folder that is a symbolic link in a lower layer stays one, and files written
// beneath it land where it points.
type rootfs struct {
	files   map[string]*Entry // by absolute, clean path
	removed map[string]Removal

	// Of the layer being read. A layer's whiteouts speak of the layers under
	// it only, wherever in the tar they stand, hence they wait for its end.
	current int
	gone    map[string]bool // this path and all beneath it
	emptied map[string]bool // all beneath this path
}

func newRootfs() *rootfs {
	return &rootfs{
		files:   map[string]*Entry{"/": {Path: "/", Mode: fs.ModeDir | 0o755, Layer: -1}},
		removed: map[string]Removal{},
	}
}

// clean makes a tar's name absolute within the root, as runtimes do: leading
// slashes and climbing out of the root are ignored.
func clean(name string) string { return path.Clean("/" + name) }

func (r *rootfs) begin(layer int) {
	r.current, r.gone, r.emptied = layer, map[string]bool{}, map[string]bool{}
}

// get is what is at p now: a whiteout of this layer that was read already counts.
func (r *rootfs) get(p string) *Entry {
	e := r.files[p]
	if e == nil || e.Layer < r.current && r.hidden(p) {
		return nil
	}
	return e
}

// errLoop is for names in folders that are links in a circle: no runtime can
// unpack them.
var errLoop = errors.New("too many links")

// place turns a name into the path where the file lands.
func (r *rootfs) place(name string) (string, error) {
	if name == "/" {
		return name, nil
	}
	links := 0
	dir, err := r.folderOf(path.Dir(name), &links)
	if err != nil || dir == path.Dir(name) {
		return name, err
	}
	return path.Join(dir, path.Base(name)), nil
}

// folderOf follows links in the path of a folder, and makes what is missing:
// tars need not have entries for folders.
func (r *rootfs) folderOf(dir string, links *int) (string, error) {
	if e := r.get(dir); e != nil && e.Mode.IsDir() {
		return dir, nil // its parents are folders, too: files land nowhere else
	}
	up, err := r.folderOf(path.Dir(dir), links)
	if err != nil {
		return "", err
	}
	p := dir
	if up != path.Dir(dir) {
		p = path.Join(up, path.Base(dir))
	}
	e := r.get(p)
	switch {
	case e != nil && e.Mode.IsDir():
		return p, nil
	case e != nil && e.Mode.Type() == fs.ModeSymlink:
		if *links++; *links > maxLinks {
			return "", errLoop
		}
		if strings.HasPrefix(e.Link, "/") {
			return r.folderOf(clean(e.Link), links)
		}
		return r.folderOf(clean(path.Join(up, e.Link)), links)
	}
	return p, r.put(&Entry{Path: p, Mode: fs.ModeDir | 0o755, Layer: r.current})
}

// marker deals with whiteouts; false means that p is an ordinary entry.
func (r *rootfs) marker(p string) bool {
	dir, base := path.Split(p)
	hidden, ok := strings.CutPrefix(base, whiteout)
	if !ok {
		return false
	}
	dir = path.Clean(dir)
	switch {
	case base == whiteoutOpaque:
		if r.files[dir] != nil {
			r.emptied[dir] = true
		}
	case strings.HasPrefix(base, whiteoutMeta), hidden == "", hidden == ".", hidden == "..":
	default:
		if p = path.Join(dir, hidden); r.files[p] != nil {
			r.gone[p] = true
		}
	}
	return true
}

// put puts an entry at its path. A folder keeps what is in it from below;
// beneath anything else nothing can remain.
func (r *rootfs) put(e *Entry) error {
	old := r.files[e.Path]
	if old == nil && len(r.files) >= maxEntries {
		return fmt.Errorf("adding %q: there are more than %d files; audit the layers one by one if that is meant", e.Path, maxEntries)
	}
	if old != nil && old.Mode.IsDir() && !e.Mode.IsDir() {
		r.emptied[e.Path] = true
	}
	r.files[e.Path] = e
	return nil
}

// end applies what the layer hides of those under it.
func (r *rootfs) end() error {
	if len(r.gone)+len(r.emptied) == 0 {
		return nil
	}
	var stay []string
	for p, e := range r.files {
		switch {
		case e.Layer == r.current:
			stay = append(stay, p)
		case r.hidden(p):
			if !e.Mode.IsDir() && len(r.removed) < maxEntries {
				r.removed[p] = Removal{e.Layer, r.current}
			}
			delete(r.files, p)
		}
	}
	// A folder that came from below and was removed there is there again, if
	// this layer has something in it.
	for _, p := range stay {
		for d := path.Dir(p); r.files[d] == nil; d = path.Dir(d) {
			if err := r.put(&Entry{Path: d, Mode: fs.ModeDir | 0o755, Layer: r.current}); err != nil {
				return err
			}
		}
	}
	return nil
}

// missed are the files that were removed and did not come back.
func (r *rootfs) missed() map[string]Removal {
	maps.DeleteFunc(r.removed, func(p string, _ Removal) bool { return r.files[p] != nil })
	return r.removed
}

func (r *rootfs) hidden(p string) bool {
	if len(r.gone)+len(r.emptied) == 0 || p == "/" {
		return false
	}
	if r.gone[p] {
		return true
	}
	for d := p; d != "/"; {
		d = path.Dir(d)
		if r.gone[d] || r.emptied[d] {
			return true
		}
	}
	return false
}
