package xbuild

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// reason is the one line that explains a choice.
func (c *chooser) reason(tc Toolchain) string {
	s := tc.rustc.title()
	if tc.cross != nil {
		s = tc.cross.reason(tc.rustc)
	}
	switch tc.Name {
	case "rustup":
		s += ", standard libraries added by rustup"
	case "build-std":
		s += ", standard library built from source"
	case "cargo":
		s += fmt.Sprintf(" has the standard %s", plural(len(tc.triples), "library", "libraries"))
	}
	if by := c.linkedBy(tc); by != "" {
		s += "; linked by " + by
	}
	if file := c.ignoredToolchainFile(tc.rustc.cargo); tc.cross == nil && file != "" {
		s += fmt.Sprintf("; %s is not obeyed, only rustup's cargo does that", file)
	}
	if over := c.against(tc.Platforms); len(over) > 0 {
		s += "; passed over: " + strings.Join(over, "; ")
	}
	return s
}

// linkedBy names the linkers, and the glibc that they link for.
func (c *chooser) linkedBy(tc Toolchain) string {
	var pinned, others []string
	glibcs := map[bool]string{}
	for _, t := range tc.triples {
		l, known := tc.linkers[t]
		zig := l.kind == "zig"
		switch {
		case !known:
			continue
		case zig && !slices.Contains(pinned, l.describe):
			pinned = append(pinned, l.describe)
		case !zig && !slices.Contains(others, l.describe):
			others = append(others, l.describe)
		}
		if strings.Contains(t, "-linux-gnu") {
			glibcs[zig] = " for this system's glibc"
			if zig {
				glibcs[zig] = " for glibc " + c.b.Glibc
			}
		}
	}
	var out []string
	for i, list := range [][]string{pinned, others} {
		if len(list) > 0 {
			out = append(out, strings.Join(list, ", ")+glibcs[i == 0])
		}
	}
	return strings.Join(out, ", ")
}

// against are the reasons why none of the ways looked at, up to the first that
// can, builds for some platforms.
func (c *chooser) against(platforms []Platform) []string {
	var out []string
	for _, w := range c.ways {
		why := w.against(platforms)
		if why == "" {
			break
		}
		if !slices.Contains(out, why) {
			out = append(out, why)
		}
	}
	return out
}

// ignoredToolchainFile is the rust-toolchain file that counts for the crate's
// folder, if the chosen cargo does not read such files.
func (c *chooser) ignoredToolchainFile(cargo string) string {
	if _, err := c.f.look(filepath.Join(filepath.Dir(cargo), "rustup")); err == nil {
		return "" // rustup's own
	}
	for dir := c.b.Dir; ; dir = filepath.Dir(dir) {
		for _, name := range []string{"rust-toolchain", "rust-toolchain.toml"} {
			if file := filepath.Join(dir, name); isFile(file) {
				return file
			}
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// refusal is the error when nothing will do for some platforms: what was looked
// at, then cures.
func (c *chooser) refusal(left []Platform) error {
	var s strings.Builder
	fmt.Fprintf(&s, "choosing a Rust toolchain (%s) for %s: none can build for ", c.b.With, Join(c.b.Platforms))
	if len(without(c.b.Platforms, left)) == 0 {
		s.WriteString("any of them")
	} else {
		s.WriteString(Join(left))
	}
	for _, w := range c.ways {
		if why := w.against(left); why != "" {
			s.WriteString("\n  - " + why)
		}
	}
	if cures := c.cures(left); len(cures) > 0 {
		s.WriteString("\ncures, any one of:")
		for _, cure := range cures {
			s.WriteString("\n  " + cure)
		}
	}
	return errors.New(s.String())
}

// cures are lines to type, the likeliest first.
func (c *chooser) cures(left []Platform) []string {
	rustSrc := "rustup component add rust-src, or Debian's rust-src (on Debian 12: rust-web-src), to build the standard library"
	switch c.b.With {
	case "cross":
		return []string{"-with=auto, which takes what is here"}
	case "build-std":
		return []string{rustSrc}
	}
	best, missing := c.nearest(left)
	if best != nil && len(missing) == 0 { // then only the linker is missing
		cures := []string{"pip install cargo-zigbuild ziglang   (the bootstrap target does it, pinned)"}
		if gcc := crossGCC(best.rustc.host, left); gcc != "" {
			cures = append(cures, "install the cross gcc, on Debian and Ubuntu: sudo apt-get install -y "+gcc)
		}
		return cures
	}
	var out []string
	if _, err := c.f.look("rustup"); err == nil {
		out = append(out, fmt.Sprintf("rustup target add %s   (in %s, online)", strings.Join(missing, " "), c.b.Dir))
	} else {
		out = append(out, "install rustup from https://rustup.rs, then: rustup target add "+strings.Join(missing, " "))
	}
	if line := aptStd(missing); line != "" {
		if _, err := c.f.look("apt-get"); err == nil {
			out = append(out, line)
		}
	}
	return append(out, rustSrc)
}

// nearest is the cargo that lacks the fewest standard libraries, and which.
func (c *chooser) nearest(left []Platform) (best *way, missing []string) {
	for _, p := range left {
		triple, _ := p.Triple()
		missing = append(missing, triple)
	}
	all := missing
	for _, w := range c.ways {
		if w.method != "cargo" || w.unfit != "" {
			continue
		}
		var lacks []string
		for _, t := range all {
			if !w.rustc.has(t) {
				lacks = append(lacks, t)
			}
		}
		if best == nil || len(lacks) < len(missing) {
			best, missing = w, lacks
		}
	}
	return best, missing
}

// crossGCC are Debian's packages that compile and link for the triples. Without
// the C library the compiler alone links nothing.
func crossGCC(host string, platforms []Platform) string {
	var out []string
	for _, p := range platforms {
		t, _ := p.Triple()
		multiarch, err := p.Multiarch()
		arch, derr := p.Debian()
		switch {
		case t == host:
			out = append(out, "gcc", "libc6-dev")
		case err == nil && derr == nil:
			out = append(out, "gcc-"+strings.ReplaceAll(multiarch, "_", "-"), "libc6-dev-"+arch+"-cross")
		}
	}
	return strings.Join(out, " ")
}

// aptStd is the line that gets the standard libraries from Debian or Ubuntu,
// whose packages of one source version go together. "" if there are none.
func aptStd(triples []string) string {
	var archs, std, web []string
	for _, t := range triples {
		p, _ := platformOf(t)
		arch, err := p.Debian()
		if err != nil {
			return ""
		}
		archs = append(archs, "sudo dpkg --add-architecture "+arch)
		std = append(std, "libstd-rust-dev:"+arch)
		web = append(web, "libstd-rust-web-dev:"+arch)
	}
	return fmt.Sprintf("%s && sudo apt-get update && sudo apt-get install -y cargo rustc %s   (on Debian 12: cargo-web rustc-web %s)",
		strings.Join(archs, " && "), strings.Join(std, " "), strings.Join(web, " "))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
