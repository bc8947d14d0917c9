package audit

import (
	"fmt"
	"path"
	"strings"
)

// interpreted checks the loader that a program asks the kernel for, and tells
// whether its rules are known and musl's.
func (c *loading) interpreted(s start) (isMusl, ok bool) {
	p := s.entry.File.Program
	severity := Error
	if s.role == asExtra {
		severity = Warning
	}
	name := p.Interpreter
	isMusl = c.isMuslLoader(name)
	e, found := c.inv.Resolve(name)
	switch {
	case !found && c.mixedName(isMusl):
		c.report(s.entry, IDLibcMix, severity, c.mixMessage(name, isMusl), c.mixCure(isMusl))
		return isMusl, false
	case !found:
		c.report(s.entry, IDInterpreter, severity, fmt.Sprintf("is started by %q, which is not in the image", name), c.interpreterCure(name, isMusl))
		return isMusl, false
	case e.File == nil || e.File.Program == nil || e.File.Program.Format != ELF:
		c.report(s.entry, IDInterpreter, severity, fmt.Sprintf("is started by %q, which is no program", name), "put the loader of "+c.inv.Platform+" there")
		return isMusl, false
	case e.File.Program.Arch != c.arch:
		c.report(s.entry, IDInterpreter, severity, fmt.Sprintf("is started by %q: the image's %s is %s", name, c.inv.placeOf(e), e.File.Program.Binary),
			"take the loader, and the libc that it belongs to, from "+c.inv.Platform)
		return isMusl, false
	}
	if !isMusl && c.glibc == nil {
		c.setGlibc(&object{hit: hit{path: name, entry: e}}) // at home elsewhere, as on NixOS
	}
	return isMusl, strings.HasPrefix(path.Base(name), "ld")
}

// mixedName reports whether the loader of the other libc is what the image has.
func (c *loading) mixedName(isMusl bool) bool {
	if isMusl {
		return c.glibc != nil
	}
	return c.musl != nil
}

func (c *loading) mixMessage(name string, isMusl bool) string {
	built, image := "glibc", "musl"
	if isMusl {
		built, image = image, built
	}
	return fmt.Sprintf("is built for %s (%q), and the image has %s only", built, name, image)
}

func (c *loading) mixCure(isMusl bool) string {
	if isMusl {
		return "build it for " + gnuTriple(c.arch) + ", link it statically (-C target-feature=+crt-static), or take a base of Alpine"
	}
	return "build it for " + strings.Replace(gnuTriple(c.arch), "-gnu", "-musl", 1) + ", or take a base with glibc (Debian)"
}

func (c *loading) interpreterCure(name string, isMusl bool) string {
	switch {
	case c.glibc == nil && c.musl == nil:
		return "link it statically, or take a base with a libc: the image has no loader at all"
	case isMusl:
		return "add musl, or link it statically"
	case name != linuxInterpreter(c.arch) && c.glibc != nil:
		return "set the one that the image has: patchelf --set-interpreter " + linuxInterpreter(c.arch)
	}
	return "add the libc that it belongs to, or link it statically"
}

// mixed reports a library that is built for a libc which the image does not
// have; nothing more can be said of it then.
func (c *loading) mixed(s start) bool {
	libc := libcOf(s.entry.File.Program)
	isMusl := libc == "musl"
	if libc == "" || isMusl && c.musl != nil || !c.mixedName(isMusl) || !isMusl && c.glibc != nil {
		return false
	}
	severity := Warning
	switch {
	case strings.Contains(s.entry.Path, "/node_modules/"):
		severity = Note // packages come with one for each libc, and load theirs
	case s.role == asExtension && isMusl:
		severity = Error
	}
	c.report(s.entry, IDLibcMix, severity, c.mixMessage(libcName(s.entry.File.Program, isMusl), isMusl), c.mixCure(isMusl))
	return severity != Warning || isMusl
}

// libcName is the library that gave an object's libc away.
func libcName(p *Program, isMusl bool) string {
	for _, name := range p.Libraries {
		if strings.HasPrefix(name, "libc.") {
			return name
		}
	}
	if isMusl {
		return "musl"
	}
	return "ld-linux"
}
