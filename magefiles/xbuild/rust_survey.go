package xbuild

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// RustHas is one Rust toolchain on this machine and what it brings along,
// whether or not a build would choose it.
type RustHas struct {
	Cargo   string     // the program
	Version string     // of its rustc: 1.96.0
	Host    string     // the triple that it compiles its build scripts for
	Rustup  bool       // it is rustup's: the crate's folder selects it, and rustup adds to it
	Std     []Platform // those of the survey with a standard library
	Source  bool       // the standard library's source is there
	Err     error      // why it cannot be used
}

// Survey asks every cargo that Choose would consider, in the crate's folder,
// what it has. It asks each twice only, where Choose asks for each triple.
func (b RustBuild) Survey(ctx context.Context, run Runner) ([]RustHas, error) {
	b, err := b.check()
	if err != nil {
		return nil, err
	}
	look := Look(b.Getenv("PATH"), b.ToolDirs...)
	var out []RustHas
	for _, cargo := range b.cargos(look, filepath.Glob) {
		out = append(out, b.survey(ctx, run, look, cargo))
	}
	return out, ctx.Err()
}

func (b RustBuild) survey(ctx context.Context, run Runner, look func(string) (string, error), cargo string) RustHas {
	has := RustHas{Cargo: cargo}
	_, err := look(filepath.Join(filepath.Dir(cargo), "rustup"))
	has.Rustup = err == nil
	compiler := b.rustcFor(look, cargo)
	ask := func(args ...string) (string, error) {
		out, err := Output(ctx, run, Cmd{Name: compiler, Args: args, Dir: b.Dir})
		if err != nil {
			err = fmt.Errorf("asking %s %s: %w", filepath.Base(compiler), strings.Join(args, " "), firstLine(err))
		}
		return out, err
	}
	verbose, err := ask("-vV")
	if err != nil {
		has.Err = err
		return has
	}
	has.Version, has.Host = field(verbose, "release"), field(verbose, "host")
	printed, err := ask("--print", "sysroot", "--print", "target-libdir")
	sysroot, libdir, ok := strings.Cut(strings.ReplaceAll(printed, "\r\n", "\n"), "\n")
	if err == nil && !ok {
		err = fmt.Errorf("asking %s for its folders: it prints %.60q", filepath.Base(compiler), printed)
	}
	if err != nil {
		has.Err = err
		return has
	}
	has.Source = isFile(filepath.Join(sysroot, "lib/rustlib/src/rust/library/Cargo.lock"))
	for _, p := range b.Platforms { // the triples' folders lie side by side: rustlib/TRIPLE/lib
		if t, err := p.Triple(); err == nil && hasStd(filepath.Join(filepath.Dir(filepath.Dir(libdir)), t, "lib")) {
			has.Std = append(has.Std, p)
		}
	}
	return has
}

// Has reports whether the toolchain works and has p's standard library.
func (h RustHas) Has(p Platform) bool { return h.Err == nil && slices.Contains(h.Std, p) }

// Zig is the Tool that cargo-zigbuild links with. The wheel from PyPI puts no
// program of that name into its environment, so dirs, the folders of programs
// of such environments, are looked into first.
func Zig(dirs []string) Tool {
	return Tool{Name: "zig", Candidates: zigCandidates(dirs, filepath.Glob), VersionArgs: []string{"version"}}
}
