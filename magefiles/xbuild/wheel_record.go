package xbuild

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// IsNative tells whether the file holds machine code, of whatever machine. It looks at the content, never at the name.
type IsNative func(fsys fs.FS, name string) (bool, error)

// installed is a distribution as it goes into an image: the files that are kept, and a RECORD that says just that.
type installed struct {
	Dist
	files  map[string]viewFile // RECORD among them
	native []string            // those of the files that hold machine code, sorted
	lost   []string            // programs with machine code that are not kept, sorted
	digest string              // of names and contents of all files
}

// kept tells whether a file of the distribution goes into an image. Left out are: programs (what uv makes starts with the path of
// this machine's Python; an image starts modules), bytecode (it carries times), and what installers note about where and why
// they took a package (direct_url.json holds paths of this machine).
func (d Dist) kept(file string) bool {
	top, _, nested := strings.Cut(file, "/")
	if nested && (top == "bin" || top == "Scripts") || slices.Contains(strings.Split(file, "/"), "__pycache__") {
		return false
	}
	if path.Dir(file) == d.Info {
		return !slices.Contains([]string{"REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}, path.Base(file))
	}
	return file != ".lock"
}

// install reads every file of the distribution once. native may be nil, for a tree that is known to hold no machine code.
func (d Dist) install(fsys fs.FS, native IsNative) (installed, error) {
	in := installed{Dist: d, files: map[string]viewFile{}}
	record := path.Join(d.Info, "RECORD")
	rows := [][]string{{record, "", ""}}
	for _, name := range d.Files {
		code := false
		if native != nil {
			var err error
			if code, err = native(fsys, name); err != nil {
				return in, fmt.Errorf("looking for machine code in %q: %w", name, err)
			}
		}
		switch {
		case !d.kept(name) && code:
			in.lost = append(in.lost, name)
			continue
		case !d.kept(name) || name == record:
			continue
		case code:
			in.native = append(in.native, name)
		}
		sum, size, script, err := examine(fsys, name)
		if err != nil {
			return in, err
		}
		// The mode follows from the content, since a host like Windows keeps none.
		mode := fs.FileMode(0o644)
		if code || script {
			mode = 0o755
		}
		in.files[name] = viewFile{from: fsys, size: size, mode: mode, sum: sum, code: code}
		rows = append(rows, []string{name, sum, strconv.FormatInt(size, 10)})
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(rows); err != nil {
		return in, err
	}
	in.digest = Key(text.String())
	in.files[record] = viewFile{data: text.Bytes(), size: int64(text.Len()), mode: 0o644, sum: in.digest}
	return in, nil
}

// examine returns what a RECORD says of a file, and whether it starts as a script does.
func examine(fsys fs.FS, name string) (sum string, size int64, script bool, err error) {
	file, err := fsys.Open(name)
	if err != nil {
		return "", 0, false, err
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, 2)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", 0, false, fmt.Errorf("reading %q: %w", name, err)
	}
	hash := sha256.New()
	_, _ = hash.Write(head[:n])
	rest, err := io.Copy(hash, file)
	if err != nil {
		return "", 0, false, fmt.Errorf("reading %q: %w", name, err)
	}
	return "sha256=" + base64.RawURLEncoding.EncodeToString(hash.Sum(nil)), int64(n) + rest, string(head[:n]) == "#!", nil
}
