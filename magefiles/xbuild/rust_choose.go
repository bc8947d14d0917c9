package xbuild

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
)

// Toolchain is the choice made for a RustBuild: one cargo and its linkers.
type Toolchain struct {
	Name    string // cargo, rustup, build-std
	Linker  string // zigbuild, gcc: what links, for a table
	Reason  string // one line: what was taken and why, and what was passed over
	rustc   rustc
	linkers map[string]linker // by triple
	zig     *zig              // nil unless it links
}

// finder is how programs and files are found, so that tests can do without.
type finder struct {
	look func(string) (string, error)
	glob func(string) ([]string, error)
}

// Choose takes the first toolchain that can build for all platforms at once:
// a cargo with all standard libraries, rustup adding the missing ones, cross,
// the standard library built from source. It runs quick questions only, but
// for `rustup target add`, which downloads. If none will do, the error lists
// what was looked at, why not, and the cures.
func (b RustBuild) Choose(ctx context.Context, run Runner) (Toolchain, error) {
	b, err := b.check()
	if err != nil {
		return Toolchain{}, err
	}
	return b.choose(ctx, run, finder{Look(b.Getenv("PATH"), b.ToolDirs...), filepath.Glob})
}

func (b RustBuild) choose(ctx context.Context, run Runner, f finder) (Toolchain, error) {
	triples, err := b.triples()
	if err != nil {
		return Toolchain{}, err
	}
	c := chooser{b: b, run: run, f: f, triples: triples, zig: b.findZig(ctx, run, f)}
	c.cargos = b.cargos(f.look, f.glob)
	for _, m := range c.methods() {
		tc, err := m.try(ctx)
		if ctx.Err() != nil {
			return Toolchain{}, fmt.Errorf("choosing a Rust toolchain: %w", ctx.Err())
		}
		if err == nil {
			tc.Name = m.name
			tc.Reason = c.reason(tc)
			return tc, nil
		}
		c.against = append(c.against, err.Error())
	}
	return Toolchain{}, c.refusal()
}

type chooser struct {
	b       RustBuild
	run     Runner
	f       finder
	triples []string
	zig     *zig
	cargos  []string // candidates
	found   []rustc  // what the first of them turned out to be
	against []string // why not, one line per method or cargo
}

// rustcs asks one candidate after the other, each once: mostly the first will
// do, and asking takes time.
func (c *chooser) rustcs(ctx context.Context) iter.Seq[rustc] {
	return func(yield func(rustc) bool) {
		for i, cargo := range c.cargos {
			if i == len(c.found) {
				c.found = append(c.found, c.b.probe(ctx, c.run, c.f.look, cargo, c.triples))
			}
			if !yield(c.found[i]) {
				return
			}
		}
	}
}

type method struct {
	name string
	try  func(context.Context) (Toolchain, error)
}

// methods are tried in this order.
func (c *chooser) methods() []method {
	all := []method{{"cargo", c.tryCargo}, {"rustup", c.tryRustup}, {"cross", c.tryCross}, {"build-std", c.tryBuildStd}}
	switch c.b.With {
	case "cargo", "zigbuild":
		return all[:2]
	case "cross":
		return all[2:3]
	case "build-std":
		return all[3:]
	}
	return all
}

// tryCargo takes the first cargo that has all it needs.
func (c *chooser) tryCargo(ctx context.Context) (Toolchain, error) {
	var why []string
	for r := range c.rustcs(ctx) {
		if r.err != nil {
			why = append(why, fmt.Sprintf("%s: %v", r.title(), r.err))
			continue
		}
		if len(r.missing) > 0 {
			why = append(why, fmt.Sprintf("%s: no standard library for %s", r.title(), strings.Join(r.missing, ", ")))
			continue
		}
		tc, err := c.link(r)
		if err == nil {
			c.against = append(c.against, why...)
			return tc, nil
		}
		why = append(why, fmt.Sprintf("%s: %v", r.title(), err))
	}
	if len(c.cargos) == 0 {
		why = append(why, "cargo: not on PATH, not in /usr/bin, not in /usr/lib/rust-*/bin, and CARGO is not set")
	}
	return Toolchain{}, errors.New(strings.Join(why, "\n"))
}

