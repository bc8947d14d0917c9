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
	switch tc.Name {
	case "rustup":
		s += ", standard libraries added by rustup"
	case "build-std":
		s += ", standard library built from source"
	default:
		s += fmt.Sprintf(" has the standard %s", plural(len(c.triples), "library", "libraries"))
	}
	if tc.zig != nil {
		s += "; linked by zig " + tc.zig.version
		if slices.ContainsFunc(c.triples, func(t string) bool { return strings.Contains(t, "-linux-gnu") }) {
			s += " for glibc " + c.b.Glibc
		}
	} else {
		var by []string
		for _, t := range c.triples {
			if d := tc.linkers[t].describe; !slices.Contains(by, d) {
				by = append(by, d)
			}
		}
		s += fmt.Sprintf("; linked by %s for this system's glibc", strings.Join(by, ", "))
	}
	if file := c.ignoredToolchainFile(tc.rustc.cargo); file != "" {
		s += fmt.Sprintf("; %s is not obeyed, only rustup's cargo does that", file)
	}
	if over := flatten(c.against); len(over) > 0 {
		s += "; passed over: " + strings.Join(over, "; ")
	}
	return s
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

// refusal is the error when nothing will do: what was looked at, then cures.
func (c *chooser) refusal() error {
	var s strings.Builder
	fmt.Fprintf(&s, "choosing a Rust toolchain (%s) for %s: none can build for all of them", c.b.With, strings.Join(c.triples, ", "))
	for _, line := range flatten(c.against) {
		s.WriteString("\n  - " + line)
	}
	if cures := c.cures(); len(cures) > 0 {
		s.WriteString("\ncures, any one of:")
		for _, cure := range cures {
			s.WriteString("\n  " + cure)
		}
	}
	return errors.New(s.String())
}

// cures are lines to type, the likeliest first.
func (c *chooser) cures() []string {
	var out []string
	rustSrc := "rustup component add rust-src, or Debian's rust-src (on Debian 12: rust-web-src), to build the standard library"
	switch c.b.With {
	case "cross":
		return []string{"-with=auto, which takes what is here"}
	case "build-std":
		return []string{rustSrc}
	}
	ready := slices.IndexFunc(c.found, func(r rustc) bool { return r.err == nil && len(r.missing) == 0 })
	if ready >= 0 { // then only the linker is missing
		return append(out, "pip install cargo-zigbuild ziglang   (the bootstrap target does it, pinned)",
			"install the cross gcc, on Debian and Ubuntu: sudo apt-get install -y "+c.crossGCC(c.found[ready].host))
	}
	missing := c.missing()
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

// missing are the triples that the best cargo has no standard library for.
func (c *chooser) missing() []string {
	best := c.triples
	for _, r := range c.found {
		if r.err == nil && len(r.missing) > 0 && len(r.missing) < len(best) {
			best = r.missing
		}
	}
	return best
}

// crossGCC are Debian's packages that compile and link for the triples. Without
// the C library the compiler alone links nothing.
func (c *chooser) crossGCC(host string) string {
	var out []string
	for _, t := range c.triples {
		p, _ := platformOf(t)
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

// flatten splits reasons of several lines and drops empty ones.
func flatten(list []string) []string {
	var out []string
	for _, s := range list {
		for line := range strings.SplitSeq(s, "\n") {
			if line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
