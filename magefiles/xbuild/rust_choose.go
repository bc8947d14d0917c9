package xbuild

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// finder is how programs and files are found, so that tests can do without.
type finder struct {
	look func(string) (string, error)
	glob func(string) ([]string, error)
}

// Choose takes the first toolchain that can build for all platforms at once: a
// cargo with all standard libraries, rustup adding the missing ones, cross, the
// standard library built from source. If there is none, each in this order
// takes the platforms that it can build for. It runs quick questions only, but
// for `rustup target add`, which downloads, and only when there is a toolchain
// for every platform. Else the error says for each of the others what is
// missing, and the cures.
func (b RustBuild) Choose(ctx context.Context, run Runner) (Toolchains, error) {
	b, err := b.check()
	if err != nil {
		return nil, err
	}
	return b.choose(ctx, run, finder{Look(b.Getenv("PATH"), b.ToolDirs...), filepath.Glob})
}

func (b RustBuild) choose(ctx context.Context, run Runner, f finder) (Toolchains, error) {
	c := &chooser{b: b, run: run, f: f, probed: map[string]rustc{}, cargos: b.cargos(f.look, f.glob)}
	found := make(chan *zig, 1)
	go func() { found <- b.findZig(ctx, run, f) }()
	if len(c.cargos) > 0 && b.With != "cross" { // nearly always the one; both take their time
		c.probe(ctx, c.cargos[0])
	}
	c.zig = <-found
	for {
		shares, left := c.plan(ctx)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("choosing a Rust toolchain: %w", ctx.Err())
		}
		if len(left) > 0 {
			return nil, c.refusal(left)
		}
		if c.add(ctx, shares) {
			return c.toolchains(shares), nil
		}
	}
}

type chooser struct {
	b      RustBuild
	run    Runner
	f      finder
	zig    *zig
	ways   []*way           // those looked at so far
	probed map[string]rustc // by cargo
	cargos []string
	failed error // why rustup could not add a standard library
}

// share is what one way builds of what was asked for.
type share struct {
	way       *way
	platforms []Platform
}

// plan shares the platforms out. The stable ones come first, without those of
// them that nothing here can build for; the others join them if they can.
func (c *chooser) plan(ctx context.Context) (shares []share, left []Platform) {
	shares, unable := c.split(ctx, nil, c.b.Stable)
	if len(unable) > 0 {
		shares, _ = c.split(ctx, nil, without(c.b.Stable, unable))
	}
	shares, left = c.split(ctx, shares, without(c.b.Platforms, c.b.Stable))
	left = append(left, without(unable, without(unable, c.b.Platforms))...)
	SortPlatforms(left)
	var asked []share
	for _, s := range shares {
		s.platforms = without(s.platforms, without(s.platforms, c.b.Platforms))
		if len(s.platforms) > 0 {
			asked = append(asked, s)
		}
	}
	return asked, left
}

// split gives the wanted platforms to the ways that are used already, then to
// the first that can build for all that is left, else to as few as it can see.
func (c *chooser) split(ctx context.Context, shares []share, want []Platform) ([]share, []Platform) {
	shares = slices.Clone(shares)
	for i, s := range shares {
		took := s.way.able(want)
		shares[i].platforms = slices.Concat(s.platforms, took)
		want = without(want, took)
	}
	if len(want) == 0 {
		return shares, nil
	}
	for w := range c.all(ctx) {
		if len(w.able(want)) == len(want) {
			return append(shares, share{w, want}), nil
		}
	}
	for _, method := range c.methods() {
		for {
			var best share
			for _, w := range c.ways {
				if took := w.able(want); w.method == method && len(took) > len(best.platforms) {
					best = share{w, took}
				}
			}
			if best.way == nil {
				break
			}
			shares, want = append(shares, best), without(want, best.platforms)
		}
	}
	return shares, want
}

// add lets rustup add what the plan takes for granted. If it cannot, the plan
// has to be made again without it.
func (c *chooser) add(ctx context.Context, shares []share) bool {
	for _, s := range shares {
		missing := s.way.additions(s.platforms)
		if len(missing) == 0 {
			continue
		}
		args := append([]string{"target", "add"}, missing...)
		cmd := Cmd{Name: s.way.rustup, Args: args, Dir: c.b.Dir, Stdout: c.b.Log, Stderr: c.b.Log}
		if err := c.run(ctx, cmd); err != nil {
			c.failed = fmt.Errorf("rustup target add %s: %w", strings.Join(missing, " "), firstLine(err))
		} else if still := s.way.additions(s.platforms); len(still) > 0 {
			c.failed = fmt.Errorf("rustup target add: still no standard library for %s", strings.Join(still, ", "))
		}
		if c.failed != nil {
			c.ways = nil // looked at again, with what has been asked so far
			return false
		}
	}
	return true
}

// without are the platforms of list that are not in drop.
func without(list, drop []Platform) []Platform {
	var out []Platform
	for _, p := range list {
		if !slices.Contains(drop, p) {
			out = append(out, p)
		}
	}
	return out
}
