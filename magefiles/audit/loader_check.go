package audit

import (
	"strings"
)

func loadingInfo() []CheckInfo {
	return []CheckInfo{
		{IDInterpreter, "the loader is missing", "The program asks the kernel for a loader (PT_INTERP) that the image does not have, or has for another machine: starting it ends with \"no such file or directory\", though the program is there."},
		{IDLibcMix, "another libc", "The file is built for musl and the image has glibc, or the reverse: their loaders, libraries and symbols are not those of one another."},
		{IDLibraryMissing, "a library is missing", "The loader would not find a library by its own rules (RPATH, RUNPATH, LD_LIBRARY_PATH, ld.so.conf, default folders). It is an error where a program or a Python module cannot start for sure. The content of ld.so.cache is not read: what ldconfig would write stands in for it, if the image has that file."},
		{IDSymbolVersion, "a library is too old", "The library that the loader takes does not define a symbol version that is needed of it, as when a program was built for a newer glibc than the image has: it ends with \"version not found\"."},
	}
}

// checkLoading follows every program and library of the platform's machine as
// the image's own loader would: the interpreter that it asks for, each library
// that it needs, each symbol version of those. It is silent about folders and
// wheels that are no root file system, and where layers were not read.
func checkLoading(inv *Inventory) []Finding {
	w, err := parsePlatform(inv.Platform)
	if err != nil || w.os != "linux" || inv.Partial {
		return nil
	}
	l := newLoader(inv, w.arch, promised(inv.Platform))
	if inv.Config == nil && l.glibc == nil && l.musl == nil {
		return nil
	}
	c := loading{loader: l, pythons: map[*Content]*process{}, reached: map[*Content]bool{}, reports: map[reportKey]*report{}}
	for _, s := range l.starts() {
		c.run(s)
	}
	return c.findings()
}

// promised are the subfolders of glibc-hwcaps that each machine of a platform
// with a micro-architecture level has: "linux/amd64/v3".
func promised(platform string) []string {
	parts := strings.Split(platform, "/")
	if len(parts) < 3 {
		return nil
	}
	all := glibcHwcaps(parts[1])
	for i, name := range all {
		if strings.HasSuffix(name, "-"+parts[2]) {
			return all[i:]
		}
	}
	return nil
}

// loading is the state of checkLoading.
type loading struct {
	*loader
	pythons map[*Content]*process
	reached map[*Content]bool // loaded by something else than itself
	reports map[reportKey]*report
}

func (c *loading) run(s start) {
	o := &object{hit: hit{path: s.entry.Path, entry: s.entry}}
	var p *process
	switch s.role {
	case asPlugin:
		if c.reached[s.entry.File] {
			return
		}
		if c.mixed(s) {
			return
		}
		p = c.start(o, c.speaksMusl(s.entry))
	case asExtension:
		if c.mixed(s) {
			return
		}
		p = c.imported(o)
	default:
		isMusl, ok := c.interpreted(s)
		if !ok {
			return
		}
		p = c.start(o, isMusl)
	}
	for _, t := range p.trouble {
		if s.role != asPlugin || !c.reached[t.by.entry.File] {
			c.missing(s, t)
		}
	}
	for _, d := range p.lacks() {
		if s.role != asPlugin || !c.reached[d.by.entry.File] {
			c.lacking(s, d)
		}
	}
	if s.role == asPlugin {
		return
	}
	for _, loaded := range p.objects {
		if loaded != o {
			c.reached[loaded.entry.File] = true
		}
	}
	if s.role == asExtension {
		c.reached[s.entry.File] = true
	}
}

// imported is a module in the process of the Python that it is installed for,
// or on its own where there is none.
func (c *loading) imported(o *object) *process {
	host := c.python(o.path)
	if host == nil {
		return c.start(o, c.speaksMusl(o.entry))
	}
	p, ok := c.pythons[host.File]
	if !ok {
		p = c.start(&object{hit: hit{path: host.Path, entry: host}}, c.isMuslLoader(host.File.Program.Interpreter))
		c.pythons[host.File] = p
	}
	return p.open(o)
}

// speaksMusl tells by whose rules a library without a known program is loaded.
func (c *loading) speaksMusl(e *Entry) bool {
	switch libcOf(e.File.Program) {
	case "musl":
		return c.musl != nil
	case "glibc":
		return c.glibc == nil && c.musl != nil
	}
	return c.glibc == nil && c.musl != nil
}

// libcOf is the libc that an object is linked with: "glibc", "musl" or "",
// which says nothing.
func libcOf(p *Program) string {
	for _, name := range p.Libraries {
		if strings.HasPrefix(name, "libc.musl-") || strings.HasPrefix(name, "ld-musl-") || name == "libc.so" {
			return "musl"
		}
		if name == "libc.so.6" || name == "libc.so.6.1" || strings.HasPrefix(name, "ld-linux") {
			return "glibc"
		}
	}
	return ""
}
