//go:build e2e

package e2e

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// crossVersion is what is installed from the registry of crates.
const crossVersion = "0.2.5"

// withCross is a fresh clone on a machine with cross and an engine, without our
// pinned tools: those are in the image. No image can be counted on to be there
// for the pulling: the base is a Debian of our own, whose pip takes the tools
// from a folder, as a company's would from its mirror.
func withCross(t *testing.T) checkout {
	t.Helper()
	needRoot(t)
	need(t, runtime.GOOS+"/"+runtime.GOARCH == "linux/amd64", "a linux/amd64 machine: cross mounts its Rust toolchain into the container")
	needTools(t, "rustup", "mmdebstrap", "qemu-aarch64-static")
	host := engine(t)
	installed, err := kept("cross-"+crossVersion, func(dir string) error {
		return tell("cargo", "install", "cross", "--version", crossVersion, "--locked", "--quiet", "--root", dir)
	})
	if err != nil {
		t.Fatal(err)
	}
	crossBase(t)
	c := world.main
	c.dir = filepath.Join(filepath.Dir(world.main.dir), "cross")
	if _, err := os.Stat(c.dir); err != nil {
		if err := clone(world.repo, c.dir); err != nil {
			t.Fatal(err)
		}
	}
	return c.with(host...).with(
		"PATH="+filepath.Join(installed, "bin")+":"+os.Getenv("PATH"),
		"CROSS_BUILD_OPTS=--build-arg BASE=e2e-cross-base",
		"CROSS_TARGET_AARCH64_UNKNOWN_LINUX_GNU_IMAGE=e2e-cross", // not what a person here may have built
	)
}

// crossBase makes the image e2e-cross-base.
func crossBase(t *testing.T) {
	t.Helper()
	world.main.must(t, "bootstrap")
	tools := filepath.Join(world.main.dir, "scripts", "tools.txt")
	pinned, err := os.ReadFile(tools)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(pinned)
	dir, err := kept("cross-base-"+hex.EncodeToString(sum[:6]), func(dir string) error {
		python := filepath.Join(world.main.dir, ".tools", "py", "bin", "python")
		err := tell(python, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--dest", filepath.Join(dir, "wheels"), "-r", tools)
		for name, text := range map[string]string{
			"pip.conf":   "[global]\nno-index = true\nfind-links = /opt/wheels\n",
			"Dockerfile": "FROM e2e-debian\nCOPY wheels /opt/wheels\nCOPY pip.conf /etc/pip.conf\n",
		} {
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
			}
		}
		if err != nil {
			return err
		}
		return tell("mmdebstrap", "--quiet", "--variant=minbase", "--include=python3,python3-venv", "bookworm", filepath.Join(dir, "debian.tar"))
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = dockerTry(t, "rmi", "--force", "e2e-cross", "e2e-cross-base", "e2e-debian") })
	docker(t, "import", filepath.Join(dir, "debian.tar"), "e2e-debian")
	if err := os.WriteFile(filepath.Join(dir, ".dockerignore"), []byte("debian.tar\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	docker(t, "build", "--quiet", "--tag", "e2e-cross-base", dir)
}

// tell runs a command whose output only matters when it fails.
func tell(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// TestCross: the CLI for the other architecture is built in a container, lands
// where it always does, needs no newer glibc than we say, and runs.
func TestCross(t *testing.T) {
	c := withCross(t)
	r := c.says(t, "cross "+crossVersion, "crossRust", "-platforms=linux/arm64", "-with=cross")
	t.Logf("the image and the CLI: %.0f s", r.took.Seconds())
	program := filepath.Join(c.dir, "dist", "cli", "linux-arm64", "noetl")
	if floor := glibcOf(t, program, elf.EM_AARCH64); floor > 28 {
		t.Errorf("it needs glibc 2.%d", floor)
	}
	if out, err := exec.Command("qemu-aarch64-static", "-L", arm64Root(t), program, "version").CombinedOutput(); err != nil || !strings.Contains(string(out), "linux/arm64") {
		t.Errorf("running it says %q, %v", out, err)
	}
	if text, err := os.ReadFile(program); err != nil || strings.Contains(string(text), "/project/") || strings.Contains(string(text), "/cargo/registry") {
		t.Errorf("paths of the container are in it (%v)", err)
	}
}

// TestCrossRefuses: what is missing is said before anything is compiled.
func TestCrossRefuses(t *testing.T) {
	c := withCross(t)
	t.Run("no engine", func(t *testing.T) {
		c.with("DOCKER_HOST=unix://"+filepath.Join(t.TempDir(), "none")).refused(t,
			[]string{"container engine", "does not answer", "systemctl start docker"}, "crossRust", "-platforms=linux/arm64", "-with=cross")
	})
	t.Run("not Linux", func(t *testing.T) {
		c.refused(t, []string{"Linux only", "aarch64-apple-darwin"}, "crossRust", "-platforms=darwin/arm64", "-with=cross")
	})
	t.Run("no base", func(t *testing.T) {
		c.with("CROSS_BUILD_OPTS=--build-arg BASE=127.0.0.1:1/none").refused(t,
			[]string{"could not be built", "CROSS_BUILD_OPTS"}, "crossRust", "-platforms=linux/arm64", "-with=cross")
	})
}

// glibcOf is n of the highest GLIBC_2.n that an ELF file for a machine needs.
func glibcOf(t *testing.T, file string, machine elf.Machine) int {
	t.Helper()
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if f.Machine != machine {
		t.Errorf("%s is for %s, want %s", file, f.Machine, machine)
	}
	symbols, err := f.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	highest := 0
	for _, s := range symbols {
		if version, ok := strings.CutPrefix(s.Version, "GLIBC_2."); ok {
			minor, _, _ := strings.Cut(version, ".")
			if n, err := strconv.Atoi(minor); err == nil {
				highest = max(highest, n)
			}
		}
	}
	if highest == 0 {
		t.Errorf("%s: no symbol of glibc among %d", file, len(symbols))
	}
	return highest
}

// arm64Root has the C library that an arm64 program is started with.
func arm64Root(t *testing.T) string {
	t.Helper()
	dir, err := kept("arm64-libc-bookworm", func(dir string) error {
		return tell("mmdebstrap", "--quiet", "--variant=extract", "--arch=arm64", "--include=libc6,libgcc-s1", "bookworm", filepath.Join(dir, "root"))
	})
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "root")
}
