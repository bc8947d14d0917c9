package audit

import (
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealWheels installs wheels from PyPI for many platforms, each as the
// clean twin into an image of that platform, and as a plant into an image for
// arm64 with glibc and Python 3.13.
func TestRealWheels(t *testing.T) {
	if os.Getenv("E2E") != "1" {
		t.Skip("E2E=1 installs wheels from the network")
	}
	uv, err := exec.LookPath("uv")
	if err != nil {
		t.Skip("no uv here")
	}
	clean, plants, found := 0, 0, 0
	for _, c := range []struct{ python, target, platform, libc string }{
		{"3.13", "aarch64-unknown-linux-gnu", "linux/arm64", "glibc"},
		{"3.13", "x86_64-unknown-linux-gnu", "linux/amd64", "glibc"},
		{"3.12", "aarch64-unknown-linux-gnu", "linux/arm64", "glibc"},
		{"3.11", "aarch64-unknown-linux-gnu", "linux/arm64", "glibc"},
		{"3.13", "aarch64-unknown-linux-musl", "linux/arm64", "musl"},
		{"3.12", "x86_64-unknown-linux-musl", "linux/amd64", "musl"},
		{"3.13", "aarch64-apple-darwin", "darwin/arm64", ""},
		{"3.13", "x86_64-pc-windows-msvc", "windows/amd64", ""},
	} {
		name := c.python + " " + c.target
		root := t.TempDir()
		args := []string{
			"pip", "install", "-q", "--no-config", "--python-platform", c.target, "--python-version", c.python, "--only-binary", ":all:", "--target", filepath.Join(root, filepath.FromSlash(testSite)),
			"pyyaml", "orjson", "markupsafe", "cryptography", "pydantic",
		}
		if out, err := exec.Command(uv, args...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
			continue
		}
		installed := realInventory(t, root, c.platform)
		n := 0
		twin := realImage(c.platform, c.libc, c.python)
		maps.Copy(twin.Files, installed.Files)
		for _, f := range checkPython(twin.Inventory) {
			t.Errorf("%s: false alarm: %s", name, f)
		}
		for _, s := range twin.sites() {
			n += s.count(twin.Inventory)
		}
		if n < 8 {
			t.Errorf("%s: only %d packages were looked at", name, n)
		}
		clean += n
		if c.platform == "linux/arm64" && c.libc == "glibc" && c.python == "3.13" {
			continue
		}
		planted := realImage("linux/arm64", "glibc", "3.13")
		maps.Copy(planted.Files, installed.Files)
		findings := append(checkPython(planted.Inventory), checkArch(planted.Inventory)...)
		for info, e := range planted.Files {
			if !e.Mode.IsDir() || path.Ext(info) != ".dist-info" {
				continue
			}
			d, _ := planted.newDist(e)
			if strings.HasSuffix(d.tags[0], "-any") || strings.Contains(d.tags[0], "abi3") && c.platform == "linux/arm64" && c.libc == "glibc" {
				continue // these do fit
			}
			plants++
			if ok := d.accused(findings); ok {
				found++
			} else {
				t.Errorf("%s: nothing was found of %s %v", name, d.name, d.tags)
			}
		}
	}
	t.Logf("%d of %d planted packages found; %d clean ones passed", found, plants, clean)
}

// accused reports whether one of the errors is about the package.
func (d *dist) accused(findings []Finding) bool {
	for _, f := range findings {
		if f.Severity != Error {
			continue
		}
		if strings.HasPrefix(f.Path, d.dir+"/") {
			return true
		}
		for _, row := range d.record {
			if row.path == f.Path {
				return true
			}
		}
	}
	return false
}

func (s *pySite) count(inv *Inventory) int {
	n := 0
	for name := range inv.Files {
		if path.Dir(name) == s.dir && path.Ext(name) == ".dist-info" {
			n++
		}
	}
	return n
}

func realInventory(t *testing.T, root, platform string) *Inventory {
	t.Helper()
	inv, err := InspectTree(t.Context(), os.DirFS(root), platform)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

// realImage is an image with nothing but an interpreter and a C library.
func realImage(platform, libc, python string) stage {
	s := newStage(platform)
	s.Config.Env = []string{"PYTHONPATH=" + testSite}
	s.text("/usr/lib/python"+python+"/os.py", "x")
	what := strings.TrimPrefix(strings.TrimPrefix(platform, "linux/"), "windows/")
	switch libc {
	case "musl":
		s.program("/lib/ld-musl-aarch64.so.1", what+" musl")
	case "glibc":
		s.program("/lib/ld-linux-aarch64.so.1", what)
		s.program("/lib/libc.so.6", what).File.Program.Defines = []string{"GLIBC_2.17", "GLIBC_2.41"}
	}
	return s
}
