package debian

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestLargeSources: which source packages have a part of their own.
func TestLargeSources(t *testing.T) {
	t.Parallel()
	of := func(arch, source, name string, size int64) Package {
		return Package{Arch: arch, Name: name, Size: size, Path: "pool/main/x/" + source + "/" + name + ".deb"}
	}
	many := []Package{}
	for i := range 12 {
		many = append(many, of("amd64", fmt.Sprintf("s%02d", i), "p", largeSource+int64(i)))
	}
	for name, c := range map[string]struct {
		packages []Package
		want     string
	}{
		"none":                          {nil, ""},
		"small":                         {[]Package{of("amd64", "a", "a", largeSource-1)}, ""},
		"large":                         {[]Package{of("amd64", "b", "b", largeSource), of("amd64", "a", "a", largeSource)}, "a b"},
		"together":                      {[]Package{of("amd64", "a", "x", largeSource/2), of("amd64", "a", "y", largeSource/2)}, "a"},
		"together on no architecture":   {[]Package{of("amd64", "a", "x", largeSource/2), of("arm64", "a", "x", largeSource/2)}, ""},
		"on another architecture alone": {[]Package{of("amd64", "a", "x", 1), of("arm64", "a", "x", largeSource)}, "a"},
		"the largest":                   {many, "s04 s05 s06 s07 s08 s09 s10 s11"},
	} {
		if got := strings.Join((Lock{Packages: c.packages}).largeSources(), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestPartsBySource: what is a large source's own is a part, and with an update of another package it stays as it is.
func TestPartsBySource(t *testing.T) {
	t.Parallel()
	f, lock, spec := surveyed(t)
	whole := must(Root(t.Context(), f, lock, "amd64", spec))
	large := enlarge(lock, whole)
	parts, err := whole.Parts(large)
	if err != nil {
		t.Fatal(err)
	}
	union(t, whole, parts...)
	var names []string
	for _, part := range large.Parts("amd64", spec) {
		names = append(names, part.Name)
	}
	if want := []string{SharedPart, "libz", "", RecordsPart}; !slices.Equal(names, want) || len(parts) != len(want) {
		t.Fatalf("%d parts, called %q, want %q", len(parts), names, want)
	}
	const library = "usr/lib/x86_64-linux-gnu/libz.so"
	for i, part := range parts {
		for file, in := range map[string]int{library: 1, "usr/bin/program": 2, "var/lib/dpkg/status": 3, "usr/share/text": 0} {
			if _, err := part.Lstat(file); (err == nil) != (i == in) {
				t.Errorf("%s in part %q: %v", file, names[i], err)
			}
		}
	}

	without := lock // of tzdata, and then everything is another
	without.Seeds = []string{"base-files", "libz"}
	spec.Seeds = without.Seeds
	without.Packages = slices.DeleteFunc(slices.Clone(lock.Packages), func(p Package) bool { return p.Name == "tzdata" })
	without = must(Survey(t.Context(), f, without, spec))
	other := must(Root(t.Context(), f, without, "amd64", spec))
	without = enlarge(without, other)
	fewer, err := other.Parts(without)
	if err != nil {
		t.Fatal(err)
	}
	for i, same := range []bool{false, true, true, false} {
		if (fewer[i].sum() == parts[i].sum()) != same {
			t.Errorf("without a package, part %q is the same: %v, want %v", names[i], !same, same)
		}
		if fewer, all := without.Parts("amd64", spec)[i].Key, large.Parts("amd64", spec)[i].Key; fewer == all {
			t.Errorf("without a package, part %q has the same key", names[i])
		}
	}
}

// enlarge makes libz a large package of a source of its own, in the lock and in what was made by it.
func enlarge(l Lock, t *Tree) Lock {
	l.Packages = slices.Clone(l.Packages)
	for i, p := range l.Packages {
		if p.Name == "libz" {
			l.Packages[i].Size, l.Packages[i].Path = largeSource, "pool/main/libz/libz.deb"
		}
	}
	t.Packages = l.For("amd64")
	return l
}

func TestPartKeys(t *testing.T) {
	t.Parallel()
	spec := Spec{Suites: Suites("trixie"), Seeds: []string{"zlib1g"}}
	lock := exampleLock()
	lock.Alike = Alike{Of: "0123", Sum: strings.Repeat("a", 64), Own: []string{"lib64"}}
	keys := func(l Lock) (shared, amd64, arm64 string) {
		for i, part := range l.Parts("amd64", spec) {
			if other := l.Parts("arm64", spec)[i]; i == 0 {
				if shared = part.Key; other != part {
					t.Errorf("shared are %v and %v", part, other)
				}
			} else {
				amd64, arm64 = amd64+part.Key, arm64+other.Key
			}
		}
		return shared, amd64, arm64
	}
	shared, amd64, arm64 := keys(lock)
	if shared == amd64 || amd64 == arm64 {
		t.Error("different things have one key")
	}
	for _, c := range []struct {
		name                 string
		change               func(*Lock)
		shared, amd64, arm64 bool // whether it is another key
	}{
		{"nothing", func(*Lock) {}, false, false, false},
		{"a package of amd64", func(l *Lock) { l.Packages[1].SHA256 = strings.Repeat("1", 64) }, false, true, false},
		{"the sum", func(l *Lock) { l.Alike.Sum = strings.Repeat("b", 64) }, true, false, false},
		{"the exceptions", func(l *Lock) { l.Alike.Too = []string{"usr/x86_64-linux-gnu"} }, false, true, true},
		{"another large source", func(l *Lock) { l.Packages[1].Size = largeSource }, false, true, true},
	} {
		changed := lock
		changed.Packages = slices.Clone(lock.Packages)
		c.change(&changed)
		s, a, b := keys(changed)
		if (s != shared) != c.shared || (a != amd64) != c.amd64 || (b != arm64) != c.arm64 {
			t.Errorf("%s: another shared part: %v, amd64's: %v, arm64's: %v", c.name, s != shared, a != amd64, b != arm64)
		}
		if c.name == "a package of amd64" && changed.state(spec) == lock.state(spec) {
			t.Error("the survey is not of these packages")
		}
	}
}
