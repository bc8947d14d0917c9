package xbuild

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The standard library has dependencies of its own, which cargo takes from the
// same place as the crate's. Debian's rust-src, and rustup's of late, bring
// them along in library/vendor, which cargo only reads as a directory source:
// and that replaces crates.io for the crate too. So the crate's dependencies,
// which `cargo vendor` writes down from wherever the caller's configuration has
// them, and the standard library's are put side by side in one folder.

// stdSource is the name of that directory source in cargo's configuration.
const stdSource = "build-std"

// stdSources is a directory source with both.
type stdSources struct{ folder string }

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
	own, all := filepath.Join(m.TargetDirectory, "build-std", "crates"), filepath.Join(m.TargetDirectory, "build-std", "all")
	if err := ask("vendor", "--locked", "--quiet", "--versioned-dirs", "--respect-source-config", own); err != nil {
		return nil, fmt.Errorf("fetching what the crate depends on, to lie beside what the standard library does in %q: %w", filepath.Join(library, "vendor"), err)
	}
	crates, err := filepath.Glob(filepath.Join(globEscape(own), "*"))
	if err != nil {
		return nil, err
	}
	if err := gather(all, append(crates, vendored...)); err != nil {
		return nil, fmt.Errorf("gathering crates in %q: %w", all, err)
	}
	return &stdSources{all}, nil
}

// gather makes a folder anew that has the given folders in it: as links, or
// copied where there can be none. The first of a name wins; two of the same
// name and version have the same content.
func gather(to string, folders []string) error {
	if err := os.RemoveAll(to); err != nil { // links are removed, not followed
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, from := range folders {
		name := filepath.Join(to, filepath.Base(from))
		if _, err := os.Lstat(name); err == nil || strings.HasPrefix(filepath.Base(from), ".") {
			continue
		}
		if os.Symlink(from, name) == nil {
			continue
		}
		if err := os.CopyFS(name, os.DirFS(from)); err != nil {
			return err
		}
	}
	return nil
}
