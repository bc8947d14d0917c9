package audit

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
)

// world is a root file system in the making, of data only.
type world struct{ *Inventory }

func newWorld(platform string) world {
	return world{&Inventory{
		Platform: platform, Config: &Config{}, Layers: []LayerFacts{{Name: "base"}, {Name: "app", Index: 1}},
		Files: map[string]*Entry{"/": {Path: "/", Mode: fs.ModeDir | 0o755}},
	}}
}

// debian has the loader, the libc and the merged /usr of Debian on amd64.
func debian() world {
	w := newWorld("linux/amd64")
	w.link("/lib", "usr/lib").link("/lib64", "usr/lib64").link("/bin", "usr/bin")
	w.link("/usr/lib64/ld-linux-x86-64.so.2", "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
	w.put("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", Program{Name: "ld-linux-x86-64.so.2", Defines: []string{"GLIBC_2.2.5"}})
	w.put("/usr/lib/x86_64-linux-gnu/libc.so.6", Program{
		Name: "libc.so.6", Libraries: []string{"ld-linux-x86-64.so.2"}, Interpreter: linuxInterpreter("amd64"),
		Defines: []string{"GLIBC_2.2.5", "GLIBC_2.28", "GLIBC_2.36", "GLIBC_PRIVATE"},
	})
	return w
}

// alpine has musl.
func alpine() world {
	w := newWorld("linux/amd64")
	w.put("/lib/ld-musl-x86_64.so.1", Program{Name: "libc.musl-x86_64.so.1"})
	w.link("/lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1")
	return w
}

func (w world) parents(name string) {
	for d := path.Dir(name); w.Files[d] == nil; d = path.Dir(d) {
		w.Files[d] = &Entry{Path: d, Mode: fs.ModeDir | 0o755}
	}
}

func (w world) link(name, to string) world {
	w.parents(name)
	w.Files[name] = &Entry{Path: name, Mode: fs.ModeSymlink | 0o777, Link: to}
	return w
}

// put adds an ELF file for amd64 unless p says otherwise.
func (w world) put(name string, p Program) world {
	if p.Arch == "" {
		p.Binary = Binary{Format: ELF, Kind: Shared, Arch: "amd64", Machine: "x86-64", Bits: 64, Endian: "little"}
	}
	return w.file(name, &Content{Program: &p})
}

func (w world) text(name, text string) world { return w.file(name, &Content{Text: []byte(text)}) }

func (w world) file(name string, c *Content) world {
	w.parents(name)
	c.Names = append(c.Names, name)
	w.Files[name] = &Entry{Path: name, Mode: 0o755, File: c}
	return w
}

// layer moves files to a layer.
func (w world) layer(n int, names ...string) world {
	for _, name := range names {
		w.Files[name].Layer = n
	}
	return w
}

// program needs libraries, and is started by glibc's loader.
func program(libraries ...string) Program {
	return Program{Interpreter: linuxInterpreter("amd64"), Libraries: libraries}
}

func muslProgram(libraries ...string) Program {
	return Program{Interpreter: muslInterpreter("amd64"), Libraries: libraries}
}

func lib(libraries ...string) Program { return Program{Libraries: libraries} }

func (p Program) withRPath(folders ...string) Program   { p.RPath = folders; return p }
func (p Program) withRunPath(folders ...string) Program { p.RunPath = folders; return p }
func (p Program) withName(name string) Program          { p.Name = name; return p }

func (p Program) of(arch string) Program {
	p.Binary = Binary{Format: ELF, Kind: Shared, Arch: arch, Machine: arch, Bits: 64}
	return p
}

// resolves loads a file and lists what it gets, main left out: real names, and
// "!name" for what is missing or of no use.
func (w world) resolves(t *testing.T, name string, hwcaps ...string) string {
	t.Helper()
	l := newLoader(w.Inventory, "amd64", hwcaps)
	e, ok := w.Resolve(name)
	if !ok {
		t.Fatalf("no %s", name)
	}
	p := l.start(&object{hit: hit{path: name, entry: e}}, l.isMuslLoader(e.File.Program.Interpreter))
	var list []string
	for _, o := range p.objects[1:] {
		list = append(list, o.entry.Path)
	}
	for _, m := range p.trouble {
		list = append(list, "!"+m.name)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// found runs the check: "severity id path" of each finding, sorted.
func (w world) found() (list string, messages string) {
	var a, b []string
	for _, f := range checkLoading(w.Inventory) {
		a = append(a, f.Severity+" "+f.ID+" "+f.Path)
		b = append(b, f.Message+"\n"+f.Cure)
	}
	return strings.Join(a, "\n"), strings.Join(b, "\n")
}
