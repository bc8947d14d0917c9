package audit

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// role is why a file would be loaded, and so how sure it is that somebody will.
type role int

const (
	asPlugin    role = iota // a library that nothing needs: opened by hand, by a program that is not known, or never
	asExtra                 // a program in a place for extras, as those for other systems that npm puts side by side
	asExtension             // a module that Python imports
	asProgram               // a program of the image
	asCommand               // one in a folder of PATH, or that the image's configuration names
)

// start is one file to begin with, under one of its names.
type start struct {
	entry *Entry
	role  role
}

// starts lists the files of the loader's machine that something could begin
// with, sorted by what is known best about them, then by name.
func (l *loader) starts() []start {
	commands := l.commands()
	var starts []start
	for _, e := range l.inv.Files {
		if e.File == nil || e.File.Program == nil || e.File.Fault != nil {
			continue
		}
		p := e.File.Program
		if p.Format != ELF || p.Arch != l.arch || p.Kind != Executable && p.Kind != Shared || p.OS != "" && p.OS != "linux" {
			continue
		}
		switch {
		case l.isLoader(e):
		case p.Interpreter != "" && e.Mode&0o111 != 0:
			starts = append(starts, start{e, programRole(e, commands)})
		case p.Kind == Shared && len(p.Libraries) > 0 && importable(e.Path):
			starts = append(starts, start{e, asExtension})
		case p.Kind == Shared && len(p.Libraries) > 0 && (p.Interpreter == "" || strings.Contains(path.Base(e.Path), ".so")):
			starts = append(starts, start{e, asPlugin})
		}
	}
	slices.SortFunc(starts, func(a, b start) int {
		if a.role != b.role {
			return int(b.role) - int(a.role)
		}
		return strings.Compare(a.entry.Path, b.entry.Path)
	})
	return starts
}

func (l *loader) isLoader(e *Entry) bool {
	return l.glibc != nil && e.File == l.glibc.entry.File || l.musl != nil && e.File == l.musl.entry.File
}

// commands are the files that the image's configuration, or a name without a
// folder in a shell, leads to.
func (l *loader) commands() map[*Content]bool {
	list := "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	commands := map[*Content]bool{}
	if c := l.inv.Config; c != nil {
		for _, pair := range c.Env {
			if value, ok := strings.CutPrefix(pair, "PATH="); ok {
				list = value
			}
		}
		for _, argv := range [][]string{c.Entrypoint, c.Command} {
			if len(argv) > 0 && strings.Contains(argv[0], "/") {
				folder, base := path.Split(argv[0])
				if e := l.look(folder, base); e != nil {
					commands[e.File] = true
				}
			}
		}
	}
	var folders []string
	for _, folder := range strings.Split(list, ":") {
		if at, ok := l.folder(folder); ok && folder != "" {
			folders = append(folders, at)
		}
	}
	for folder, names := range l.list(folders...) {
		for _, base := range names {
			if e := l.look(folder, base); e != nil {
				commands[e.File] = true
			}
		}
	}
	return commands
}

// extraPlace matches folders whose programs need not all be of use: packages
// of npm for several systems, examples, fixtures.
var extraPlace = regexp.MustCompile(`/(node_modules|(site|dist)-packages|test|tests|testdata|fixtures|examples?|doc)/`)

func programRole(e *Entry, commands map[*Content]bool) role {
	switch {
	case commands[e.File]:
		return asCommand
	case extraPlace.MatchString(e.Path):
		return asExtra
	}
	return asProgram
}

var (
	packagesPlace = regexp.MustCompile(`^(.*)/lib(?:64)?/(python3[^/]*)/(?:site|dist)-packages/`)
	importName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.(cpython|pypy)[^/]*|\.abi3)?\.so$`)
	moduleFolder  = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*/)*$`)
)

// optionalModule are modules and plug-ins of well-known packages of which some
// are there for systems that have more installed: the rest does without them.
var optionalModule = regexp.MustCompile(`/numba/np/ufunc/(tbb|omp)pool\.|-packages/(PyQt|PySide)[0-9]/`)

// importable reports whether Python would import the file by its place and
// name. Libraries that packages bring along begin with "lib".
func importable(name string) bool {
	m := packagesPlace.FindString(name)
	if m == "" || optionalModule.MatchString(name) {
		return false
	}
	folder, base := path.Split(name[len(m):])
	return importName.MatchString(base) && moduleFolder.MatchString(folder) && !strings.HasPrefix(base, "lib") && !testPlace.MatchString(name)
}

var testPlace = regexp.MustCompile(`/(test|tests|_tests|testing|testdata|examples?)/`)

// python is the program that imports what lies at name: the one of the same
// prefix, in a virtual environment through its link.
func (l *loader) python(name string) *Entry {
	m := packagesPlace.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	for _, base := range []string{m[2], "python3", "python"} {
		e := l.look(m[1]+"/bin", base)
		if e != nil && e.Mode.Type() == fs.FileMode(0) && e.File.Program != nil && e.File.Program.Arch == l.arch && e.File.Program.Interpreter != "" {
			return e
		}
	}
	return nil
}
