package debian

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReal makes the real base of today's trixie from this host's own mirror.
// E2E=1 asks for it; E2E_DIR keeps the trees there, for chroot or qemu.
// Where mmdebstrap can run, each tree is compared with its.
func TestReal(t *testing.T) {
	if os.Getenv("E2E") == "" {
		t.Skip("set E2E=1 to use the network")
	}
	mirrors, err := MirrorsFromAPT(os.DirFS("/"))
	if err != nil || mirrors.Empty() {
		t.Skipf("this host has no Debian mirror of its own: %v", err)
	}
	dir := os.Getenv("E2E_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	spec := Spec{
		Suites:  Suites("trixie"),
		Seeds:   []string{"base-files", "base-passwd", "ca-certificates", "netbase", "python3.13", "tzdata"},
		Users:   []User{{Name: "someone", UID: 10001, GID: 10001, Home: "/home/someone"}},
		Exclude: Documentation(),
		CAs:     true,
	}
	f := Fetcher{Mirrors: mirrors, Cache: filepath.Join(dir, "cache"), Log: func(s string) { t.Log(s) }}
	lock, err := Resolve(t.Context(), f, spec, "amd64", "arm64")
	if err != nil {
		t.Fatal(err)
	}
	f.Locked = true
	for _, arch := range []string{"amd64", "arm64"} {
		tree, err := Root(t.Context(), f, lock, arch, spec)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"bin/python3.13", "usr/lib/os-release", "etc/os-release", "etc/passwd", "var/lib/dpkg/status", "lib/ssl/cert.pem", "usr/share/doc/libgcc-s1/copyright", "etc/localtime"} {
			if s, err := tree.Stat(name); err != nil || s.Size() == 0 {
				t.Errorf("%s: %q: %v", arch, name, err)
			}
		}
		if n := strings.Count(string(must(tree.ReadFile(bundle))), "BEGIN CERTIFICATE"); n < 100 {
			t.Errorf("%s: %d certificates in the bundle", arch, n)
		}
		whole := spec
		whole.Exclude = nil
		complete, err := Root(t.Context(), f, lock, arch, whole)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, f, spec, arch, dir, complete)
		if err := materialize(tree, filepath.Join(dir, arch)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := os.Create(filepath.Join(dir, "base.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := WriteLock(out, lock); err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// materialize writes a tree to disk; modes are kept, owners only for root.
func materialize(tree *Tree, dir string) error {
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		switch {
		case d.IsDir():
			if err = os.MkdirAll(to, 0o755); err == nil {
				err = os.Chmod(to, i.Mode())
			}
		case i.Mode()&fs.ModeSymlink != 0:
			err = os.Symlink(must(tree.ReadLink(name)), to)
		default:
			if err = os.WriteFile(to, must(tree.ReadFile(name)), 0o644); err == nil {
				err = os.Chmod(to, i.Mode())
			}
		}
		return err
	})
}
