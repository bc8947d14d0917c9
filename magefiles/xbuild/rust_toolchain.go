package xbuild

import (
	"slices"
	"strings"
)

// Toolchain is one cargo with its linkers, chosen for some platforms.
type Toolchain struct {
	Name      string     // cargo, rustup, cross, build-std
	Linker    string     // zigbuild, gcc, own: what links, for a table
	Reason    string     // one line: what was taken and why, and what was passed over
	Platforms []Platform // built by one invocation
	rustc     rustc
	triples   []string          // of Platforms, in their order
	linkers   map[string]linker // by triple
	zig       *zig              // nil unless it links
	cross     *cross            // nil unless that is the method
	std       *stdSources       // nil unless the standard library brings what it depends on
}

// Toolchains are those that share a build.
type Toolchains []Toolchain

// Reason explains the choice: one line, or one for each toolchain.
func (t Toolchains) Reason() string {
	if len(t) == 1 {
		return t[0].Reason
	}
	var lines []string
	for _, tc := range t {
		lines = append(lines, strings.ReplaceAll(Join(tc.Platforms), ",", ", ")+": "+tc.Reason)
	}
	return strings.Join(lines, "\n")
}

// String is a few words for a table: "cargo 1.95.0 + zig".
func (tc Toolchain) String() string {
	if tc.cross != nil {
		return "cross " + tc.cross.version
	}
	s := "cargo "
	if tc.Name == "build-std" {
		s = "build-std "
	}
	s += tc.rustc.version
	switch tc.Linker {
	case "zigbuild":
		return s + " + zig"
	case "gcc":
		return s + " + gcc"
	}
	return s
}

// String is the words for each, without repetition.
func (t Toolchains) String() string {
	var words []string
	for _, tc := range t {
		if !slices.Contains(words, tc.String()) {
			words = append(words, tc.String())
		}
	}
	return strings.Join(words, ", ")
}

// platformOf tells which of its platforms a triple is.
func (tc Toolchain) platformOf(triple string) Platform {
	return tc.Platforms[slices.Index(tc.triples, triple)]
}

// toolchains makes one of each share, joining those that only differ in whether
// rustup had to add something.
func (c *chooser) toolchains(shares []share) Toolchains {
	var out Toolchains
	for _, s := range shares {
		tc := Toolchain{Name: s.way.method, Platforms: s.platforms, rustc: s.way.rustc, cross: s.way.cross}
		i := slices.IndexFunc(out, func(o Toolchain) bool {
			return o.cross == nil && tc.cross == nil && o.rustc == tc.rustc && (o.Name == "build-std") == (tc.Name == "build-std")
		})
		if i < 0 {
			out = append(out, tc)
		} else {
			out[i].Name, out[i].Platforms = tc.Name, slices.Concat(out[i].Platforms, tc.Platforms)
		}
	}
	for i := range out {
		c.complete(&out[i])
	}
	slices.SortStableFunc(out, func(a, b Toolchain) int { // as the platforms were asked for
		return slices.Index(c.b.Platforms, a.Platforms[0]) - slices.Index(c.b.Platforms, b.Platforms[0])
	})
	return out
}

// complete fills in what follows from the platforms.
func (c *chooser) complete(tc *Toolchain) {
	slices.SortFunc(tc.Platforms, func(a, b Platform) int {
		return slices.Index(c.b.Platforms, a) - slices.Index(c.b.Platforms, b)
	})
	tc.linkers, tc.Linker = map[string]linker{}, "own"
	for _, p := range tc.Platforms {
		triple := c.triple(tc.rustc, p)
		tc.triples = append(tc.triples, triple)
		if tc.cross != nil {
			tc.Linker = "cross"
			continue
		}
		l, _ := c.b.linkerFor(c.f.look, c.zig, tc.rustc.host, triple)
		tc.linkers[triple] = l
		switch {
		case l.kind == "zig":
			tc.zig, tc.Linker = c.zig, "zigbuild"
		case l.kind == "gcc", l.kind == "cc" && tc.Linker == "own":
			tc.Linker = "gcc"
		}
	}
	tc.Reason = c.reason(*tc)
}

// hostPlatform reads a triple that need not be in our table: only Go's and
// OCI's names for the system and the machine matter.
func hostPlatform(triple string) Platform {
	var p Platform
	for part, arch := range map[string]Platform{
		"x86_64": {Arch: "amd64"}, "aarch64": {Arch: "arm64"}, "armv7": {Arch: "arm", Variant: "v7"},
	} {
		if strings.HasPrefix(triple, part+"-") {
			p = arch
		}
	}
	for part, name := range map[string]string{"-linux-": "linux", "-apple-darwin": "darwin", "-windows-": "windows"} {
		if strings.Contains(triple, part) {
			p.OS = name
		}
	}
	if p.OS == "" || strings.Contains(triple, "-android") {
		return Platform{}
	}
	return p
}
