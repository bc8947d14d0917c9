package debian

import (
	"archive/tar"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func dir(name string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755}
}

func file(name string, mode int64) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: mode}
}

func link(name, to string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeSymlink, Mode: 0o777, Linkname: to}
}

func hard(name, to string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeLink, Mode: 0o755, Linkname: to}
}

const certificate = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"

// system is a small Debian: each package shows one thing that a real one has.
func system() []fakeDeb {
	owned := file("./usr/bin/wall", 0o2755)
	owned.Uid, owned.Gid, owned.Uname, owned.Gname = 1, 5, "build", "tty"
	sticky := dir("./tmp/")
	sticky.Mode = 0o1777
	return []fakeDeb{
		{
			name: "base-files", version: "13.8", arch: "arm64", compress: "zst",
			files:   []tar.Header{dir("./"), link("./bin", "usr/bin"), link("./lib", "usr/lib"), dir("./usr/bin/"), dir("./usr/lib/"), sticky, dir("./var/run/"), file("./etc/dpkg/origins/debian", 0o644), file("./etc/issue", 0o644)},
			body:    map[string]string{"./etc/issue": "hello\n"},
			scripts: map[string]string{"conffiles": "/etc/issue\n"},
		},
		{
			name: "base-passwd", version: "3.6", arch: "arm64", compress: "gz", files: []tar.Header{file("./usr/share/base-passwd/passwd.master", 0o644), file("./usr/share/base-passwd/group.master", 0o644)},
			body: map[string]string{"./usr/share/base-passwd/passwd.master": "root:*:0:0:root:/root:/bin/bash\nnobody:*:65534:65534::/nonexistent:/usr/sbin/nologin\n", "./usr/share/base-passwd/group.master": "root:*:0:\nstaff:*:50:\nnogroup:*:65534:\n"},
		},
		{
			name: "aaa-tool", arch: "arm64", compress: "none", fields: "Depends: libz (>= 1:2), base-files\nMulti-Arch: foreign\n",
			files:   []tar.Header{dir("./"), dir("./bin/"), file("./bin/tool", 0o4755), hard("./bin/alias", "./bin/tool"), owned, link("./usr/bin/t", "tool"), dir("./usr/share/doc/aaa-tool/"), file("./usr/share/doc/aaa-tool/copyright", 0o644), file("./usr/share/doc/aaa-tool/README", 0o644), dir("./usr/share/man/"), file("./usr/share/man/tool.1", 0o644), link("./etc/up", "../../../etc/issue")},
			body:    map[string]string{"./bin/tool": "program", "./usr/share/doc/aaa-tool/copyright": "MIT", "./usr/share/doc/aaa-tool/README": "long", "./usr/share/man/tool.1": "long", "./usr/bin/wall": "w"},
			scripts: map[string]string{"md5sums": "a63c90cc3684ad8b0a2176a6a8fe9005  bin/tool\n0123456789abcdef0123456789abcdef  usr/share/man/tool.1\n"},
		},
		{name: "libz", version: "1:2.0", arch: "arm64", fields: "Multi-Arch: same\n", files: []tar.Header{file("./lib/aarch64-linux-gnu/libz.so.1.3", 0o644), link("./lib/aarch64-linux-gnu/libz.so.1", "libz.so.1.3"), link("./usr/share/doc/libz", "aaa-tool")}, body: map[string]string{"./lib/aarch64-linux-gnu/libz.so.1.3": "z"}},
		{name: "ca-certificates", files: []tar.Header{file("./usr/share/ca-certificates/mozilla/B.crt", 0o644), file("./usr/share/ca-certificates/mozilla/A.crt", 0o644)}, body: map[string]string{"./usr/share/ca-certificates/mozilla/B.crt": certificate, "./usr/share/ca-certificates/mozilla/A.crt": strings.TrimSpace(certificate)}},
		{name: "tzdata", security: true, files: []tar.Header{file("./usr/share/zoneinfo/Etc/UTC", 0o644)}, body: map[string]string{"./usr/share/zoneinfo/Etc/UTC": "TZif2"}},
		{name: "python3.13", arch: "arm64", files: []tar.Header{link("./usr/lib/python3.13/sitecustomize.py", "/etc/python3.13/sitecustomize.py")}},
	}
}

func systemSpec() Spec {
	return Spec{
		Suites: []Suite{{Name: "trixie"}, {Name: "trixie-security", Security: true}},
		Seeds:  []string{"aaa-tool", "base-passwd", "ca-certificates", "python3.13", "tzdata"},
		Users:  []User{{Name: "someone", UID: 10001, GID: 10001, Home: "/home/someone"}, {Name: "other", UID: 10002, GID: 50, Shell: "/bin/tool"}},
		CAs:    true, Exclude: []string{"usr/share/doc", "usr/share/man"},
	}
}

