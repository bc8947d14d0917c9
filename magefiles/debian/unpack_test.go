package debian

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// openBytes opens a .deb that is locked as package aa 1.0.
func openBytes(t *testing.T, data []byte) (*deb, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.deb")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return openDeb(name, Package{Name: "aa", Version: "1.0", Arch: "arm64"}, decompress)
}

func TestBrokenPackages(t *testing.T) {
	t.Parallel()
	_, good := (&fakeDeb{name: "aa", compress: "none", files: []tar.Header{file("./a", 0o644)}, body: map[string]string{"./a": strings.Repeat("a", 4000)}}).build(t)
	if _, err := openBytes(t, good); err != nil {
		t.Fatal(err)
	}
	_, other := (&fakeDeb{name: "aa", version: "2.0"}).build(t)
	_, foreign := (&fakeDeb{name: "aa", arch: "amd64"}).build(t)
	blank := bytes.Repeat([]byte(" "), 60)
	control := compress(t, "gz", tarFile(t, []tar.Header{file("./control", 0o644)}, map[string]string{"./control": "Package: aa\nVersion: 1.0\nArchitecture: all\n"}))
	empty := tarFile(t, nil, nil)
	var liar bytes.Buffer
	if err := tar.NewWriter(&liar).WriteHeader(&tar.Header{Name: "./a", Typeflag: tar.TypeReg, Size: 8 << 30}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":              {nil, "no ar archive"},
		"a web page":         {[]byte("<html>" + strings.Repeat("x", 100)), "no ar archive"},
		"nothing in it":      {arFile(t), "it has the members []"},
		"members missing":    {arFile(t, "debian-binary", []byte("2.0\n")), "not debian-binary, control and data"},
		"wrong order":        {arFile(t, "debian-binary", []byte("2.0\n"), "data.tar", empty, "control.tar.gz", control), "not debian-binary, control and data"},
		"another format":     {arFile(t, "debian-binary", []byte("3.0\n")), "not 2.x"},
		"blank header":       {append([]byte("!<arch>\n"), blank...), "ar header is malformed"},
		"cut in data":        {good[:len(good)-2000], "reading"},
		"no control":         {arFile(t, "debian-binary", []byte("2.0\n"), "control.tar", empty, "data.tar", empty), "control file"},
		"other version":      {other, "it says that it is aa 2.0"},
		"other architecture": {foreign, "for amd64"},
		"a header that lies": {arFile(t, "debian-binary", []byte("2.0\n"), "control.tar.gz", control, "data.tar", liar.Bytes()), "unexpected EOF"},
		"damaged xz":         {arFile(t, "debian-binary", []byte("2.0\n"), "control.tar.gz", control, "data.tar.xz", damaged(compress(t, "xz", empty))), "data.tar.xz"},
		"damaged zst":        {arFile(t, "debian-binary", []byte("2.0\n"), "control.tar.gz", control, "data.tar.zst", damaged(compress(t, "zst", empty))), "data.tar.zst"},
		"damaged gz":         {arFile(t, "debian-binary", []byte("2.0\n"), "control.tar.gz", control, "data.tar.gz", damaged(compress(t, "gz", empty))), "data.tar.gz"},
	} {
		_, err := openBytes(t, c.data)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `"aa"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// damaged flips a bit of the content's checksum or of the content itself.
func damaged(data []byte) []byte {
	data = bytes.Clone(data)
	data[len(data)/2] ^= 0x10
	return data
}

func TestDecompressionBomb(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"xz", "zst", "gz", "none"} {
		packed := compress(t, kind, make([]byte, 1<<20))
		for limit, fails := range map[int64]bool{1 << 20: false, 1<<20 - 1: true} {
			r, err := decompress(bytes.NewReader(packed), "a", limit)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			_, err = b.ReadFrom(r)
			if (err != nil) != fails {
				t.Errorf("%s, %d bytes allowed: %v", kind, limit, err)
			}
			if fails {
				wantError(t, err, "beyond the size allowed")
			}
			_ = r.Close()
		}
	}
}

func TestHostileAndConflictingFiles(t *testing.T) {
	t.Parallel()
	body := map[string]string{"./x/a": "one", "./a": "one"}
	first := fakeDeb{name: "aa", files: []tar.Header{file("./x/a", 0o644)}, body: body}
	for _, c := range []struct {
		name   string
		fields string
		files  []tar.Header
		body   map[string]string
		err    string
		check  string // path=content
	}{
		{name: "dots", files: []tar.Header{file("../a", 0o644)}, err: "leads out of the package"},
		{name: "dots inside", files: []tar.Header{file("./x/../../a", 0o644)}, err: "leads out of the package"},
		{name: "absolute is below the root", files: []tar.Header{file("/x/b", 0o644)}, body: map[string]string{"/x/b": "b"}, check: "x/b=b"},
		{name: "through a link out of the root", files: []tar.Header{link("./up", "../../.."), file("./up/a", 0o644)}, body: map[string]string{"./up/a": "in"}, check: "a=in"},
		{name: "through an absolute link", files: []tar.Header{link("./abs", "/x"), file("./abs/b", 0o644)}, body: map[string]string{"./abs/b": "in"}, check: "x/b=in"},
		{name: "hard link out", files: []tar.Header{hard("./b", "../../etc/passwd")}, err: "leads out of the package"},
		{name: "hard link to nothing", files: []tar.Header{hard("./b", "./c")}, err: "no file of the package"},
		{name: "links in a circle", files: []tar.Header{link("./l", "m"), link("./m", "l"), file("./l/a", 0o644)}, err: "too many levels"},
		{name: "device", files: []tar.Header{{Name: "./null", Typeflag: tar.TypeChar}}, err: "devices belong"},
		{name: "pipe", files: []tar.Header{{Name: "./pipe", Typeflag: tar.TypeFifo}}, err: "neither file, directory nor link"},
		{name: "file over directory", files: []tar.Header{file("./x", 0o644)}, err: "a directory already"},
		{name: "directory over file", files: []tar.Header{dir("./x/a/")}, err: "a file of that name"},
		{name: "file below file", files: []tar.Header{file("./x/a/b", 0o644)}, err: "a file of that name"},
		{name: "link over directory: dpkg keeps the directory", files: []tar.Header{link("./x", "y")}, check: "x/a=one"},
		{name: "same file", files: []tar.Header{file("./x/a", 0o644)}, body: body, check: "x/a=one"},
		{name: "other file", files: []tar.Header{file("./x/a", 0o644)}, body: map[string]string{"./x/a": "two"}, err: `"aa" has another file there`},
		{name: "replaced", fields: "Replaces: aa (<< 2)\n", files: []tar.Header{file("./x/a", 0o644)}, body: map[string]string{"./x/a": "two"}, check: "x/a=two"},
		{name: "replaced in another version only", fields: "Replaces: aa (<< 1)\n", files: []tar.Header{file("./x/a", 0o644)}, body: map[string]string{"./x/a": "two"}, err: `"aa" has another file there`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			second := fakeDeb{name: "bb", fields: c.fields, files: c.files, body: c.body}
			tree, err := makeRoot(t, []fakeDeb{first, second}, Spec{Suites: []Suite{{Name: "trixie"}}, Seeds: []string{"aa", "bb"}})
			if c.err != "" {
				wantError(t, err, c.err, `"bb"`)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			name, want, _ := strings.Cut(c.check, "=")
			if got, err := tree.ReadFile(name); err != nil || string(got) != want {
				t.Errorf("%q: got %q, %v", name, got, err)
			}
		})
	}
}

func TestConfigureRefuses(t *testing.T) {
	t.Parallel()
	spec := func(users ...User) Spec {
		return Spec{Suites: []Suite{{Name: "trixie"}}, Seeds: []string{"aa"}, Users: users}
	}
	cas := spec()
	cas.CAs = true
	for _, c := range []struct {
		spec Spec
		file string
		want string
	}{
		{spec(User{Name: "nobody", UID: 7, GID: 7}), "./x", "Debian has one of that name"},
		{spec(User{Name: "me", UID: 65534, GID: 7}), "./x", `uid 65534 is that of "nobody"`},
		{spec(User{Name: "one", UID: 7, GID: 7}, User{Name: "two", UID: 7, GID: 7}), "./x", `uid 7 is that of "one"`},
		{spec(User{Name: "nogroup", UID: 7, GID: 7}), "./x", "a group of that name"},
		{spec(User{Name: "me", UID: 7, GID: 7, Home: "/x"}), "./x", "a file of that name"},
		{cas, "./x", `add "ca-certificates"`},
		{cas, "./usr/share/ca-certificates/README", "holds no certificate"},
		{cas, "./usr/share/ca-certificates/x.crt", `"x.crt" is no PEM certificate`},
	} {
		_, err := makeRoot(t, []fakeDeb{{name: "aa", files: []tar.Header{file(c.file, 0o644)}, body: map[string]string{c.file: "x"}}}, c.spec)
		wantError(t, err, c.want)
	}
}
