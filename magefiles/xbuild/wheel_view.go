package xbuild

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// view is a file system of chosen files, most of them read from another one when they are asked for, some of them made up. It has no
// times, and modes of its own.
type view struct {
	files map[string]viewFile
	dirs  map[string][]fs.DirEntry // sorted
}

type viewFile struct {
	from fs.FS  // where the content is, if data is nil
	data []byte // the content
	size int64
	mode fs.FileMode
	sum  string // of the content
	code bool   // it holds machine code
}

func newView(files map[string]viewFile) *view {
	v := &view{files: files, dirs: map[string][]fs.DirEntry{".": nil}}
	for name, file := range files {
		v.add(viewInfo{name, file.size, file.mode})
	}
	for _, entries := range v.dirs {
		slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return v
}

// contentKey names files by all that a view shows of them.
func contentKey(files map[string]viewFile) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		parts = append(parts, name, files[name].mode.String(), files[name].sum)
	}
	return Key(parts...)
}

// add enters a name into its folder, and the folder into the one above, unless it is there already.
func (v *view) add(info viewInfo) {
	dir := path.Dir(info.path)
	entries, known := v.dirs[dir]
	v.dirs[dir] = append(entries, fs.FileInfoToDirEntry(info))
	if !known {
		v.add(viewInfo{dir, 0, fs.ModeDir | 0o755})
	}
}

// Open opens a file or a folder.
func (v *view) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	if entries, ok := v.dirs[name]; ok {
		return &openDir{viewInfo{name, 0, fs.ModeDir | 0o755}, entries}, nil
	}
	file, ok := v.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	info := viewInfo{name, file.size, file.mode}
	if file.data != nil {
		return &openFile{io.NopCloser(bytes.NewReader(file.data)), info}, nil
	}
	content, err := file.from.Open(name)
	if err != nil {
		return nil, err
	}
	return &openFile{content, info}, nil
}

// ReadDir lists a folder.
func (v *view) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, ok := v.dirs[name]
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	return slices.Clone(entries), nil
}

type openFile struct {
	io.ReadCloser
	info viewInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }

type openDir struct {
	info viewInfo
	rest []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.path, Err: fs.ErrInvalid}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.rest) {
		if n > 0 && len(d.rest) == 0 {
			return nil, io.EOF
		}
		n = len(d.rest)
	}
	list := d.rest[:n]
	d.rest = d.rest[n:]
	return slices.Clone(list), nil
}

type viewInfo struct {
	path string
	size int64
	mode fs.FileMode
}

func (i viewInfo) Name() string       { return path.Base(i.path) }
func (i viewInfo) Size() int64        { return i.size }
func (i viewInfo) Mode() fs.FileMode  { return i.mode }
func (i viewInfo) ModTime() time.Time { return time.Time{} }
func (i viewInfo) IsDir() bool        { return i.mode.IsDir() }
func (i viewInfo) Sys() any           { return nil }
