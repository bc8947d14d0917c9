package audit

import (
	"path"
	"strings"
)

// Whiteouts of the OCI image specification, "Filesystem Layers".
const (
	whiteout       = ".wh."
	whiteoutMeta   = ".wh..wh." // names of AUFS's own that no container sees
	whiteoutOpaque = ".wh..wh..opq"
)

// binaryFile is one native file; hard links are several names for one.
type binaryFile struct {
	bin   Binary
	layer Layer
}

// name is where a binaryFile can be seen, and the layer that put it there.
type name struct {
	file  *binaryFile
	layer int
}

// rootfs is the native files of a stack of layers as a container sees them:
// what a later layer removes or replaces is gone. It holds paths, no contents,
// and of files that are not native not even those.
//
// A link to a folder is not followed: what a later layer writes through one
// does not replace what an earlier layer wrote directly. This can name a file
// that is hidden, but never hides one that is there.
type rootfs struct {
	names map[string]name
	below map[string]int // folder -> how many names are beneath it

	// Of the layer being read. A layer's whiteouts speak of the layers under
	// it only, wherever in the tar they stand, hence they wait for its end.
	current int
	gone    map[string]bool // this path and all beneath it
	emptied map[string]bool // all beneath this path
}

func newRootfs() *rootfs {
	return &rootfs{names: map[string]name{}, below: map[string]int{}}
}

// clean makes a tar's name relative to the root, as runtimes do: leading
// slashes and climbing out of the root are ignored. The root itself is "".
func clean(name string) string { return strings.TrimPrefix(path.Clean("/"+name), "/") }

// parent is the folder of a clean path; "" is the root.
func parent(p string) string {
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 0)]
}

func (r *rootfs) begin(layer int) {
	r.current, r.gone, r.emptied = layer, map[string]bool{}, map[string]bool{}
}

// marker deals with whiteouts; false means that p is an ordinary entry.
func (r *rootfs) marker(p string) bool {
	dir, base := parent(p), path.Base(p)
	hidden, ok := strings.CutPrefix(base, whiteout)
	if !ok {
		return false
	}
	switch {
	case base == whiteoutOpaque:
		if r.below[dir] > 0 {
			r.emptied[dir] = true
		}
	case strings.HasPrefix(base, whiteoutMeta), hidden == "":
	default:
		p = path.Join(dir, hidden)
		if _, ok := r.names[p]; ok || r.below[p] > 0 {
			r.gone[p] = true
		}
	}
	return true
}

// folder notes that p is a folder now. What is in it from below stays.
func (r *rootfs) folder(p string) { r.drop(p) }

// put notes that p is a file now: native if f is not nil, otherwise anything
// else that is no folder. Nothing can remain beneath it.
func (r *rootfs) put(p string, f *binaryFile) {
	r.drop(p)
	if r.below[p] > 0 {
		r.emptied[p] = true
	}
	if f == nil {
		return
	}
	r.names[p] = name{f, r.current}
	for d := p; d != ""; {
		d = parent(d)
		r.below[d]++
	}
}

func (r *rootfs) drop(p string) {
	if _, ok := r.names[p]; !ok {
		return
	}
	delete(r.names, p)
	for d := p; d != ""; {
		d = parent(d)
		if r.below[d]--; r.below[d] == 0 {
			delete(r.below, d)
		}
	}
}

// end applies what the layer hides of those under it.
func (r *rootfs) end() {
	if len(r.gone)+len(r.emptied) == 0 {
		return
	}
	for p, n := range r.names {
		if n.layer < r.current && r.hidden(p) {
			r.drop(p)
		}
	}
}

func (r *rootfs) hidden(p string) bool {
	if r.gone[p] {
		return true
	}
	for d := p; d != ""; {
		d = parent(d)
		if r.gone[d] || r.emptied[d] {
			return true
		}
	}
	return false
}

// files groups the names that are left by file.
func (r *rootfs) files() map[*binaryFile][]string {
	files := map[*binaryFile][]string{}
	for p, n := range r.names {
		files[n.file] = append(files[n.file], p)
	}
	return files
}
