package audit

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// What an inventory holds, entry by entry.
func TestInspectImageFacts(t *testing.T) {
	t.Parallel()
	header := func(h tar.Header, body string) rawEntry { return rawEntry{h, body} }
	base := rawTar(t,
		header(tar.Header{Name: "bin", Typeflag: tar.TypeSymlink, Linkname: "usr/bin"}, ""),
		header(tar.Header{Name: "usr/bin/", Typeflag: tar.TypeDir, Mode: 0o755}, ""),
		header(tar.Header{Name: "usr/bin/sudo", Typeflag: tar.TypeReg, Mode: 0o4755, Uid: 0, Gid: 7}, string(elfARM64())),
		header(tar.Header{Name: "usr/bin/sudoedit", Typeflag: tar.TypeLink, Linkname: "bin/sudo"}, ""),
		header(tar.Header{Name: "dev/null", Typeflag: tar.TypeChar, Mode: 0o666}, ""),
		header(tar.Header{Name: "etc/passwd", Typeflag: tar.TypeReg, Mode: 0o644}, "root:x:0:0::/:/bin/sh\n"),
		header(tar.Header{Name: "etc/other", Typeflag: tar.TypeReg, Mode: 0o644}, "not kept"),
		header(tar.Header{Name: "tmp", Typeflag: tar.TypeDir, Mode: 0o1777}, ""))
	app := rawTar(t,
		header(tar.Header{Name: "bin/run", Typeflag: tar.TypeReg, Mode: 0o755, Uid: 10001}, "#!/bin/sh\n"+strings.Repeat("x", 1000)),
		header(tar.Header{Name: "app/key.pem", Typeflag: tar.TypeReg, Mode: 0o600}, "-----BEGIN PRIVATE KEY-----\n"),
		header(tar.Header{Name: strings.Repeat("d/", maxName) + "f", Typeflag: tar.TypeReg}, "no kernel takes it"))
	stack := layers(base, app)
	stack[1].Digest = "sha256:x"
	inv, err := InspectImage(t.Context(), "linux/arm64", stack, &Config{User: "10001"})
	if err != nil {
		t.Fatal(err)
	}
	if inv.Partial || inv.Config.User != "10001" || inv.Layers[1] != (LayerFacts{"layer 1", 1, "sha256:x"}) {
		t.Errorf("%+v", inv)
	}
	var names []string
	for name, e := range inv.Files {
		names = append(names, name)
		if name != e.Path {
			t.Errorf("%q is under %q", e.Path, name)
		}
	}
	slices.Sort(names)
	want := "/ /app /app/key.pem /bin /dev /dev/null /etc /etc/other /etc/passwd /tmp /usr /usr/bin /usr/bin/run /usr/bin/sudo /usr/bin/sudoedit"
	if got := strings.Join(names, " "); got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	run, sudo := inv.Files["/usr/bin/run"], inv.Files["/usr/bin/sudo"]
	if run.UID != 10001 || run.Layer != 1 || !strings.HasPrefix(string(run.File.Head), "#!/bin/sh\n") || len(run.File.Head) != headKept || run.File.Size != 1010 {
		t.Errorf("%+v %+v", run, run.File)
	}
	if sudo.Mode != fs.ModeSetuid|0o755 || sudo.GID != 7 || sudo.File.Program.Arch != "arm64" || sudo.File.Sum != sha256.Sum256(elfARM64()) {
		t.Errorf("%+v %+v", sudo, sudo.File)
	}
	if link := inv.Files["/usr/bin/sudoedit"]; link.File != sudo.File || link.Mode != sudo.Mode || !slices.Equal(sudo.File.Names, []string{"/usr/bin/sudo", "/usr/bin/sudoedit"}) {
		t.Errorf("%+v %q", link, sudo.File.Names)
	}
	for name, mode := range map[string]fs.FileMode{"/tmp": fs.ModeDir | fs.ModeSticky | 0o777, "/dev/null": fs.ModeDevice | fs.ModeCharDevice | 0o666, "/app": fs.ModeDir | 0o755, "/bin": fs.ModeSymlink} {
		if e := inv.Files[name]; e.Mode != mode || e.File != nil {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if e, ok := inv.Resolve("/bin/run"); !ok || e != run {
		t.Errorf("%+v", e)
	}
	if string(inv.Files["/etc/passwd"].File.Text) != "root:x:0:0::/:/bin/sh\n" || inv.Files["/etc/other"].File.Text != nil {
		t.Error("texts")
	}
	if head := inv.Files["/app/key.pem"].File.Head; !bytes.HasPrefix(head, []byte("-----BEGIN PRIVATE")) {
		t.Errorf("%q", head)
	}
}

// The upper layers of an image say nothing of what is under them.
func TestInspectImagePartial(t *testing.T) {
	t.Parallel()
	inv, err := InspectImage(t.Context(), "linux/arm64", layers(tarOf(t), tarOf(t))[1:], nil)
	if err != nil || !inv.Partial {
		t.Errorf("%+v %v", inv, err)
	}
}

// Where files land that are written through links, and what is left of folders.
func TestInspectImagePlaces(t *testing.T) {
	t.Parallel()
	text := []byte("x")
	for name, c := range map[string]struct {
		layers [][]entry
		want   string // names without folders
	}{
		"through a link":          {[][]entry{{soft("lib", "usr/lib"), reg("usr/lib/a", text)}, {reg("lib/b", text)}}, "/lib /usr/lib/a /usr/lib/b"},
		"through an absolute one": {[][]entry{{soft("x/lib", "/y")}, {reg("x/lib/b", text)}}, "/x/lib /y/b"},
		"out of the root":         {[][]entry{{soft("x", "../../../y")}, {reg("x/b", text)}}, "/x /y/b"},
		"link replaced by folder": {[][]entry{{soft("lib", "usr/lib"), reg("usr/lib/a", text)}, {dir("lib"), reg("lib/b", text)}}, "/lib/b /usr/lib/a"},
		"link removed":            {[][]entry{{soft("lib", "usr/lib")}, {reg(".wh.lib", nil), reg("lib/b", text)}}, "/lib/b"},
		"in circles":              {[][]entry{{soft("a", "b"), soft("b", "a"), reg("a/x", text)}}, "/a /b"},
		"in itself":               {[][]entry{{soft("a", "a/a"), reg("a/a/x", text)}}, "/a"},
		"under a file":            {[][]entry{{reg("a", text)}, {reg("a/x", text)}}, "/a/x"},
		"whiteout of the root":    {[][]entry{{reg("a", text)}, {reg(".wh..", nil), reg(".wh...", nil)}}, "/a"},
		"hard link to a folder":   {[][]entry{{dir("d"), hard("a", "d")}}, ""},
		"hard link to a link":     {[][]entry{{soft("s", "t"), hard("a", "s")}}, "/a /s"},
		"the root as a file":      {[][]entry{{reg("..", text), soft(".", "x")}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tars [][]byte
			for _, l := range c.layers {
				tars = append(tars, tarOf(t, l...))
			}
			inv, err := InspectImage(t.Context(), "linux/arm64", layers(tars...), nil)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for p, e := range inv.Files {
				if !e.Mode.IsDir() {
					names = append(names, p)
				}
			}
			slices.Sort(names)
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			consistent(t, inv)
		})
	}
}

// consistent checks what all checks rely on.
func consistent(t *testing.T, inv *Inventory) {
	t.Helper()
	for p, e := range inv.Files {
		switch {
		case p != e.Path, p != clean(p), e.Mode.IsRegular() != (e.File != nil):
			t.Fatalf("%q: %+v", p, e)
		case e.File != nil && !slices.Contains(e.File.Names, p):
			t.Fatalf("%q is not in %q", p, e.File.Names)
		case e.Layer >= len(inv.Layers), e.Layer < 0 && p != "/" && !inv.tree():
			t.Fatalf("%q is of layer %d", p, e.Layer)
		}
	}
}

type rawEntry struct {
	tar.Header
	body string
}

func rawTar(t testing.TB, entries ...rawEntry) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, e := range entries {
		e.Size = int64(len(e.body))
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestResolveParent: ".." is where the link before it leads, not where it lies.
func TestResolveParent(t *testing.T) {
	t.Parallel()
	inv := &Inventory{Files: map[string]*Entry{}}
	for name, mode := range map[string]fs.FileMode{"/": fs.ModeDir, "/a": fs.ModeDir, "/a/b": fs.ModeDir, "/a/x": 0o755, "/x": 0o644, "/link": fs.ModeSymlink} {
		inv.Files[name] = &Entry{Path: name, Mode: mode}
	}
	inv.Files["/link"].Link = "a/b"
	for name, want := range map[string]string{"/link/../x": "/a/x", "/a/../x": "/x", "/link/../../../x": "/x", "/": "/"} {
		if e, ok := inv.Resolve(name); !ok || e.Path != want {
			t.Errorf("%s leads to %+v, want %s", name, e, want)
		}
	}
	if e, ok := inv.Resolve("/nowhere/../x"); ok {
		t.Errorf("a folder that is not there leads to %+v", e)
	}
}
