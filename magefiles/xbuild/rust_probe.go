package xbuild

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// rustc is one Rust toolchain on this machine and what it can do for a build.
type rustc struct {
	cargo, rustc string
	version      string // of rustc: 1.96.0
	host         string // its triple
	commit       string // of the compiler's source, "" if it does not say
	sysroot      string // where its standard libraries are
	err          error  // why it cannot be used at all
}

// has tells whether there is a standard library for a triple. The folder is
// where rustc looks for it, and what --print target-libdir would say.
func (r rustc) has(triple string) bool {
	return r.sysroot != "" && hasStd(filepath.Join(r.sysroot, "lib", "rustlib", triple, "lib"))
}

// library is the folder with the source of the standard library, if that is
// there.
func (r rustc) library() string {
	return filepath.Join(r.sysroot, "lib", "rustlib", "src", "rust", "library")
}

func (r rustc) source() bool {
	return r.sysroot != "" && isFile(filepath.Join(r.library(), "Cargo.lock"))
}

func (r rustc) title() string {
	if r.version == "" {
		return fmt.Sprintf("cargo (%s)", r.cargo)
	}
	return fmt.Sprintf("cargo with rustc %s (%s)", r.version, r.cargo)
}

// cargos lists the cargo programs to ask, best first: the one the caller named,
// the one on PATH (rustup's, mostly, which obeys rust-toolchain.toml), then the
// distribution's, which rustup hides.
func (b RustBuild) cargos(look func(string) (string, error), glob func(string) ([]string, error)) []string {
	names := []string{b.Getenv("CARGO"), "cargo", "/usr/bin/cargo"}
	if versioned, err := glob("/usr/lib/rust-*/bin/cargo"); err == nil { // Ubuntu: rust-1.89
		for i := len(versioned) - 1; i >= 0; i-- {
			names = append(names, versioned[i])
		}
	}
	var out []string
	seen := map[string]bool{}
	for _, name := range names {
		if name == "" {
			continue
		}
		if path, err := look(name); err == nil && !seen[path] {
			seen[path] = true
			out = append(out, path)
		}
	}
	return out
}

// probe asks one cargo, in the crate's folder, what it is. Only the first
// question goes to a rustc that may be rustup's stand-in, which is slow and may
// download a toolchain; the one in the sysroot knows the rest.
func (b RustBuild) probe(ctx context.Context, run Runner, look func(string) (string, error), cargo string) rustc {
	r := rustc{cargo: cargo, rustc: b.rustcFor(look, cargo)}
	var env []string
	if b.NoInstall {
		env = []string{"RUSTUP_AUTO_INSTALL=0"}
	}
	ask := func(name string, args ...string) string {
		if r.err != nil {
			return ""
		}
		out, err := Output(ctx, run, Cmd{Name: name, Args: args, Dir: b.Dir, Env: env})
		if err != nil {
			r.err = fmt.Errorf("asking %s %s: %w", filepath.Base(name), strings.Join(args, " "), firstLine(err))
		}
		return out
	}
	r.sysroot = ask(r.rustc, "--print", "sysroot")
	direct := func(program string) string {
		if path, err := look(filepath.Join(r.sysroot, "bin", program)); err == nil {
			return path
		}
		return ""
	}
	if own := direct("rustc"); own != "" && b.Getenv("RUSTC") == "" {
		r.rustc = own
	}
	verbose := ask(r.rustc, "-vV")
	r.version, r.host, r.commit = field(verbose, "release"), field(verbose, "host"), field(verbose, "commit-hash")
	manifest := ask(cmp.Or(direct("cargo"), cargo), "metadata", "--no-deps", "--format-version", "1")
	if r.err == nil {
		r.err = tooOld(r, manifest)
	}
	return r
}

// rustcFor is the rustc that belongs to a cargo: RUSTC if it is set, as cargo
// has it, else the one beside it. Cargo itself would take the one on PATH,
// which is rustup's even for the distribution's cargo.
func (b RustBuild) rustcFor(look func(string) (string, error), cargo string) string {
	if r := b.Getenv("RUSTC"); r != "" {
		return r
	}
	if r, err := look(filepath.Join(filepath.Dir(cargo), "rustc")); err == nil {
		return r
	}
	return "rustc"
}

// hasStd looks for the libraries themselves: rustc prints a folder for every
// triple it has heard of, and rustup leaves folders behind.
func hasStd(libdir string) bool {
	for _, lib := range []string{"libcore-*.rlib", "libstd-*.rlib"} {
		found, err := filepath.Glob(filepath.Join(globEscape(libdir), lib))
		if err != nil || len(found) == 0 {
			return false
		}
	}
	return true
}

// tooOld compares rustc with the rust-version of the packages in the folder.
func tooOld(r rustc, manifest string) error {
	if r.err != nil {
		return r.err
	}
	var m metadata
	if err := json.Unmarshal([]byte(manifest), &m); err != nil {
		return fmt.Errorf("reading what cargo metadata prints: %w", err)
	}
	for _, p := range m.Packages {
		if p.RustVersion != "" && CompareVersions(r.version, p.RustVersion) < 0 {
			return fmt.Errorf("rustc %s is older than the %s that package %s asks for", r.version, p.RustVersion, p.Name)
		}
	}
	return nil
}

// field reads "name: value" from rustc -vV.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+":"); ok {
			if v = strings.TrimSpace(v); v != "unknown" {
				return v
			}
		}
	}
	return ""
}
