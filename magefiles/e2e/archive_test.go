//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// packed are the platforms of the archives here: the one that runs here, and the
// one whose archive is another format.
func packed() []string { return []string{"linux/" + runtime.GOARCH, "windows/amd64"} }

var archived struct {
	sync.Once
	result
}

// archives is the main clone with its archives, made once for all tests.
func archives(t *testing.T) checkout {
	t.Helper()
	c := images(t)
	archived.Do(func() {
		archived.code = -1
		// What another run left is not listed, and has to go.
		c.write(t, "dist/cli/noetl_0.0.1_linux_"+runtime.GOARCH+".tar.gz", "old")
		archived.result = c.mage(t, "crossRust", "-archive", "-platforms="+strings.Join(packed(), ","))
	})
	if archived.code != 0 {
		t.Fatalf("making the archives failed with exit code %d\n%s", archived.code, archived.out)
	}
	return c
}

// archiveNames are the files of a list of checksums.
func archiveNames(t *testing.T, c checkout) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(c.read(t, "dist/cli/SHA256SUMS")) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		out = append(out, name)
	}
	return out
}

// in runs a program in a folder; it has to succeed.
func in(t *testing.T, dir string, line ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", line, err, out)
	}
	return string(out)
}

// TestArchives: a folder of archives and their list, which people's own programs
// check and unpack, with a CLI that runs and completions that bash takes.
func TestArchives(t *testing.T) {
	needTools(t, "sha256sum", "tar", "unzip", "bash")
	c := archives(t)
	in(t, c.path("dist/cli"), "sha256sum", "--check", "--strict", "SHA256SUMS")
	names := archiveNames(t, c)
	lying, _ := filepath.Glob(c.path("dist/cli/noetl_*"))
	if len(names) != len(packed()) || len(lying) != len(names) {
		t.Errorf("%q are listed, and there are %q", names, lying)
	}
	for _, name := range names {
		if !strings.Contains(archived.out, name) {
			t.Errorf("%s is not shown:\n%s", name, archived.out)
		}
		t.Run(name, func(t *testing.T) { unpacks(t, c, name) })
	}
}

func unpacks(t *testing.T, c checkout, name string) {
	dir := t.TempDir()
	top, zipped := strings.CutSuffix(name, ".zip")
	if zipped {
		in(t, dir, "unzip", "-q", filepath.Join(c.path("dist/cli"), name))
	} else {
		top = strings.TrimSuffix(name, ".tar.gz")
		in(t, dir, "tar", "-xzf", filepath.Join(c.path("dist/cli"), name))
	}
	there, err := os.ReadDir(dir)
	if err != nil || len(there) != 1 || there[0].Name() != top {
		t.Fatalf("it has %v, want the folder %s alone (%v)", there, top, err)
	}
	top = filepath.Join(dir, top)
	program := "noetl"
	if zipped {
		program += ".exe"
	}
	for file, mode := range map[string]os.FileMode{program: 0o755, "LICENSE": 0o644, "README.md": 0o644, "completions/_noetl": 0o644} {
		if info, err := os.Stat(filepath.Join(top, file)); err != nil || info.Mode() != mode || info.Size() == 0 {
			t.Errorf("%s: %v, %v", file, info, err)
		}
	}
	if zipped {
		if b, err := os.ReadFile(filepath.Join(top, program)); err != nil || !strings.HasPrefix(string(b), "MZ") {
			t.Errorf("%s is no program for Windows (%v)", program, err)
		}
		return
	}
	if out := in(t, top, "./noetl", "version"); !contains(out, packed()[0]) {
		t.Errorf("the program says of itself %s", out)
	}
	script := `source completions/noetl.bash && complete -p noetl && _noetl noetl ser noetl && echo "${COMPREPLY[@]}"`
	if out := in(t, top, "env", "COMP_CWORD=1", "bash", "--norc", "-c", `COMP_WORDS=(noetl ser); `+script); !contains(out, "_noetl noetl") || !contains(out, "server") {
		t.Errorf("bash completes with %s", out)
	}
}

// TestArchivesReproducible: another clone in another folder, with another umask
// and time zone, has the same list of checksums.
func TestArchivesReproducible(t *testing.T) {
	c := archives(t)
	want := c.read(t, "dist/cli/SHA256SUMS")
	other := c.with("TZ=Pacific/Kiritimati", "LC_ALL=C").under("sh", "-c", `umask 077 && exec "$@"`, "sh")
	other.dir = filepath.Join(t.TempDir(), "another place", "src")
	if err := clone(c.dir, other.dir); err != nil {
		t.Fatal(err)
	}
	r := other.must(t, "bootstrap", "crossRust", "-archive", "-platforms="+strings.Join(packed(), ","))
	t.Logf("build in another folder: %.0f s", r.took.Seconds())
	if got := other.read(t, "dist/cli/SHA256SUMS"); got != want {
		t.Errorf("the archives are\n%sthere, and here\n%s", got, want)
	}
}
