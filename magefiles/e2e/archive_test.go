//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// packed are the platforms of the archives.
func packed() []string {
	return []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"}
}

// oneOfEach are those that are made a second time: one of each system, which
// differ in what their linkers put into programs.
func oneOfEach() []string {
	return []string{"darwin/arm64", "linux/" + runtime.GOARCH, "windows/amd64"}
}

// archiveOf is the beginning of the name of a platform's archive.
func archiveOf(platform string) string {
	return "noetl_0.1.0_" + strings.ReplaceAll(platform, "/", "_")
}

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
		archived.result = c.mage(t, "crossRust", "-archive")
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
	for _, floor := range []string{"glibc 2.28", "macOS 11.0, signature: ad hoc", "Windows 6.0"} {
		if !strings.Contains(archived.out, floor) {
			t.Errorf("that programs run on %s is not shown:\n%s", floor, archived.out)
		}
	}
	for _, name := range names {
		if !strings.Contains(archived.out, name) {
			t.Errorf("%s is not shown:\n%s", name, archived.out)
		}
		t.Run(name, func(t *testing.T) { unpacks(t, c, filepath.Join(c.path("dist/cli"), name)) })
	}
}

// unpacks checks an archive: the right program, and what goes with it.
func unpacks(t *testing.T, c checkout, file string) {
	t.Helper()
	dir, name := t.TempDir(), filepath.Base(file)
	top, zipped := strings.CutSuffix(name, ".zip")
	if zipped {
		in(t, dir, "unzip", "-q", file)
	} else {
		top = strings.TrimSuffix(name, ".tar.gz")
		in(t, dir, "tar", "-xzf", file)
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
	at := slices.IndexFunc(packed(), func(p string) bool { return strings.HasPrefix(name, archiveOf(p)+".") })
	if at < 0 {
		t.Fatalf("%s is the archive of none of %s", name, packed())
	}
	platform := packed()[at]
	c.must(t, "audit", "-image="+top, "-platform="+platform)
	if platform != "linux/"+runtime.GOARCH {
		return
	}
	if out := in(t, top, "./noetl", "version"); !contains(out, platform) {
		t.Errorf("the program says of itself %s", out)
	}
	script := `source completions/noetl.bash && complete -p noetl && _noetl noetl ser noetl && echo "${COMPREPLY[@]}"`
	if out := in(t, top, "env", "COMP_CWORD=1", "bash", "--norc", "-c", `COMP_WORDS=(noetl ser); `+script); !contains(out, "_noetl noetl") || !contains(out, "server") {
		t.Errorf("bash completes with %s", out)
	}
}
