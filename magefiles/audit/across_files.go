package audit

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// files compares which application files there are. In layers of the image's
// maker that is his business, and what one platform lacks a warning; of other
// images it is not known what is meant, so that is one note.
func (p pair) files() []Finding {
	if p.ours() {
		return append(p.missing(p.first, p.second), p.missing(p.second, p.first)...)
	}
	here, there := p.lacking(p.second, p.first, foreignApplication), p.lacking(p.first, p.second, foreignApplication)
	if len(here)+len(there) == 0 {
		return nil
	}
	example := append(slices.Clone(here), there...)[0]
	e := p.second.Files["/"]
	if e == nil {
		e = &Entry{Path: "/", Layer: -1}
	}
	return []Finding{p.second.finding(e, IDFilesDiffer, Note,
		fmt.Sprintf("%s only here and %s only on %s, such as %s", count(len(here), "application file is", "application files are"),
			count(len(there), "is", "are"), p.first.Platform, example.Path),
		"nothing to do if that is meant; else build both platforms from the same sources")}
}

// missing tells what with has in the maker's layers, and without lacks. A
// folder that is missing as a whole is one finding.
func (p pair) missing(with, without *Inventory) []Finding {
	lacks := p.lacking(with, without, p.own)
	names := sameNames(without)
	type group struct {
		entry  Entry
		folder bool
		n      int
	}
	groups := map[string]*group{}
	for _, e := range lacks {
		top := e.Path
		for dir := path.Dir(top); dir != "/" && !names[sameName(dir)]; dir = path.Dir(dir) {
			top = dir
		}
		if groups[top] == nil {
			groups[top] = &group{entry: *e, folder: top != e.Path}
			groups[top].entry.Path = top
		}
		groups[top].n++
	}
	var findings []Finding
	for top, g := range groups {
		severity, what := Warning, "this file"
		switch {
		case g.folder && installed(top):
			severity, what = Note, "this part of a Python distribution"
		case g.folder:
			what = fmt.Sprintf("this folder (%s)", count(g.n, "file", "files"))
		}
		findings = append(findings, with.finding(&g.entry, IDFilesDiffer, severity,
			fmt.Sprintf("%s is not in the image for %s", what, without.Platform),
			"build both platforms from the same sources; waive it if only one is meant to have it"))
	}
	return findings
}

// installed reports whether a folder lies where installers of Python put what
// belongs to one distribution. Requirements may ask for one on some machines
// only, and then it is meant that the others lack it.
func installed(top string) bool {
	base := path.Base(path.Dir(top))
	return base == "site-packages" || base == "dist-packages"
}

// lacking lists the files and links of with, among those that which picks, that
// are missing in without, sorted by path. Native files do not count: their
// names and their number are the business of those who built them.
func (p pair) lacking(with, without *Inventory, which func(*Inventory, *Entry) bool) []*Entry {
	names := sameNames(without)
	var out []*Entry
	for _, e := range with.Files {
		if e.Mode.IsDir() || !which(with, e) || native(e) || names[sameName(e.Path)] {
			continue
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b *Entry) int { return strings.Compare(a.Path, b.Path) })
	return out
}

func sameNames(inv *Inventory) map[string]bool {
	names := make(map[string]bool, len(inv.Files))
	for name := range inv.Files {
		names[sameName(name)] = true
	}
	return names
}

// native reports machine code, and links that are named like a library.
func native(e *Entry) bool {
	if e.File != nil {
		return e.File.Program != nil
	}
	return e.Mode.Type() == fs.ModeSymlink && strings.Contains(path.Base(e.Path), ".so")
}

// foreignApplication guesses what of somebody else's image is his application:
// what lies outside of the folders that are a distribution's.
func foreignApplication(_ *Inventory, e *Entry) bool {
	top, rest, _ := strings.Cut(strings.TrimPrefix(e.Path, "/"), "/")
	switch top {
	case "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "sys", "tmp", "var":
		return false
	case "usr":
		return strings.HasPrefix(rest, "local/")
	}
	return true
}

// archWords are the ways in which a path spells its machine.
var archWords = regexp.MustCompile(`x86[-_]64|amd64|aarch64|arm64|armv[5-8][a-z]*|armhf|armel|arm|i[3-6]86|x64|x86|` +
	`powerpc64le|ppc64(?:le|el)|s390x|riscv64(?:gc)?|loong(?:arch)?64|mips64(?:el|le)`)

// archContext finds such a word where it stands for itself: not "arm" in "charm".
var archContext = regexp.MustCompile(`(^|[/._+-])(` + archWords.String() + `)($|[/._+-])`)

// sameName is a path without what machines are called in it: Debian's triplets
// (lib/x86_64-linux-gnu), extension suffixes (.cpython-313-x86_64-linux-gnu.so),
// loaders (ld-linux-aarch64.so.1), packages' names (libc6:amd64.list).
func sameName(name string) string {
	name = strings.ReplaceAll(name, ":", "_")
	name = strings.ReplaceAll(name, "-linux-gnueabihf", "-linux-gnu")
	// Each of archWords has one of these. Nearly no path has, and the expression is slow.
	if !strings.Contains(name, "64") && !strings.Contains(name, "86") && !strings.Contains(name, "arm") && !strings.Contains(name, "s390x") {
		return name
	}
	for range 2 { // neighbours share the sign between them
		name = archContext.ReplaceAllString(name, "${1}ARCH${3}")
	}
	return name
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
