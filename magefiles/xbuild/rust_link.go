package xbuild

import (
	"fmt"
	"strings"
)

// linker says who links, and compiles C, for one triple.
type linker struct {
	kind     string // zig, cc, gcc, own (the caller's CARGO_TARGET_…_LINKER or config)
	cc, ar   string // for gcc
	describe string
}

// zig is cargo-zigbuild with the zig it drives.
type zig struct{ zigbuild, zig, version string }

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

// linkers finds a linker for each triple, or says why there is none.
func (b RustBuild) linkers(look func(string) (string, error), z *zig, host string, triples []string) (map[string]linker, error) {
	out := map[string]linker{}
	var missing []string
	for _, t := range triples {
		l, err := b.linkerFor(look, z, host, t)
		if err != nil {
			missing = append(missing, err.Error())
			continue
		}
		out[t] = l
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(missing, "; "))
	}
	return out, nil
}

func (b RustBuild) linkerFor(look func(string) (string, error), z *zig, host, triple string) (linker, error) {
	if own := b.Getenv("CARGO_TARGET_" + envTriple(triple) + "_LINKER"); own != "" {
		return linker{kind: "own", describe: own}, nil
	}
	useZig, useGCC := b.With != "cargo", b.With != "zigbuild"
	if useZig && z != nil {
		return linker{kind: "zig", describe: "zig " + z.version}, nil
	}
	if useGCC && triple == host {
		if cc, err := look("cc"); err == nil {
			return linker{kind: "cc", describe: cc}, nil
		}
		return linker{}, fmt.Errorf("no linker for %s: neither cargo-zigbuild with zig nor cc", triple)
	}
	p, _ := platformOf(triple)
	prefix, err := p.Multiarch()
	if useGCC && err == nil {
		if cc, err := look(prefix + "-gcc"); err == nil {
			ar, _ := look(prefix + "-ar")
			return linker{kind: "gcc", cc: cc, ar: ar, describe: cc}, nil
		}
		return linker{}, fmt.Errorf("no linker for %s: %s", triple, b.wanted(prefix+"-gcc"))
	}
	return linker{}, fmt.Errorf("no linker for %s: %s", triple, b.wanted(""))
}

func (b RustBuild) wanted(gcc string) string {
	switch {
	case b.With == "zigbuild":
		return "cargo-zigbuild with zig is not there"
	case b.With == "cargo" && gcc != "":
		return gcc + " is not there"
	case gcc == "":
		return "cargo-zigbuild with zig is not there"
	}
	return "neither cargo-zigbuild with zig nor " + gcc + " is there"
}
