package xbuild

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
)

// way is one way to build: a method with a cargo that it would use.
type way struct {
	method  string // cargo, rustup, cross, build-std
	rustc   rustc
	rustup  string // the program, where that is the method
	cross   *cross // what that method needs to know
	title   string // what it is called when it is passed over
	unfit   string // why it can build nothing at all
	targets map[Platform]target
}

// target is what a way has for one platform.
type target struct {
	triple  string
	linker  linker
	problem problem // the zero value: it can build for it
}

// problem is why a way cannot build for a triple: "no linker", and what is not
// there.
type problem struct{ what, detail string }

// able are the platforms of the list that it can build for.
func (w *way) able(list []Platform) []Platform {
	var out []Platform
	for _, p := range list {
		if t, known := w.targets[p]; known && w.unfit == "" && t.problem == (problem{}) {
			out = append(out, p)
		}
	}
	return out
}

// additions are the triples that rustup has to add before it can build.
func (w *way) additions(list []Platform) []string {
	var out []string
	for _, p := range list {
		if triple := w.targets[p].triple; w.rustup != "" && !w.rustc.has(triple) {
			out = append(out, triple)
		}
	}
	return out
}

// against says in one line why it was not taken for some platforms; "" if it
// could have been.
func (w *way) against(list []Platform) string {
	if w.unfit != "" {
		return w.title + ": " + w.unfit
	}
	var order []problem
	triples := map[problem][]string{}
	for _, p := range list {
		t := w.targets[p]
		if t.problem == (problem{}) {
			continue
		}
		if triples[t.problem] == nil {
			order = append(order, t.problem)
		}
		triples[t.problem] = append(triples[t.problem], t.triple)
	}
	var out []string
	for _, pr := range order {
		text := pr.what + " for " + strings.Join(triples[pr], ", ")
		if pr.detail != "" {
			text += ": " + pr.detail
		}
		out = append(out, text)
	}
	if len(out) == 0 {
		return ""
	}
	return w.title + ": " + strings.Join(out, "; ")
}

// methods are tried in this order.
func (c *chooser) methods() []string {
	all := []string{"cargo", "rustup", "cross", "build-std"}
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

// all yields the ways in the order of preference. Each is looked at once and
// only when it is its turn: mostly the first will do, and asking takes time.
func (c *chooser) all(ctx context.Context) iter.Seq[*way] {
	return func(yield func(*way) bool) {
		i := 0
		for _, method := range c.methods() {
			var make []func(context.Context) *way
			switch method {
			case "cargo":
				make = c.perCargo(c.cargoWay)
			case "rustup":
				make = append(make, c.rustupWay)
			case "cross":
				make = append(make, c.crossWay)
			case "build-std":
				make = c.perCargo(c.buildStdWay)
			}
			for _, m := range make {
				if ctx.Err() != nil {
					return
				}
				if i == len(c.ways) {
					w := m(ctx)
					w.method = method
					c.ways = append(c.ways, w)
				}
				if !yield(c.ways[i]) {
					return
				}
				i++
			}
		}
	}
}

func (c *chooser) perCargo(f func(context.Context, string) *way) []func(context.Context) *way {
	if len(c.cargos) == 0 {
		return []func(context.Context) *way{func(context.Context) *way {
			return &way{title: "cargo", unfit: "not on PATH, not in /usr/bin, not in /usr/lib/rust-*/bin, and CARGO is not set"}
		}}
	}
	var out []func(context.Context) *way
	for _, cargo := range c.cargos {
		out = append(out, func(ctx context.Context) *way { return f(ctx, cargo) })
	}
	return out
}

func (c *chooser) probe(ctx context.Context, cargo string) rustc {
	r, known := c.probed[cargo]
	if !known {
		r = c.b.probe(ctx, c.run, c.f.look, cargo)
		c.probed[cargo] = r
	}
	return r
}

// cargoWay is a cargo with the standard libraries that it has.
func (c *chooser) cargoWay(ctx context.Context, cargo string) *way {
	r := c.probe(ctx, cargo)
	w := &way{rustc: r, title: r.title()}
	if r.err != nil {
		w.unfit = r.err.Error()
		return w
	}
	return c.fill(w, func(triple string) problem {
		if !r.has(triple) {
			return problem{what: "no standard library"}
		}
		return problem{}
	})
}

// rustupWay is the toolchain that the crate's folder selects, with the standard
// libraries that rustup can add to it.
func (c *chooser) rustupWay(ctx context.Context) *way {
	w := &way{title: "rustup"}
	rustup, err := c.f.look("rustup")
	if err != nil {
		w.unfit = "not there"
		return w
	}
	w.title = fmt.Sprintf("rustup (%s)", rustup)
	cargo, err := c.f.look(filepath.Join(filepath.Dir(rustup), "cargo"))
	if err != nil {
		w.unfit = "no cargo beside it"
		return w
	}
	w.rustup, w.rustc = rustup, c.probe(ctx, cargo)
	switch {
	case c.failed != nil:
		w.unfit = c.failed.Error()
	case w.rustc.err != nil:
		w.unfit = w.rustc.err.Error()
	}
	return c.fill(w, func(triple string) problem {
		if c.b.NoInstall && !w.rustc.has(triple) {
			return problem{what: "it would have to download the standard library"}
		}
		return problem{}
	})
}

// buildStdWay compiles the standard library too, if its source is there.
func (c *chooser) buildStdWay(ctx context.Context, cargo string) *way {
	r := c.probe(ctx, cargo)
	w := &way{rustc: r, title: "build-std with " + r.title()}
	switch {
	case r.err != nil:
		w.unfit = r.err.Error()
	case !r.source():
		w.unfit = "no rust-src in " + r.sysroot
	}
	return c.fill(w, func(string) problem { return problem{} })
}

// fill asks for each platform which triple it is and who links for it.
func (c *chooser) fill(w *way, lacks func(triple string) problem) *way {
	w.targets = map[Platform]target{}
	for _, p := range slices.Concat(c.b.Stable, c.b.Platforms) {
		t := target{triple: c.triple(w.rustc, p)}
		var missing string
		t.problem = lacks(t.triple)
		if t.linker, missing = c.b.linkerFor(c.f.look, c.zig, w.rustc.host, t.triple); missing != "" && t.problem == (problem{}) {
			t.problem = problem{what: "no linker", detail: missing}
		}
		w.targets[p] = t
	}
	return w
}

// triple is our name for the platform, but for the host itself rustc's own name
// if only that has a standard library and that will do.
func (c *chooser) triple(r rustc, p Platform) string {
	ours, _ := p.Triple() // check has looked
	if c.b.Native && hostPlatform(r.host) == p && !r.has(ours) && r.has(r.host) {
		return r.host
	}
	return ours
}
