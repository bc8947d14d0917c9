package xbuild

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The standard library has dependencies of its own, which cargo takes from the
// same place as the crate's. Debian's rust-src, and rustup's of late, bring
// them along in library/vendor, which cargo only reads as a directory source:
// and that replaces crates.io for the crate too. So the standard library's are
// put beside the crate's own, which `cargo vendor` fetches from wherever the
// caller's configuration has them.

// stdSource is the name of that directory source in cargo's configuration.
const stdSource = "build-std"

// stdSources is a directory source with both.
type stdSources struct {
	folder string
	libs   string // a folder with libraries for the linker; "" is none
}

// args make cargo use it; none if it is nil.
func (s *stdSources) args() []string {
	if s == nil {
		return nil
	}
	return []string{
		"--config", "source.crates-io.replace-with=" + tomlString(stdSource),
		"--config", "source." + stdSource + ".directory=" + tomlString(s.folder),
	}
}

// prepareStd makes sure, before anything is compiled, that what the standard
// library depends on can be had: from library/vendor, else, and then it returns
// nil, from where the caller's configuration has crates.io.
func (b RustBuild) prepareStd(ctx context.Context, run Runner, tc Toolchain, m metadata) (*stdSources, error) {
	library := tc.rustc.library()
	ask := func(args ...string) error {
		return run(ctx, Cmd{Name: tc.rustc.cargo, Args: args, Dir: b.Dir, Env: append(toolEnv(b, tc), "RUSTC_BOOTSTRAP=1"), Stderr: b.Log})
	}
	vendored, err := filepath.Glob(filepath.Join(globEscape(library), "vendor", "*"))
	if err != nil {
		return nil, err
	}
	if len(vendored) == 0 {
		args := []string{"fetch", "--locked", "--manifest-path", filepath.Join(library, "sysroot", "Cargo.toml")}
		for _, t := range tc.triples {
			args = append(args, "--target", t)
		}
		if err := ask(args...); err != nil {
			return nil, fmt.Errorf("fetching what the standard library depends on, which is not in %q: %w", filepath.Join(library, "vendor"), err)
		}
		return nil, nil
	}
	lock, err := os.ReadFile(filepath.Join(m.WorkspaceRoot, "Cargo.lock"))
	if err != nil {
		return nil, fmt.Errorf("reading which crates to build the standard library with: %w", err)
	}
	// A name for these very sources: what is there is whole and needs no look.
	key := sha256.Sum256([]byte(strings.Join(append(vendored, tc.rustc.version, string(lock)), "\x00")))
	all := filepath.Join(m.TargetDirectory, "build-std", hex.EncodeToString(key[:8]))
	libs, err := b.emptyLibs(tc, m)
	if err != nil {
		return nil, err
	}
	if isDir(all) {
		return &stdSources{all, libs}, nil
	}
	fail := func(err error) (*stdSources, error) {
		return nil, fmt.Errorf("putting what the crate depends on beside what the standard library does in %q: %w", filepath.Join(library, "vendor"), err)
	}
	if err := os.MkdirAll(filepath.Dir(all), 0o755); err != nil {
		return fail(err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(all), ".tmp-*")
	if err != nil {
		return fail(err)
	}
	defer func() { _ = os.RemoveAll(tmp) }() // links are removed, not followed
	if err := ask("vendor", "--locked", "--quiet", "--versioned-dirs", "--respect-source-config", tmp); err != nil {
		return fail(err)
	}
	if err := gather(tmp, vendored); err != nil {
		return fail(err)
	}
	if err := os.Rename(tmp, all); err != nil && !isDir(all) { // somebody else may have been quicker
		return fail(err)
	}
	return &stdSources{all, libs}, nil
}

// emptyLibs makes a folder with a library that has nothing in it: Debian's rustc
// links programs for Windows with MinGW's libssp_nonshared, which zig does not
// have, and zig's C library has what would be in it. Cargo names what it compiles
// by the flags, this folder among them: so it is told from the workspace's
// folder, in which rustc links, and a program has the same bytes in every
// checkout. Only with a target folder elsewhere, it is in the cache.
func (b RustBuild) emptyLibs(tc Toolchain, m metadata) (string, error) {
	if tc.zig == nil || !slices.Contains(tc.triples, "x86_64-pc-windows-gnu") {
		return "", nil
	}
	dir := filepath.Join(m.TargetDirectory, "build-std-lib")
	told, err := filepath.Rel(m.WorkspaceRoot, dir)
	if err != nil || !under(dir, m.WorkspaceRoot) {
		dir = filepath.Join(cmp.Or(b.CacheDir, m.TargetDirectory), "build-std-lib")
		told = dir
	}
	return told, WriteFile(filepath.Join(dir, "libssp_nonshared.a"), []byte("!<arch>\n"), 0o644)
}

// stdFlags make up for what a distribution's rustc, which is what build-std is
// mostly for, does not have: that library, and rust-objcopy, which rustc runs to
// strip programs for macOS. The flag comes after the profile's and wins.
func (tc Toolchain) stdFlags(triple string) []string {
	objcopy := filepath.Join(tc.rustc.sysroot, "lib", "rustlib", tc.rustc.host, "bin", hostPlatform(tc.rustc.host).Exe("rust-objcopy"))
	switch {
	case tc.std != nil && tc.std.libs != "" && triple == "x86_64-pc-windows-gnu":
		return []string{"-Lnative=" + tc.std.libs}
	case tc.Name == "build-std" && strings.HasSuffix(triple, "-apple-darwin") && !isFile(objcopy):
		return []string{"-Cstrip=none"}
	}
	return nil
}

// gather adds folders to a folder: as links, or copied where there can be none.
// What is there of that name and version already has the same content.
func gather(to string, folders []string) error {
	for _, from := range folders {
		name := filepath.Join(to, filepath.Base(from))
		if _, err := os.Lstat(name); err == nil {
			continue
		}
		if os.Symlink(from, name) == nil && isDir(name) {
			continue
		}
		_ = os.Remove(name) // a link that leads nowhere, as on some shared disks
		if err := os.CopyFS(name, os.DirFS(from)); err != nil {
			return err
		}
	}
	return nil
}
