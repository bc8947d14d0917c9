package audit

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTreeWheel(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, body := range map[string][]byte{
		"pkg/__init__.py":                       []byte("import os"),
		"pkg/b.cpython-313-x86_64-linux-gnu.so": elfAMD64(),
		"pkg/a.abi3.so":                         elfARM64(),
		"pkg-1.0.dist-info/WHEEL":               []byte("Root-Is-Purelib: true"),
	} {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	wheel, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	findings, stats, err := findingsOfTree(t.Context(), wheel, "linux/arm64")
	if err != nil {
		t.Fatal(err)
	}
	if stats.Files != 4 || stats.Binaries != 2 || stats.Layers != 0 {
		t.Errorf("%+v", stats)
	}
	if len(findings) != 1 {
		t.Fatalf("%v", findings)
	}
	want := "error [arch] pkg/b.cpython-313-x86_64-linux-gnu.so: x86-64 ELF in a tree for linux/arm64\n" +
		"    install the wheel for linux/arm64: the one here is for linux/amd64; with uv, --python-platform and --only-binary :all:"
	if got := findings[0].String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTreeFolder(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs symbolic links, which Windows gives to administrators only")
	}
	root := t.TempDir()
	write := func(name string, body []byte) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, body, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write("bin/ok", elfARM64())
	write("bin/ünbound file", elfAMD64())
	for link, to := range map[string]string{"bin/link": "ünbound file", "loop": ".", "dangling": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	findings, stats, err := findingsOfTree(t.Context(), os.DirFS(root), "linux/arm64")
	if err != nil || len(findings) != 1 || findings[0].Path != "bin/ünbound file" || stats.Files != 2 {
		t.Errorf("%v %+v %v", findings, stats, err)
	}
}

func TestTreeErrors(t *testing.T) {
	t.Parallel()
	if _, _, err := findingsOfTree(t.Context(), fstest.MapFS{}, "linux/vax"); err == nil || !strings.Contains(err.Error(), `"linux/vax"`) {
		t.Errorf("unknown platform: %v", err)
	}
	if _, _, err := findingsOfTree(t.Context(), os.DirFS(filepath.Join(t.TempDir(), "gone")), "linux/arm64"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := findingsOfTree(ctx, fstest.MapFS{"a": {Data: elfAMD64()}}, "linux/arm64"); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestNative(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"a.so":               {Data: elfAMD64()},
		"renamed.py":         {Data: elfARM64()},
		"mac.so":             {Data: machoFile(0, 0x1000007, 0x100000c)},
		"w.pyd":              {Data: peFile(0x8664, coffDLL, 3, false)},
		"l.a":                {Data: []byte(arMagic)},
		"cut.so":             {Data: []byte("\x7fELF")},
		"fake.so":            {Data: []byte("not at all")},
		"m.py":               {Data: []byte("pass")},
		"empty":              {},
		"p.bpf.o":            {Data: elfFile(247, 64, binary.LittleEndian, 1, 0, 0)},
		"net.dll":            {Data: peFile(0x14c, coffDLL, 3, true)},
		"setuptools/cli.exe": {Data: peFile(0x14c, 0, 3, false)},
		"somewhere/tool.exe": {Data: peFile(0x14c, 0, 3, false)},
	}
	for name, want := range map[string]bool{
		"a.so": true, "renamed.py": true, "mac.so": true, "w.pyd": true, "l.a": true, "cut.so": true, "somewhere/tool.exe": true,
		"fake.so": false, "m.py": false, "empty": false, "p.bpf.o": false, "net.dll": false, "setuptools/cli.exe": false,
	} {
		if got, err := Native(tree, name); err != nil || got != want {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if _, err := Native(tree, "gone"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}
