package audit

import (
	"path"
	"regexp"
	"strings"
)

// muslArch is musl's name for an architecture, as in /lib/ld-musl-ARCH.so.1.
func muslArch(arch string) string {
	switch arch {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	case "386":
		return "i386"
	case "arm":
		return "armhf"
	case "ppc64le":
		return "powerpc64le"
	case "loong64":
		return "loongarch64"
	}
	return arch
}

func muslInterpreter(arch string) string { return "/lib/ld-musl-" + muslArch(arch) + ".so.1" }

// isMuslLoader reports whether a program with this interpreter lives by musl's
// rules: also on Alpine's gcompat, which is glibc's name for musl.
func (l *loader) isMuslLoader(interpreter string) bool {
	if strings.HasPrefix(path.Base(interpreter), "ld-musl-") {
		return true
	}
	e, ok := l.inv.Resolve(interpreter)
	if !ok || e.File == nil || e.File.Program == nil {
		return false
	}
	if l.musl != nil && e.File == l.musl.entry.File || strings.HasPrefix(path.Base(e.Path), "libgcompat") {
		return true
	}
	for _, name := range e.File.Program.Libraries {
		if strings.HasPrefix(name, "libl.musl-") {
			return true
		}
	}
	return false
}

// muslFolders are where musl's loader looks last: its file of settings, whose
// parts are divided by colons or lines, or the folders built into it.
func (l *loader) muslFolders() []string {
	e, ok := l.inv.Resolve("/etc/ld-musl-" + muslArch(l.arch) + ".path")
	if ok && e.File != nil && e.File.Text != nil {
		return strings.FieldsFunc(string(e.File.Text), func(r rune) bool { return r == ':' || r == '\n' })
	}
	return []string{"/lib", "/usr/local/lib", "/usr/lib"}
}

// muslOwn are the libraries that musl is by itself, whatever follows the dot.
var muslOwn = regexp.MustCompile(`^lib(c|pthread|rt|m|dl|util|xnet)\.`)

// findMusl is how musl's loader looks for a library: RPATH and RUNPATH are one
// to it, and both are inherited from who loads. It passes over nothing: the
// first file of that name is taken.
func (p *process) findMusl(name string, by *object) (hit, bool) {
	l := p.loader
	if l.musl != nil && (muslOwn.MatchString(name) || name == path.Base(l.musl.path)) {
		return l.musl.hit, true
	}
	if strings.Contains(name, "/") {
		folder, base := path.Split(name)
		return l.openMusl(folder, base)
	}
	var lists [][]string
	if !p.secure {
		lists = append(lists, l.env)
	}
	sawMain := false
	for o := by; o != nil; o = o.by {
		sawMain = sawMain || o == p.main
		lists = append(lists, l.muslRunPath(o))
	}
	if !sawMain {
		lists = append(lists, l.muslRunPath(p.main))
	}
	for _, list := range append(lists, l.muslPath) {
		for _, folder := range list {
			if h, ok := l.openMusl(folder, name); ok {
				return h, true
			}
		}
	}
	return hit{}, false
}

// muslRunPath is an object's own list, $ORIGIN replaced: the only token that
// musl knows.
func (l *loader) muslRunPath(o *object) []string {
	list := o.program().RunPath
	if len(list) == 0 {
		list = o.program().RPath
	}
	expanded := make([]string, len(list))
	for i, folder := range list {
		expanded[i] = strings.NewReplacer("${ORIGIN}", path.Dir(o.path), "$ORIGIN", path.Dir(o.path)).Replace(folder)
	}
	return expanded
}

func (l *loader) openMusl(folder, name string) (hit, bool) {
	h, ok := l.open(folder, name)
	if ok || h.entry == nil {
		return h, ok
	}
	h.bad = true // for another machine
	return h, true
}
