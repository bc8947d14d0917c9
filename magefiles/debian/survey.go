package debian

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Surveyed returns a lock whose Alike is good for spec: l itself, or else l with
// a new survey, for which the packages of all its architectures are fetched.
// f.Log hears why, and the caller may write the result. With f.Locked set it
// refuses instead.
func Surveyed(ctx context.Context, f Fetcher, l Lock, spec Spec) (Lock, error) {
	if l.Alike.Of == l.state(spec) {
		return l, nil
	}
	stale := errors.New("checking the base lock: its record of files that all architectures share is not of what the project wants now; resolve the base again and commit the lock")
	if f.Locked {
		return Lock{}, fmt.Errorf("%w (refused, because only the lock may be used)", stale)
	}
	f.logf("WARNING: the packages of %s are compared anew: %v", strings.Join(l.archs(), " and "), stale)
	return Survey(ctx, f, l, spec)
}

// Survey makes the root file system of every architecture of the lock, one after
// the other, compares them, and returns the lock with what they have alike.
func Survey(ctx context.Context, f Fetcher, l Lock, spec Spec) (Lock, error) {
	l, err := Fetch(ctx, f, l, spec, l.archs()...)
	if err != nil {
		return Lock{}, err
	}
	var s survey
	var last *Tree
	for _, arch := range l.archs() {
		if last, err = Root(ctx, f, l, arch, spec); err != nil {
			return Lock{}, err
		}
		s.add(last)
	}
	if last == nil {
		return Lock{}, l.Check(spec)
	}
	l.Alike = s.judge()
	l.Alike.Of = l.state(spec)
	common := last.shared(l.Alike)
	l.Alike.Sum = last.part(func(n *node) bool { return common[n] }).sum()
	return l, nil
}

// survey is what some trees have: of each path the prints, and the guesses.
type survey struct {
	trees int
	seen  map[string]*sighting
}

type sighting struct {
	times        int    // in how many trees it was
	print        string // of the first
	differs      bool
	looks, hides bool // on some architecture it looks alike, on some it does not
}

func (s *survey) add(t *Tree) {
	if s.seen == nil {
		s.seen = map[string]*sighting{}
	}
	s.trees++
	t.root.all(func(n *node) {
		print, looks := n.print(), looksAlike(n.hdr.Name, n)
		at := s.seen[n.hdr.Name]
		if at == nil {
			at = &sighting{print: print}
			s.seen[n.hdr.Name] = at
		}
		at.times++
		at.differs = at.differs || at.print != print
		at.looks, at.hides = at.looks || looks, at.hides || !looks
	})
}

// judge lists the exceptions. What is below a directory that is not shared cannot
// be shared, and is not listed.
func (s *survey) judge() Alike {
	var a Alike
	shared := map[string]bool{".": true}
	for _, p := range slices.Sorted(maps.Keys(s.seen)) { // a directory comes before what is in it
		at := s.seen[p]
		if !shared[path.Dir(p)] {
			continue
		}
		alike := at.times == s.trees && !at.differs
		shared[p] = alike
		switch {
		case alike && at.hides:
			a.Too = append(a.Too, p)
		case !alike && at.looks:
			a.Own = append(a.Own, p)
		}
	}
	return a
}