func makeRoot(t *testing.T, debs []fakeDeb, spec Spec) (*Tree, error) {
	t.Helper()
	m := newMirror(t, debs...)
	f := m.fetcher(t, nil)
	lock, err := Resolve(t.Context(), f, spec, "arm64")
	if err != nil {
		t.Fatal(err)
	}
	f.Locked = true
	return Root(t.Context(), f, lock, "arm64", spec)
}

// list shows a tree as a layer writer sees it.
func list(t *testing.T, tree fs.FS) string {
	t.Helper()
	var b strings.Builder
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		h := i.Sys().(*tar.Header)
		if h.Name != name || h.Uname != "" || h.Gname != "" {
			t.Errorf("%q has the header %+v", name, h)
		}
		fmt.Fprintf(&b, "%v %5d:%-5d %3d %s", i.Mode(), h.Uid, h.Gid, h.Size, name)
		switch h.Typeflag {
		case tar.TypeSymlink:
			b.WriteString(" -> " + h.Linkname)
		case tar.TypeLink:
			b.WriteString(" == " + h.Linkname)
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRootGolden(t *testing.T) {
	t.Parallel()
	tree, err := makeRoot(t, system(), systemSpec())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(list(t, tree))
	for _, name := range []string{
		"etc/passwd", "etc/group", "etc/ssl/certs/ca-certificates.crt", "etc/ca-certificates.conf", "etc/hosts", "etc/nsswitch.conf", "etc/python3.13/sitecustomize.py",
		"var/lib/dpkg/info/aaa-tool.list", "var/lib/dpkg/info/aaa-tool.md5sums", "var/lib/dpkg/info/libz:arm64.list", "var/lib/dpkg/status",
	} {
		fmt.Fprintf(&b, "\n== %s\n%s", name, must(tree.ReadFile(name)))
	}
	golden(t, "root", b.String())
	if names := packageNames(tree.Packages); names != "aaa-tool base-files base-passwd ca-certificates libz python3.13 tzdata" {
		t.Errorf("packages: %s", names)
	}
}

func packageNames(list []Package) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.Name
	}
	return strings.Join(names, " ")
}

func TestTreeIsAFileSystem(t *testing.T) {
	t.Parallel()
	tree, err := makeRoot(t, system(), systemSpec())
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(tree, "usr/bin/tool", "usr/bin/alias", "bin", "etc/localtime", "var/lib/dpkg/status", "usr/lib/aarch64-linux-gnu/libz.so.1"); err != nil {
		t.Error(err)
	}
	// Through links of directories and of files, relative, absolute and beyond the root.
	for name, want := range map[string]string{"bin/t": "program", "bin/alias": "program", "lib/aarch64-linux-gnu/libz.so.1": "z", "etc/localtime": "TZif2", "etc/up": "hello\n", "usr/share/doc/libz/copyright": "MIT"} {
		if got, err := tree.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
	if &tree.root.children["usr"].children["bin"].children["tool"].file.data[0] != &tree.root.children["usr"].children["bin"].children["alias"].file.data[0] {
		t.Error("hard links do not share their bytes")
	}
	for name, check := range map[string]func(string) error{
		"etc/nothing": func(n string) error { _, err := tree.Open(n); return err },
		"/etc":        func(n string) error { _, err := tree.Stat(n); return err },
		"etc/issue":   func(n string) error { _, err := tree.ReadDir(n); return err },
		"etc/issue/x": func(n string) error { _, err := tree.Open(n); return err },
		"etc":         func(n string) error { _, err := tree.ReadFile(n); return err },
		"etc/hosts":   func(n string) error { _, err := tree.ReadLink(n); return err },
	} {
		if check(name) == nil {
			t.Errorf("%q: no error", name)
		}
	}
}

// Equal input, equal tree: also when the index lists things in another order.
func TestRootIsDeterministic(t *testing.T) {
	t.Parallel()
	debs := system()
	one, err := makeRoot(t, debs, systemSpec())
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(debs)
	spec := systemSpec()
	slices.Reverse(spec.Seeds)
	two, err := makeRoot(t, debs, spec)
	if err != nil {
		t.Fatal(err)
	}
	if list(t, one) != list(t, two) || string(must(one.ReadFile("var/lib/dpkg/status"))) != string(must(two.ReadFile("var/lib/dpkg/status"))) {
		t.Error("the trees differ")
	}
}
