package debian

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// repackable is a package that is slow to open.
func repackable() fakeDeb {
	long := strings.Repeat("0123456789", 50_000)
	return fakeDeb{
		name: "aa", arch: "arm64", scripts: map[string]string{"md5sums": "x", "conffiles": "/a\n"},
		files: []tar.Header{dir("./"), file("./a", 0o4755), link("./b", "a"), hard("./c", "./a"), file("./long", 0o644)},
		body:  map[string]string{"./a": "one", "./long": long},
	}
}

// downloaded is a package whose original is in the cache, and a fetcher that
// believes of the cache what it was told.
func downloaded(t *testing.T, d fakeDeb) (f Fetcher, p Package, original, quick string) {
	t.Helper()
	m := newMirror(t, d)
	f = m.fetcher(t, nil)
	f.Repacked = filepath.Join(t.TempDir(), "repacked ä")
	p = m.pkgs[d.name]
	p.Arch = "arm64"
	f.Sum = func(string) (string, error) { return p.SHA256, nil }
	original, err := f.deb(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return f, p, original, filepath.Join(f.Repacked, p.SHA256+".deb")
}

func openOne(t *testing.T, f Fetcher, p Package) (*deb, error) {
	t.Helper()
	debs, err := f.open(t.Context(), []Package{p})
	return debs[0], err
}

// garble keeps the size, which the cache looks at.
func garble(t *testing.T, file string) {
	t.Helper()
	info := must(os.Stat(file))
	if err := os.WriteFile(file, make([]byte, info.Size()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantFiles checks what lies in a folder, temporary files included.
func wantFiles(t *testing.T, folder string, want ...string) {
	t.Helper()
	var got []string
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("in the folder: %q, not %q", got, want)
	}
}

func TestRepacked(t *testing.T) {
	t.Parallel()
	f, p, original, quick := downloaded(t, repackable())
	plain := f
	plain.Repacked = ""
	want, err := openOne(t, plain, p)
	if err != nil || len(want.entries) != 5 || len(want.scripts) != 3 {
		t.Fatalf("got %+v, %v", want, err)
	}
	if first, err := openOne(t, f, p); err != nil || !reflect.DeepEqual(first, want) {
		t.Errorf("repacking changed the package: %v", err)
	}
	wantFiles(t, f.Repacked, filepath.Base(quick))
	if err := os.Chtimes(quick, today, today); err != nil {
		t.Fatal(err)
	}
	garble(t, original)
	if second, err := openOne(t, f, p); err != nil || !reflect.DeepEqual(second, want) {
		t.Errorf("the repacked package is another one: %v", err)
	}
	if at := must(os.Stat(quick)).ModTime(); at.Equal(today) {
		t.Error("what is in use looks old")
	}
	if _, err := openOne(t, plain, p); err == nil {
		t.Error("the original could still be read: the test shows nothing")
	}
	if err := os.Remove(original); err != nil {
		t.Fatal(err)
	}
	f.Mirrors = Mirrors{}
	if _, err := openOne(t, f, p); err == nil {
		t.Error("the repacked package did without the original")
	}
}

func TestWhatIsRepacked(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]bool{"xz": true, "gz": true, "zst": false, "none": false} {
		d := repackable()
		d.compress = kind
		f, p, _, quick := downloaded(t, d)
		if got, err := openOne(t, f, p); err != nil || len(got.entries) != 5 {
			t.Errorf("%s: got %+v, %v", kind, got, err)
		}
		if want {
			wantFiles(t, f.Repacked, filepath.Base(quick))
		} else {
			wantFiles(t, f.Repacked)
		}
	}
}

func TestBadRepackedPackageIsMended(t *testing.T) {
	t.Parallel()
	f, p, _, quick := downloaded(t, repackable())
	want, err := openOne(t, f, p)
	if err != nil {
		t.Fatal(err)
	}
	sound := must(os.ReadFile(quick))
	data := bytes.Index(sound, []byte("data.tar.zst")) + 60 // behind the header
	_, other := (&fakeDeb{name: "aa", version: "2.0", compress: "zst"}).build(t)
	control, _ := (&fakeDeb{name: "aa"}).build(t)
	full := tarFile(t, []tar.Header{file("./control", 0o644), file("./x", 0o644)}, map[string]string{"./control": control, "./x": strings.Repeat("x", maxControl)})
	bomb := arFile(t, "debian-binary", []byte("2.0\n"), "control.tar.zst", compress(t, "zst", full), "data.tar.zst", compress(t, "zst", tarFile(t, nil, nil)))
	for name, c := range map[string][]byte{
		"empty":           {},
		"zeros":           make([]byte, len(sound)),
		"blank header":    append([]byte("!<arch>\n"), bytes.Repeat([]byte(" "), 60)...),
		"control only":    sound[:data-60],
		"nothing of data": sound[:data],
		"magic of data":   sound[:data+4],
		"some of data":    sound[:(data+len(sound))/2],
		"without its sum": sound[:len(sound)-3],
		"a bit in data":   append(bytes.Clone(sound[:data]), damaged(sound[data:])...),
		"another version": other,
		"a bomb":          bomb,
	} {
		if err := os.WriteFile(quick, c, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openDeb(quick, p, decompress); err == nil {
			t.Errorf("%s: it is read", name)
		}
		if got, err := openOne(t, f, p); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: another package, %v", name, err)
		}
		if !bytes.Equal(must(os.ReadFile(quick)), sound) {
			t.Errorf("%s: it is not mended", name)
		}
	}
}

func TestHostileFilesAreRefusedFromRepackedPackages(t *testing.T) {
	t.Parallel()
	m := newMirror(t, fakeDeb{name: "aa", files: []tar.Header{file("../a", 0o644)}})
	f := m.fetcher(t, nil)
	f.Repacked = t.TempDir()
	spec := Spec{Suites: []Suite{{Name: "trixie"}}, Seeds: []string{"aa"}}
	lock, err := Resolve(t.Context(), f, spec, "arm64")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err = Root(t.Context(), f, lock, "arm64", spec)
		wantError(t, err, "leads out of the package")
		wantFiles(t, f.Repacked, m.pkgs["aa"].SHA256+".deb")
	}
}

func TestBadPackageIsNotRepacked(t *testing.T) {
	t.Parallel()
	_, good := (&fakeDeb{name: "aa"}).build(t)
	_, other := (&fakeDeb{name: "aa", version: "2.0"}).build(t)
	for name, c := range map[string][]byte{"cut": good[:len(good)-20], "another version": other} {
		f := Fetcher{Repacked: t.TempDir()}
		original := filepath.Join(t.TempDir(), "a.deb")
		if err := os.WriteFile(original, c, 0o600); err != nil {
			t.Fatal(err)
		}
		_, want := openDeb(original, Package{Name: "aa", Version: "1.0", SHA256: "x"}, decompress)
		_, err := f.openQuick(original, Package{Name: "aa", Version: "1.0", SHA256: "x"})
		if err == nil || err.Error() != want.Error() {
			t.Errorf("%s: got %v, not %v", name, err, want)
		}
		wantFiles(t, f.Repacked)
	}
}

func TestPlaceForRepackedPackages(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(f *Fetcher, quick string) error{
		"below a file": func(f *Fetcher, _ string) error { return os.WriteFile(f.Repacked, nil, 0o600) },
		"a folder in its place": func(_ *Fetcher, quick string) error {
			return os.MkdirAll(filepath.Join(quick, "x"), 0o755)
		},
		"what a killed build left": func(f *Fetcher, _ string) error {
			if err := os.Mkdir(f.Repacked, 0o755); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(f.Repacked, ".part-1"), []byte("!<arch>\n"), 0o600)
		},
	} {
		f, p, _, quick := downloaded(t, repackable())
		if err := prepare(&f, quick); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if d, err := openOne(t, f, p); err != nil || len(d.entries) != 5 {
				t.Errorf("%s: got %+v, %v", name, d, err)
			}
		}
		if name == "what a killed build left" {
			wantFiles(t, f.Repacked, ".part-1", filepath.Base(quick))
		}
	}
}

// What fails for the repacked package must not reach the one that is read.
func TestRepackedPackageThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	f, p, original, _ := downloaded(t, repackable())
	want, err := openDeb(original, p, decompress)
	if err != nil {
		t.Fatal(err)
	}
	full, err := os.Open(original) // whatever is written to it fails
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = full.Close() }()
	for _, r := range []*repacker{newRepacker(full), {file: full}} { // from the start, and later
		got, err := openDeb(original, p, r.open)
		if err != nil || !reflect.DeepEqual(got, want) || r.err == nil {
			t.Errorf("got another package, or %v; the repacker has %v", err, r.err)
		}
	}
	wantFiles(t, f.Repacked)
}

func TestRepackedPackagesAreShared(t *testing.T) {
	t.Parallel()
	f, p, _, quick := downloaded(t, repackable())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if d, err := openOne(t, f, p); err != nil || len(d.entries) != 5 {
				t.Errorf("got %+v, %v", d, err)
			}
		})
	}
	wg.Wait()
	wantFiles(t, f.Repacked, filepath.Base(quick))
}