// tryRustup lets rustup add the missing standard libraries to the toolchain
// that the crate's folder selects.
func (c *chooser) tryRustup(ctx context.Context) (Toolchain, error) {
	rustup, err := c.f.look("rustup")
	if err != nil {
		return Toolchain{}, errors.New("rustup: not there")
	}
	cargo, err := c.f.look(filepath.Join(filepath.Dir(rustup), "cargo"))
	if err != nil {
		return Toolchain{}, fmt.Errorf("rustup (%s): no cargo beside it", rustup)
	}
	r := c.b.probe(ctx, c.run, c.f.look, cargo, c.triples)
	if r.err != nil {
		return Toolchain{}, fmt.Errorf("rustup (%s): %w", rustup, r.err)
	}
	tc, err := c.link(r) // before anything is downloaded
	if err != nil {
		return Toolchain{}, fmt.Errorf("rustup (%s): %w", rustup, err)
	}
	if len(r.missing) > 0 && c.b.NoInstall {
		return Toolchain{}, fmt.Errorf("rustup (%s): it would have to add %s, which is a download", rustup, strings.Join(r.missing, ", "))
	}
	if len(r.missing) > 0 {
		add := Cmd{Name: rustup, Args: append([]string{"target", "add"}, r.missing...), Dir: c.b.Dir, Stdout: c.b.Log, Stderr: c.b.Log}
		if err := c.run(ctx, add); err != nil {
			return Toolchain{}, fmt.Errorf("rustup target add %s: %w", strings.Join(r.missing, " "), firstLine(err))
		}
		r = c.b.probe(ctx, c.run, c.f.look, cargo, c.triples)
	}
	if len(r.missing) > 0 || r.err != nil {
		return Toolchain{}, fmt.Errorf("rustup target add: still no standard library for %s", strings.Join(r.missing, ", "))
	}
	tc.rustc = r
	return tc, nil
}

// tryBuildStd compiles the standard library too, if its source is there.
func (c *chooser) tryBuildStd(ctx context.Context) (Toolchain, error) {
	var why []string
	for r := range c.rustcs(ctx) {
		if r.err != nil {
			continue
		}
		if !r.source {
			why = append(why, fmt.Sprintf("build-std with %s: no rust-src in %s", r.title(), r.sysroot))
			continue
		}
		tc, err := c.link(r)
		if err == nil {
			return tc, nil
		}
		why = append(why, fmt.Sprintf("build-std with %s: %v", r.title(), err))
	}
	if len(why) == 0 {
		why = append(why, "build-std: no usable cargo")
	}
	return Toolchain{}, errors.New(strings.Join(why, "\n"))
}

// link completes a toolchain with its linkers.
func (c *chooser) link(r rustc) (Toolchain, error) {
	linkers, err := c.b.linkers(c.f.look, c.zig, r.host, c.triples)
	if err != nil {
		return Toolchain{}, err
	}
	tc := Toolchain{rustc: r, linkers: linkers, Linker: "gcc"}
	for _, l := range linkers {
		if l.kind == "zig" {
			tc.zig, tc.Linker = c.zig, "zigbuild"
		}
	}
	return tc, nil
}

// findZig is nil if either of the pair is not there or does not run.
func (b RustBuild) findZig(ctx context.Context, run Runner, f finder) *zig {
	zb := Find(ctx, run, Tool{Name: "cargo-zigbuild", VersionArgs: []string{"--version"}}, f.look)
	z := Find(ctx, run, Tool{Name: "zig", Candidates: zigCandidates(b.ToolDirs, f.glob), VersionArgs: []string{"version"}}, f.look)
	if zb.Err != nil || z.Err != nil {
		return nil
	}
	return &zig{zigbuild: zb.Path, zig: z.Path, version: z.Version}
}
