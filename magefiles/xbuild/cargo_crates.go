package xbuild

import (
	"cmp"
	"slices"
	"strings"
)

// Crate is a package whose code is in a program.
type Crate struct {
	Name, Version string
	License       string   // as its manifest has it
	Source        string   // as Cargo.lock has it, without a commit: "registry+https://…"; "" for a folder
	DependsOn     []string // "name version" of those that are linked too
}

// library is a compiler-artifact message: a file that is made of a package.
type library struct{ pkg, file string }

// linked are the crates that cargo compiled for a triple, sorted, the program's own among them: not what it
// could have resolved, but what it gave to the linker. Macros and what build
// scripts need are made for the host, in a folder without the triple. The
// standard library's crates are none of them, with -Zbuild-std neither.
func linked(libs []library, triple string, m metadata) []Crate {
	there := map[string]bool{}
	for _, l := range libs {
		if tripleOf(l.file, []string{triple}) != "" {
			there[l.pkg] = true
		}
	}
	names := map[string]string{}
	for _, p := range m.Packages {
		names[p.ID] = p.Name + " " + p.Version
	}
	edges := map[string][]string{}
	for _, n := range m.Resolve.Nodes {
		for _, d := range n.Deps {
			if there[d.Package] {
				edges[n.ID] = append(edges[n.ID], names[d.Package])
			}
		}
		slices.Sort(edges[n.ID])
	}
	var out []Crate
	for _, p := range m.Packages {
		if !there[p.ID] {
			continue
		}
		c := Crate{Name: p.Name, Version: p.Version, License: p.License, DependsOn: edges[p.ID]}
		if p.Source != nil {
			c.Source = *p.Source
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Crate) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), CompareVersions(a.Version, b.Version))
	})
	return out
}

// Versions are the versions of the tools that compile and link, by name.
func (tc Toolchain) Versions() map[string]string {
	if tc.cross != nil {
		return map[string]string{"cross": tc.cross.version}
	}
	out := map[string]string{"rustc": tc.rustc.version}
	if tc.zig != nil {
		out["zig"], out["cargo-zigbuild"] = tc.zig.version, tc.zig.zigbuildVersion
	}
	return out
}
