//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestBrokenParts: each part of the build fails by itself, in words that name
// what is wrong, and the image and the UI of before stay.
func TestBrokenParts(t *testing.T) {
	c := images(t)
	zero := strings.Repeat("0", 64)
	for _, broken := range []struct {
		name, file string
		change     func(string) string
		words      []string
	}{
		{"the UI does not compile", "ui-src/src/main.tsx", func(s string) string { return s + "\nconst = ;\n" }, []string{"ui", "main.tsx"}},
		{
			"a Debian package of another hash", "docker/noetl/base.lock",
			func(s string) string {
				return regexp.MustCompile(`(?m)^(amd64 netbase .*) [0-9a-f]{64} `).ReplaceAllString(s, "$1 "+zero+" ")
			},
			[]string{"netbase", zero[:12], "sha"},
		},
		{
			"a wheel of another hash", "requirements.lock",
			func(s string) string {
				entry := regexp.MustCompile(`(?m)^h11==.*\n(?:    .*\n)+`)
				return entry.ReplaceAllStringFunc(s, func(e string) string {
					return regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAllString(e, zero)
				})
			},
			[]string{"h11", "hash"},
		},
		{
			"a package that is source only", "requirements.lock",
			func(s string) string {
				return s + "docopt==0.6.2 \\\n    --hash=sha256:49b3a825280bd66b3aa83585ef59c4a8c82f2c8a522dbe754a8bc8d08c85c491\n"
			},
			[]string{"docopt", "0.6.2", "wheel"},
		},
		{
			"a package without a wheel for arm64", "requirements.lock",
			func(s string) string {
				return s + "intel-cmplr-lib-ur==2026.2.0 \\\n    --hash=sha256:0d0a5099aa2e1e38375b509c2a8182e719ed74aa656b2a800ddf6cfbd3384b80\n"
			},
			[]string{"intel-cmplr-lib-ur", "2026.2.0", "linux/arm64", "wheel"},
		},
		{"a lock that is none", "requirements.lock", func(s string) string { return s + "requests\n" }, []string{"requests", "pinned"}},
		{"a base lock cut short", "docker/noetl/base.lock", func(s string) string { return s[:len(s)/2] }, []string{"base lock", "line"}},
	} {
		t.Run(broken.name, func(t *testing.T) {
			c.unchanged(t)
			c.edit(t, broken.file, broken.change)
			c.refused(t, broken.words, "images")
		})
	}
}

// TestBrokenCrate: rustc's message is shown. A folder of its own keeps what was
// compiled for the other tests; a build script is compiled first.
func TestBrokenCrate(t *testing.T) {
	c := images(t)
	c.unchanged(t)
	c.edit(t, "crates/noetlctl/build.rs", func(s string) string { return s + "\nfn broken( {}\n" })
	c.with("CARGO_TARGET_DIR="+t.TempDir()).refused(t, []string{"build.rs", "error", "cli"}, "images")
}

// TestAuditGate: a program for the wrong machine, where no tool that laid out
// packages would see it, stops the image before it is written or pushed.
func TestAuditGate(t *testing.T) {
	c, address := images(t), registry(t)
	c.unchanged(t)
	planted := c.path("noetl/runtime/planted.so")
	// The CLI of amd64 will do for a library: the audit reads what files are.
	program, err := os.ReadFile(filepath.Join(c.cliFolder(t, "linux/amd64"), "noetl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(planted) })
	if err := os.WriteFile(planted, program, 0o755); err != nil {
		t.Fatal(err)
	}
	c.refused(t, []string{"noetl/runtime/planted.so", "noetl package", "linux/arm64"}, "images", "-push", "-registry="+address+"/gate")
	if found := tags(t, "gate/"+product); len(found) > 0 {
		t.Errorf("it was pushed all the same, as %v", found)
	}
}

// cliFolder is where the build left the CLI of a platform. There may be those of
// other systems beside it.
func (c checkout) cliFolder(t *testing.T, platform string) string {
	t.Helper()
	dir := c.path("dist/cli/" + strings.ReplaceAll(platform, "/", "-"))
	if _, err := os.Stat(filepath.Join(dir, "noetl")); err != nil {
		t.Fatalf("no CLI for %s: %v", platform, err)
	}
	return dir
}
