package audit

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// realRoot is a file system made of Debian's packages. It is right by
// definition: millions of machines run it.
type realRoot struct{ name, suite, variant, start, packages string }

// realRoots are the kinds of images that people make. In "extract" no package's
// script has run: there is no cache of the loader's, and no link of
// update-alternatives; that needs no emulation for other machines.
func realRoots() []realRoot {
	const base = "base-files,busybox,bash,coreutils,libc-bin"
	const python = "python3,python3-numpy,python3-scipy,python3-cryptography,python3-psycopg2"
	return []realRoot{
		{"python", "trixie", "extract", "/usr/bin/python3", base + "," + python},
		{"node", "trixie", "extract", "/usr/bin/node", base + ",nodejs"},
		{"pg", "trixie", "extract", "/usr/lib/postgresql/17/bin/postgres", base + ",postgresql,postgresql-contrib,postgresql-plpython3-17"},
		{"minbase", "trixie", "minbase", "/usr/bin/node", python + ",nodejs"},
		{"gcc", "trixie", "extract", "/usr/bin/gcc", base + ",build-essential,gcc-mingw-w64-x86-64-win32"},
		{"perl", "trixie", "extract", "/usr/bin/perl", base + ",perl,libdbd-pg-perl"},
		{"java", "trixie", "extract", "/usr/lib/jvm/java-21-openjdk-ARCH/bin/java", base + ",openjdk-21-jre-headless"},
		{"desk", "trixie", "extract", "/usr/bin/bash", base + ",libgtk-4-1,libqt6widgets6,libwebkit2gtk-4.1-0,gstreamer1.0-plugins-good,gstreamer1.0-plugins-bad,libllvm19"},
		{"cross", "trixie", "extract", "/usr/bin/bash", "base-files,bash,libc-bin,gcc-aarch64-linux-gnu,gcc-mingw-w64-i686-win32,qemu-user"},
		{"lang", "trixie", "extract", "/usr/bin/bash", "base-files,bash,libc-bin,golang-go,rustc,ruby,php-cli,python3-pip,python3-setuptools,python3-debugpy"},
		{"bookworm", "bookworm", "extract", "/usr/bin/node", base + "," + python + ",nodejs"},
	}
}

// Whole distributions' worth of files, for two machines, have no error. E2E_DIR
// keeps the archives for the next time; AUDIT_ROOTS names those to look at.
func TestRealRoots(t *testing.T) {
	if os.Getenv("E2E") == "" {
		t.Skip("gets gigabytes of packages: set E2E=1")
	}
	tool := needTool(t, "mmdebstrap")
	dir := os.Getenv("E2E_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	only := strings.Fields(os.Getenv("AUDIT_ROOTS"))
	for _, r := range realRoots() {
		if len(only) > 0 && !slices.Contains(only, r.name) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			var both []*Inventory
			for _, arch := range []string{"amd64", "arm64"} {
				if (r.variant != "extract" || r.name == "cross" || r.name == "lang") && arch != "amd64" {
					continue // scripts would have to run; no cross compiler is one for itself
				}
				config := &Config{Entrypoint: []string{strings.ReplaceAll(r.start, "ARCH", arch)}}
				inv := inspectTar(t, "linux/"+arch, r.tar(t, tool, dir, arch), config)
				noErrors(t, inv.Platform, inv.Check())
				both = append(both, inv)
			}
			noErrors(t, "across", Across(both, Sameness{}))
		})
	}
}

// tar makes the archive, if it is not there.
func (r realRoot) tar(t *testing.T, tool, dir, arch string) string {
	t.Helper()
	file := filepath.Join(dir, r.name+"-"+arch+".tar")
	if _, err := os.Stat(file); err == nil {
		return file
	}
	part := filepath.Join(dir, "part-"+r.name+"-"+arch+".tar")
	cmd := exec.CommandContext(t.Context(), tool, "--variant="+r.variant, "--architectures="+arch, "--include="+r.packages, r.suite, part)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("making %s for %s: %v\n%s", r.name, arch, err, out)
	}
	if err := os.Rename(part, file); err != nil {
		t.Fatal(err)
	}
	return file
}

func inspectTar(t *testing.T, platform, file string, config *Config) *Inventory {
	t.Helper()
	open := func() (io.ReadCloser, error) { return os.Open(file) }
	inv, err := InspectImage(context.WithoutCancel(t.Context()), platform, []Layer{{Name: "root", Open: open}}, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %s %s: %+v", t.Name(), filepath.Base(file), platform, inv.Stats)
	return inv
}

// noErrors fails for errors, and tells how many findings of what kind there
// are, with the first few.
func noErrors(t *testing.T, what string, findings []Finding) {
	t.Helper()
	counts, shown := map[string]int{}, []string{}
	for _, f := range findings {
		key := f.Severity + " " + f.ID
		if counts[key]++; counts[key] <= 6 || f.Severity == Error && counts[key] <= 40 {
			shown = append(shown, f.String())
		}
	}
	if len(findings) > 0 {
		t.Logf("%s: %s: %v\n%s", what, Count(findings), counts, strings.Join(shown, "\n"))
	}
	if n := Count(findings).Errors; n > 0 {
		t.Errorf("%s: %d false alarms", what, n)
	}
}
