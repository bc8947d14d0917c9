package oci

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
)

func TestTarFollowsThePlan(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"bin/tool":              {Data: []byte("#!"), Mode: 0o700},
		"bin/readme":            {Data: []byte("hi"), Mode: 0o600, ModTime: epoch().AddDate(9, 0, 0)},
		"bin/latest":            symlink("tool"),
		"abs":                   symlink("/usr/bin/python3"),
		"a.txt":                 file(""),
		"a/b":                   file("x"),
		"empty":                 {Mode: fs.ModeDir | 0o700},
		"skip/deep":             file("no"),
		"Größe/日本/" + long('n'): file("z"),
	}
	l := &Layer{Name: "l", To: "/srv/app", Owner: Owner{10001, 10002}, Exclude: func(n string) bool { return n == "skip" }}
	golden(t, "tar-plan", listing(t, strings.NewReader(tarOf(t, tree, l))))

	l.Executable = func(name string) bool { return name == "a/b" }
	got := listing(t, strings.NewReader(tarOf(t, tree, l)))
	if !strings.Contains(got, "0 0755 10001:10002 1700000000 srv/app/a/b") || !strings.Contains(got, "0 0644 10001:10002 1700000000 srv/app/bin/tool") {
		t.Errorf("Executable does not decide alone:\n%s", got)
	}
}

func long(c byte) string { return strings.Repeat(string(c), 140) }

func TestTarKeepsWhatADebianRootKnows(t *testing.T) {
	t.Parallel()
	hdr := func(h tar.Header, content string, kind fs.FileMode) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(content), Mode: kind | fs.FileMode(h.Mode).Perm(), Sys: &h}
	}
	tree := fstest.MapFS{
		"tmp":         hdr(tar.Header{Typeflag: tar.TypeDir, Mode: 0o1777}, "", fs.ModeDir),
		"bin":         hdr(tar.Header{Typeflag: tar.TypeSymlink, Linkname: "usr/bin", Mode: 0o777}, "", fs.ModeSymlink),
		"usr/bin/su":  hdr(tar.Header{Typeflag: tar.TypeReg, Mode: 0o4755, Gid: 3_000_000}, "su", 0),
		"usr/bin/aaa": hdr(tar.Header{Typeflag: tar.TypeLink, Mode: 0o755, Uid: 5, Linkname: "./usr/bin/perl"}, "perl!", 0),
		"usr/bin/mmm": hdr(tar.Header{Typeflag: tar.TypeLink, Mode: 0o755, Uid: 5, Linkname: "usr/bin/aaa"}, "perl!", 0),
		"usr/bin/perl": hdr(tar.Header{
			Typeflag: tar.TypeReg, Mode: 0o755, Uid: 5, Uname: "man",
			PAXRecords: map[string]string{paxXattr + "user.a": "b", "atime": "1"},
		}, "perl!", 0),
		"etc/ours": file("made by hand"),
	}
	golden(t, "tar-debian", listing(t, strings.NewReader(tarOf(t, tree, &Layer{Name: "base", To: "/", KeepModes: true}))))
}

func TestTarRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		tree fs.FS
		says string
	}{
		"device":   {fstest.MapFS{"dev/null": {Mode: fs.ModeDevice | fs.ModeCharDevice}}, `"dev/null": it is a device`},
		"pipe":     {fstest.MapFS{"p": {Mode: fs.ModeNamedPipe}}, "a named pipe"},
		"socket":   {fstest.MapFS{"s": {Mode: fs.ModeSocket}}, "a socket"},
		"whiteout": {fstest.MapFS{"a/.wh.b": file("")}, ".wh. deletes files"},
		"grows":    {wrapFS{fstest.MapFS{"a": file("12345")}, func(r io.Reader) io.Reader { return io.MultiReader(r, strings.NewReader("6")) }}, "changed while it was read"},
		"shrinks":  {wrapFS{fstest.MapFS{"a": file("12345")}, func(r io.Reader) io.Reader { return io.LimitReader(r, 3) }}, "changed while it was read"},
		"broken":   {wrapFS{fstest.MapFS{"a": file("12345")}, func(io.Reader) io.Reader { return iotest.ErrReader(errors.New("bad sector")) }}, `adding "a": bad sector`},
		"gone":     {wrapFS{FS: fstest.MapFS{"a": file("1")}}, "file does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, writeTar(context.Background(), io.Discard, test.tree, &Layer{Name: "l", To: "/x"}, epoch()), test.says)
		})
	}
}

func TestTarDoesNotDependOnHowTheTreeIsRead(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{"c": file(strings.Repeat("abc ", 99999)), "a": file("1"), "b/z": file("2"), "b/y": file("3")}
	l := &Layer{Name: "l", To: "/x"}
	want := tarOf(t, tree, l)
	if got := tarOf(t, wrapFS{tree, iotest.OneByteReader}, l); got != want {
		t.Error("the archive depends on how many bytes a read returns")
	}
	if got := tarOf(t, reversedFS{tree}, l); got != want {
		t.Error("the archive depends on the order of the file system")
	}
}

func TestTarReportsTheWriter(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{"a": file(strings.Repeat("x", 4000))}
	full := len(tarOf(t, tree, &Layer{Name: "l", To: "/x"}))
	for limit := 0; limit < full; limit += 512 {
		err := writeTar(context.Background(), &limitedWriter{limit}, tree, &Layer{Name: "l", To: "/x"}, epoch())
		wantError(t, err, "disk full")
	}
}

func TestTarStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	tree := wrapFS{fstest.MapFS{"a": file(strings.Repeat("x", 1<<20))}, func(r io.Reader) io.Reader { cancel(); return r }}
	if err := writeTar(ctx, io.Discard, tree, &Layer{Name: "l", To: "/x"}, epoch()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

type limitedWriter struct{ left int }

func (w *limitedWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return 0, errors.New("disk full")
	}
	w.left -= len(p)
	return len(p), nil
}

// reversedFS returns directories in the wrong order, as a ReadDirFS may.
type reversedFS struct{ fstest.MapFS }

func (f reversedFS) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := f.MapFS.ReadDir(name)
	slices.Reverse(list)
	return list, err
}

// wrapFS reads files through wrap; without one, files are gone when opened.
type wrapFS struct {
	fs.FS
	wrap func(io.Reader) io.Reader
}

func (f wrapFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil || info.IsDir() {
		return file, err
	}
	if f.wrap == nil {
		return nil, fs.ErrNotExist
	}
	return wrappedFile{file, f.wrap(file)}, nil
}

type wrappedFile struct {
	fs.File
	r io.Reader
}

func (f wrappedFile) Read(p []byte) (int, error) { return f.r.Read(p) }
