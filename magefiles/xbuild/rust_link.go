package xbuild

import "context"

// linker says who links, and compiles C, for one triple.
type linker struct {
	kind     string // zig, cc, gcc, own (the caller's CARGO_TARGET_…_LINKER, or rustc's default)
	cc, ar   string // for gcc
	describe string
}

// zig is cargo-zigbuild with the zig it drives.
type zig struct{ zigbuild, zig, version, zigbuildVersion string }

// zigCandidates are where zig may be. The wheel from PyPI puts none into the
// environment's folder of programs, so its own folder is looked into.
func zigCandidates(toolDirs []string, glob func(string) ([]string, error)) []string {
	var out []string
	for _, dir := range toolDirs {
		for _, pattern := range []string{
			"/../lib/python3*/site-packages/ziglang/zig",   // a Python environment on Unix
			"/../Lib/site-packages/ziglang/zig.exe",        // and on Windows
			"/../lib64/python3*/site-packages/ziglang/zig", // Fedora
		} {
			if found, err := glob(cleanJoin(globEscape(dir), pattern)); err == nil {
				out = append(out, found...)
			}
		}
	}
	return append(out, "zig")
}

// linkerFor finds what links for one triple, or says what is not there.
func (b RustBuild) linkerFor(look func(string) (string, error), z *zig, host, triple string) (l linker, missing string) {
	if own := b.Getenv("CARGO_TARGET_" + envTriple(triple) + "_LINKER"); own != "" {
		return linker{kind: "own", describe: own}, ""
	}
	p, ours := platformOf(triple)
	if !ours { // the host's own, which rustc knows how to link: MSVC's link.exe, musl's cc
		return linker{kind: "own", describe: "rustc's own linker"}, ""
	}
	useZig, useGCC := b.With != "cargo", b.With != "zigbuild"
	if useZig && z != nil {
		return linker{kind: "zig", describe: "zig " + z.version}, ""
	}
	if useGCC && triple == host {
		if cc, err := look("cc"); err == nil {
			return linker{kind: "cc", describe: cc}, ""
		}
		return linker{}, "neither cargo-zigbuild with zig nor cc is there"
	}
	prefix, err := p.Multiarch()
	if useGCC && err == nil {
		if cc, err := look(prefix + "-gcc"); err == nil {
			ar, _ := look(prefix + "-ar")
			return linker{kind: "gcc", cc: cc, ar: ar, describe: cc}, ""
		}
		return linker{}, b.wanted(prefix + "-gcc")
	}
	return linker{}, b.wanted("")
}

func (b RustBuild) wanted(gcc string) string {
	switch {
	case b.With == "zigbuild":
		return "cargo-zigbuild with zig is not there"
	case b.With == "cargo" && gcc != "":
		return gcc + " is not there"
	case b.With == "cargo":
		return "only cargo-zigbuild with zig links for it, and -with=cargo leaves that alone"
	case gcc == "":
		return "cargo-zigbuild with zig is not there"
	}
	return "neither cargo-zigbuild with zig nor " + gcc + " is there"
}

// findZig is nil if either of the pair is not there or does not run.
func (b RustBuild) findZig(ctx context.Context, run Runner, f finder) *zig {
	zb := Find(ctx, run, Tool{Name: "cargo-zigbuild", VersionArgs: []string{"--version"}}, f.look)
	z := Find(ctx, run, Tool{Name: "zig", Candidates: zigCandidates(b.ToolDirs, f.glob), VersionArgs: []string{"version"}}, f.look)
	if zb.Err != nil || z.Err != nil {
		return nil
	}
	return &zig{zigbuild: zb.Path, zig: z.Path, version: z.Version, zigbuildVersion: zb.Version}
}
