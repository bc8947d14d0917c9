package audit

import (
	"io/fs"
	"path"
	"strings"
)

// IDs of what goes wrong when Linux starts a program or loads a library.
const (
	IDInterpreter    = "interpreter"     // the loader that a program asks for is not in the image, or is for another machine
	IDLibcMix        = "libc-mix"        // built for musl in an image of glibc, or the reverse
	IDLibraryMissing = "library-missing" // the loader would not find a library
	IDSymbolVersion  = "symbol-version"  // the library that it finds is too old
)

// loader sees an inventory as the dynamic loaders of Linux do: ld.so(8) of
// glibc, and musl's. It remembers what it looked up, so one serves all checks.
type loader struct {
	inv         *Inventory
	arch        string
	env         []string // LD_LIBRARY_PATH of the image's configuration
	cwd         string   // where an image's process starts, for relative paths
	hwcaps      []string // subfolders of glibc-hwcaps that the machine has, best first
	glibc, musl *object  // the loaders of the image's platform, where it has them
	triplet     string   // of Debian's multiarch folders ("x86_64-linux-gnu"), where glibc is built for them
	system      []string // folders that are built into glibc's loader
	muslPath    []string // and those of musl's, or of its file of settings

	folders map[string]string // as written -> real name; "" where there is none
	entries map[string]*Entry // what look found
	plain   map[string]hit    // what glibc's loader finds for objects without any RPATH or RUNPATH
	cache   map[string][]hit  // what ldconfig would list, by SONAME
	places  map[string][]*Entry
}

// hit is one file that a loader found.
type hit struct {
	path  string // by which it was opened: $ORIGIN in it is the folder of this
	entry *Entry
	bad   bool // no ELF file: loaders give up there
	stale bool // found in ld.so.cache only if that was made after it, and its layer is older
	newer bool // found for newer processors than the platform promises, and not for all
}

// object is one file in a process.
type object struct {
	hit
	by *object // who loaded it; nil for the program, and what is opened by hand
}

func (o *object) program() *Program { return o.entry.File.Program }

// newLoader prepares for programs of the inventory's platform. hwcaps are the
// subfolders of glibc-hwcaps to take libraries from.
func newLoader(inv *Inventory, arch string, hwcaps []string) *loader {
	l := &loader{
		inv: inv, arch: arch, hwcaps: hwcaps, cwd: "/",
		folders: map[string]string{}, entries: map[string]*Entry{}, plain: map[string]hit{},
	}
	if inv.Config != nil {
		l.cwd = path.Join("/", inv.Config.WorkingDir)
		for _, pair := range inv.Config.Env {
			if list, ok := strings.CutPrefix(pair, "LD_LIBRARY_PATH="); ok && list != "" {
				l.env = strings.FieldsFunc(list, func(r rune) bool { return r == ':' || r == ';' })
			}
		}
	}
	if o, ok := l.interpreter(linuxInterpreter(arch)); ok {
		l.setGlibc(o)
	}
	if o, ok := l.interpreter(muslInterpreter(arch)); ok {
		l.musl = o
	}
	l.muslPath = l.muslFolders()
	return l
}

// interpreter opens a loader as the kernel does, false if there is none for
// this machine.
func (l *loader) interpreter(name string) (*object, bool) {
	e, ok := l.inv.Resolve(name)
	if !ok || e.File == nil || e.File.Program == nil || e.File.Program.Arch != l.arch {
		return nil, false
	}
	return &object{hit: hit{path: name, entry: e}}, true
}

// folder is the real name of a folder; ".." is where the link before it leads.
func (l *loader) folder(name string) (string, bool) {
	if !strings.HasPrefix(name, "/") {
		name = l.cwd + "/" + name
	}
	if at, ok := l.folders[name]; ok {
		return at, at != ""
	}
	at := ""
	if e, ok := l.inv.Resolve(name); ok && e.Mode.IsDir() {
		at = e.Path
	}
	l.folders[name] = at
	return at, at != ""
}

// look finds a regular file in a folder, through links.
func (l *loader) look(folder, name string) *Entry {
	key := folder + "/" + name
	if e, ok := l.entries[key]; ok {
		return e
	}
	var e *Entry
	if at, ok := l.folder(folder); ok {
		at = path.Join(at, name)
		if e = l.inv.Files[at]; e != nil && e.Mode.Type() == fs.ModeSymlink {
			e, _ = l.inv.Resolve(at)
		}
		if e != nil && e.File == nil {
			e = nil
		}
	}
	l.entries[key] = e
	return e
}

// open is what glibc's loader makes of a name in a folder: a file for another
// machine or width is passed over, and any other file that cannot be loaded is
// the end of the search.
func (l *loader) open(folder, name string) (hit, bool) {
	e := l.look(folder, name)
	if e == nil {
		return hit{}, false
	}
	h := hit{path: strings.TrimSuffix(folder, "/") + "/" + name, entry: e}
	p := e.File.Program
	if p == nil || p.Format != ELF || p.Arch == "" {
		h.bad = true
		return h, true
	}
	return h, p.Arch == l.arch
}
