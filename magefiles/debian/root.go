package debian

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Fetch brings the locked packages of archs into the cache and returns the lock
// that is good for them. That is l itself, unless l is stale: made from other seeds, without
// one of archs, or naming a package that no mirror has any more. Then, if f.Locked is not set, all
// architectures are resolved anew, f.Log hears why, and the caller may write the result.
func Fetch(ctx context.Context, f Fetcher, l Lock, spec Spec, archs ...string) (Lock, error) {
	if err := spec.validate(); err != nil {
		return Lock{}, err
	}
	stale := l.Check(spec, archs...)
	if stale == nil {
		err := f.download(ctx, l, archs)
		var gone *notFound
		if err == nil {
			return l, nil
		}
		if !errors.As(err, &gone) {
			return Lock{}, err
		}
		stale = fmt.Errorf("%w; no mirror has it any more: resolve the base again and commit the lock", err)
	}
	if f.Locked {
		return Lock{}, fmt.Errorf("%w (refused, because only the lock may be used)", stale)
	}
	f.logf("WARNING: the base is resolved anew and is not what the lock says: %v", stale)
	// For every architecture that was locked, too: what they have alike must not
	// depend on which of them is built here.
	fresh, err := Resolve(ctx, f, spec, slices.Concat(l.archs(), archs)...)
	if err != nil {
		return Lock{}, err
	}
	return fresh, f.download(ctx, fresh, archs)
}

// download fetches each file once, some at a time.
func (f Fetcher) download(ctx context.Context, l Lock, archs []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	seen := map[string]bool{}
	for _, p := range l.Packages {
		if !slices.Contains(archs, p.Arch) || seen[p.SHA256] {
			continue
		}
		seen[p.SHA256] = true // architecture-independent packages are locked for each one
		g.Go(func() error {
			_, err := f.deb(ctx, p)
			return err
		})
	}
	return g.Wait()
}

func (f Fetcher) deb(ctx context.Context, p Package) (string, error) {
	file, err := f.blob(ctx, p.Archive, []string{p.Path}, digest{sha256: p.SHA256, size: p.Size})
	if err != nil {
		return "", fmt.Errorf("getting package %q %s for %s: %w", p.Name, p.Version, p.Arch, err)
	}
	return file, nil
}

// Root makes the root file system of one architecture, in Debian's spelling
// (amd64, arm64, armhf). What is not in the cache is fetched first, as by [Fetch].
// It needs about twice the memory of the result's files for a moment.
func Root(ctx context.Context, f Fetcher, l Lock, arch string, spec Spec) (*Tree, error) {
	l, err := Fetch(ctx, f, l, spec, arch)
	if err != nil {
		return nil, err
	}
	debs, err := f.open(ctx, l.For(arch))
	if err != nil {
		return nil, err
	}
	u := &unpacker{Tree: newTree(), debs: map[string]*deb{}}
	u.Packages = l.For(arch)
	// base-files first: it brings the links (/bin, /lib) that the others go through.
	slices.SortFunc(debs, func(a, b *deb) int {
		if first := btoi(b.Name == "base-files") - btoi(a.Name == "base-files"); first != 0 {
			return first
		}
		return strings.Compare(a.Name, b.Name)
	})
	for _, d := range debs {
		if err := u.unpack(d); err != nil {
			return nil, err
		}
	}
	if err := u.configure(spec); err != nil {
		return nil, fmt.Errorf("configuring the base for %s: %w", arch, err)
	}
	u.exclude(spec.Exclude)
	if err := u.database(debs); err != nil {
		return nil, fmt.Errorf("writing the package database for %s: %w", arch, err)
	}
	u.seal()
	return u.Tree, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// open reads packages side by side; their order does not depend on it.
func (f Fetcher) open(ctx context.Context, list []Package) ([]*deb, error) {
	debs := make([]*deb, len(list))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, p := range list {
		g.Go(func() error {
			file, err := f.deb(ctx, p)
			if err != nil {
				return err
			}
			debs[i], err = f.openQuick(file, p)
			return err
		})
	}
	return debs, g.Wait()
}
