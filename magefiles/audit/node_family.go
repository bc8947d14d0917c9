package audit

import (
	"path"
	"strings"
)

// families are native files that are one thing, built for several platforms
// and shipped together, so that a program picks its own at run time:
//
//	prebuilds/linux-arm64/x.node        prebuilds/darwin-x64/x.node
//	@img/sharp-linux-x64/lib/…          @img/sharp-linuxmusl-x64/lib/…
//	x.cpython-313-x86_64-linux-gnu.so   x.cpython-313-aarch64-linux-gnu.so
//
// Their paths are equal but for the words that name a platform.
type families struct {
	w       want
	members map[string][]*Entry
	libc    string // of the image, see [Inventory.libc]
}

func newFamilies(inv *Inventory) *families {
	f := &families{members: map[string][]*Entry{}, libc: inv.libc()}
	var err error
	if f.w, err = parsePlatform(inv.Platform); err != nil {
		return f
	}
	for _, e := range inv.Files {
		if !loadable(e) {
			continue
		}
		if key, ok := familyKey(e.Path); ok {
			f.members[key] = append(f.members[key], e)
		}
	}
	return f
}

// excused says why a file that does not fit the platform is no error: beside
// it lies the same thing for this platform, and it is for others by its name.
// Checks of machine, interpreter and libraries make a [Note] of such a file.
func (f *families) excused(e *Entry) (why string, ok bool) {
	key, ok := familyKey(e.Path)
	if !ok || !f.foreignName(e.Path) {
		return "", false
	}
	for _, sibling := range f.members[key] {
		if sibling != e && sibling.File != e.File && f.fits(sibling) {
			return "the same for this platform is at " + sibling.Path, true
		}
	}
	return "", false
}

// fits reports whether the platform's loader takes the file: machine, system
// and C library.
func (f *families) fits(e *Entry) bool {
	p := e.File.Program
	if v := judge(p.Binary, f.w, e.Path); v.id != "" {
		return false
	}
	need := p.libc()
	return need == "" || f.libc == "" || need == f.libc
}

// loadable reports whether an entry is code that a machine runs or loads.
func loadable(e *Entry) bool {
	return e.Mode.Type() == 0 && e.File != nil && e.File.Program != nil &&
		(e.File.Program.Kind == Executable || e.File.Program.Kind == Shared || len(e.File.Program.Slices) > 0)
}

// libc is the C library that a program is linked with: "glibc", "musl", or ""
// for static programs and those that do not say.
func (p *Program) libc() string {
	if p.Format != ELF {
		return ""
	}
	if strings.Contains(p.Interpreter, "ld-musl-") {
		return "musl"
	}
	for _, name := range p.Libraries {
		switch {
		case strings.HasPrefix(name, "libc.musl-"), name == "libc.so":
			return "musl"
		case name == "libc.so.6":
			return "glibc"
		}
	}
	if strings.Contains(p.Interpreter, "ld-linux") {
		return "glibc"
	}
	return ""
}

// libc is the C library of the image: "glibc", "musl", or "" if it has none,
// or both. It goes by the loaders that are there.
func (inv *Inventory) libc() string {
	glibc, musl := false, false
	for _, e := range inv.Files {
		dir, base := path.Split(e.Path)
		if e.Mode.IsDir() || !strings.HasPrefix(base, "ld") || !strings.HasPrefix(dir, "/lib") && !strings.HasPrefix(dir, "/usr/lib") {
			continue
		}
		glibc = glibc || strings.HasPrefix(base, "ld-linux") || strings.HasPrefix(base, "ld64.so.")
		musl = musl || strings.HasPrefix(base, "ld-musl-") && strings.Contains(base, ".so.")
	}
	switch {
	case glibc == musl:
		return ""
	case musl:
		return "musl"
	}
	return "glibc"
}
