package debian

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Resolve computes the dependency closure (Depends and Pre-Depends) of the
// seeds for each architecture, in Debian's spelling, from what the suites have
// today. Equal indices give an equal lock. It needs the network; indices are
// kept in the cache by their hash.
func Resolve(ctx context.Context, f Fetcher, spec Spec, archs ...string) (Lock, error) {
	if err := spec.validate(); err != nil {
		return Lock{}, err
	}
	archs = sorted(archs)
	found := make([][]Package, len(archs))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2) // each holds the index of a whole architecture, some 100 MB
	for i, arch := range archs {
		g.Go(func() (err error) {
			found[i], err = resolveArch(ctx, f, spec, arch)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return Lock{}, err
	}
	return Lock{Suites: suiteNames(spec.Suites), Seeds: sorted(spec.Seeds), Packages: slices.Concat(found...)}, nil
}

func resolveArch(ctx context.Context, f Fetcher, spec Spec, arch string) ([]Package, error) {
	suites := make([][]candidate, len(spec.Suites))
	for i, suite := range spec.Suites {
		list, err := readIndex(ctx, f, suite, arch)
		if err != nil {
			return nil, err
		}
		suites[i] = list
	}
	u, err := newUniverse(arch, suites)
	if err != nil {
		return nil, err
	}
	list, err := u.closure(spec.Seeds)
	if err != nil {
		return nil, fmt.Errorf("resolving the base for %s: %w", arch, err)
	}
	return list, nil
}

// closure returns the seeds and all that they need, sorted by name.
func (u *universe) closure(seeds []string) ([]Package, error) {
	r := resolver{u: u, selected: map[string]*candidate{}}
	// All seeds first, so that "a | b" is content with a seed b.
	for _, name := range seeds {
		c := u.byName[name]
		if c == nil {
			return nil, fmt.Errorf("looking for package %q: the suites have none of that name; check its spelling and the suite", name)
		}
		r.selected[name] = c
	}
	for _, name := range sorted(seeds) {
		if err := r.needs(u.byName[name], nil); err != nil {
			return nil, err
		}
	}
	if err := r.conflicts(); err != nil {
		return nil, err
	}
	var list []Package
	for _, name := range slices.Sorted(maps.Keys(r.selected)) {
		list = append(list, r.selected[name].Package)
	}
	return list, nil
}

type resolver struct {
	u        *universe
	selected map[string]*candidate
}

// needs selects what c depends on. chain is the way from a seed to c, for errors.
func (r *resolver) needs(c *candidate, chain []string) error {
	chain = append(slices.Clone(chain), c.Name)
	groups, err := parseRelations(c.preDepends + "," + c.depends)
	if err != nil {
		return fmt.Errorf("reading what package %q depends on: %w", c.Name, err)
	}
	for _, g := range groups {
		if err := r.satisfy(g, chain); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) satisfy(g group, chain []string) error {
	options := r.u.options(g)
	for _, c := range options {
		if r.selected[c.Name] == c {
			return nil
		}
	}
	var first error
	for _, c := range options {
		before := maps.Clone(r.selected)
		r.selected[c.Name] = c
		err := r.needs(c, chain)
		if err == nil {
			return nil
		}
		r.selected = before
		if first == nil {
			first = err
		}
	}
	if first != nil {
		return first
	}
	return fmt.Errorf("%s needs %s, but %s; use other suites, or leave %q out",
		strings.Join(chain, " -> "), g, r.u.why(g), chain[0])
}

// conflicts refuses a set in which one package breaks another.
func (r *resolver) conflicts() error {
	for _, name := range slices.Sorted(maps.Keys(r.selected)) {
		c := r.selected[name]
		groups, err := parseRelations(c.conflicts + "," + c.breaks)
		if err != nil {
			return fmt.Errorf("reading what package %q conflicts with: %w", name, err)
		}
		for _, g := range groups {
			for _, other := range slices.Sorted(maps.Keys(r.selected)) {
				if o := r.selected[other]; o != c && r.u.offers(o, g[0]) {
					return fmt.Errorf("package %q conflicts with %s, and %s %s is needed too; leave one of them out", name, g[0], o.Name, o.Version)
				}
			}
		}
	}
	return nil
}
