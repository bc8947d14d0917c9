package audit

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// extension is what the name of a Python module in native code says.
type extension struct {
	module string // its path without what follows the first dot
	python *python
	debug  bool
	stable bool   // abi3: for all later releases of CPython, too
	os     string // "" says nothing, as for plain "x.so"
	arch   string
	libc   string
}

var (
	extensionUnix    = regexp.MustCompile(`^(cpython|pypy|graalpy)-?([0-9])([0-9]+)([a-z]*)(?:-(?:pp[0-9]+|native))?(?:-([a-z0-9_-]+))?\.so$`)
	extensionWindows = regexp.MustCompile(`^(cp|pp)([0-9])([0-9]+)([a-z]*)-(win32|win_amd64|win_arm64|mingw_[a-z0-9_]+)\.pyd$`)
)

// parseExtension reads the name of a file; false if it is none of an extension,
// as for libraries that extensions load.
func parseExtension(name string) (extension, bool) {
	dir, base := path.Split(name)
	stem, suffix, _ := strings.Cut(base, ".")
	x := extension{module: dir + stem}
	switch suffix {
	case "so":
		return x, true
	case "abi3.so":
		x.stable = true
		return x, true
	case "pyd":
		x.os = "windows"
		return x, true
	}
	m := extensionUnix.FindStringSubmatch(suffix)
	if m == nil {
		if m = extensionWindows.FindStringSubmatch(suffix); m == nil {
			return x, false
		}
	}
	x.python = &python{m[2] + "." + m[3], strings.Contains(m[4], "t"), m[1] == "pypy" || m[1] == "pp"}
	x.debug = strings.Contains(m[4], "d")
	x.platform(m[5])
	return x, true
}

// platform reads "x86_64-linux-gnu", "darwin", "win_amd64".
func (x *extension) platform(text string) {
	switch text {
	case "":
		return
	case "win32":
		x.os, x.arch = "windows", "386"
		return
	case "darwin":
		x.os = "darwin"
		return
	}
	if arch, ok := strings.CutPrefix(text, "win_"); ok {
		x.os, x.arch = "windows", archAlias(arch)
		return
	}
	machine, system, _ := strings.Cut(text, "-")
	x.arch = wordMachine(machine)
	switch {
	case strings.Contains(system, "android"):
		x.os = "android"
	case strings.HasPrefix(system, "linux"):
		x.os = "linux"
		x.libc = "glibc"
		if strings.Contains(system, "musl") {
			x.libc = "musl"
		}
	default:
		x.os, x.arch = text, "" // ios, emscripten and such
	}
}

// unfit says in a few words what the interpreters of a platform with that C
// library miss in the name; "" if one of them would load it. abi tells that
// only the interpreter is another.
func (x extension) unfit(w want, libc string, users []python) (reason string, abi bool) {
	switch {
	case x.os != "" && x.os != w.os, x.os == "" && x.python == nil && w.os == "windows":
		return "is named for " + orWord(x.os, "another system"), false
	case x.arch != "" && x.arch != w.arch:
		return "is named for " + x.os + "/" + x.arch, false
	case x.libc == "musl" && libc == "glibc", x.libc == "glibc" && libc == "musl" && CompareVersions(x.python.minor, "3.12") >= 0:
		return "is named for " + x.libc, false // older Pythons on musl called themselves gnu
	case len(users) == 0 || slices.ContainsFunc(users, x.loads):
		return "", false
	case x.stable:
		return "has the stable ABI, which " + users[0].String() + " does not load", true
	case x.debug:
		return "is for a debug build of " + x.python.String(), true
	}
	return "is for " + x.python.String(), true
}

func (x extension) loads(p python) bool {
	switch {
	case x.stable:
		return !p.free && !p.pypy
	case x.python == nil:
		return true
	}
	return *x.python == p && !x.debug
}

func orWord(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// checkExtensions holds the names of all extensions against the interpreter of
// the folder that they lie in: a name that it does not look for is as good as
// no file. A module that has another file, which it takes, is all right.
func (py *pythonAudit) checkExtensions(s *pySite) []Finding {
	type file struct {
		e      *Entry
		reason string
		abi    bool
	}
	modules := map[string][]file{}
	served := map[string]bool{}
	for _, e := range py.inside[s.dir] {
		x, ok := parseExtension(e.Path)
		if !ok || !loadable(e) {
			continue
		}
		reason, abi := x.unfit(py.w, py.libc, s.users)
		modules[x.module] = append(modules[x.module], file{e, reason, abi})
		served[x.module] = served[x.module] || reason == "" && py.families.fits(e)
	}
	var findings []Finding
	for module, files := range modules {
		for _, f := range files {
			if f.reason == "" || served[module] || !f.abi && judge(f.e.File.Program.Binary, py.w, f.e.Path).severity == Error {
				continue // what the code itself is for, the check of machines says
			}
			severity := Error
			if s.system || py.inv.Files[module+".py"] != nil || py.inv.Files[module+"/__init__.py"] != nil {
				severity = Warning // pure Python takes its place, or another release's packages lie here, too
			}
			message := f.reason + ", and nothing else serves this module on " + py.reader(s)
			findings = append(findings, py.inv.finding(f.e, IDPythonABI, severity, message,
				"install the wheel for "+py.place(s)+": uv pip install --python-platform … --python-version … --only-binary :all:"))
		}
	}
	return findings
}

// reader names who reads a site.
func (py *pythonAudit) reader(s *pySite) string {
	if len(s.users) == 0 {
		return py.inv.Platform
	}
	var names []string
	for _, p := range s.users {
		names = append(names, p.String())
	}
	return strings.Join(names, " or ")
}

// place is the platform, and who reads the site if that is known.
func (py *pythonAudit) place(s *pySite) string {
	if len(s.users) == 0 {
		return py.inv.Platform
	}
	return py.inv.Platform + " and " + py.reader(s)
}

// checkInterpreter finds folders of packages that no interpreter reads, and
// virtual environments whose interpreter is gone.
func (py *pythonAudit) checkInterpreter(s *pySite) []Finding {
	e := py.inv.Files[s.dir]
	if e == nil || py.inv.Partial || py.inv.tree() {
		return nil
	}
	if s.venv != "" {
		link := py.inv.Files[path.Join(s.venv, "bin/python")]
		if link != nil && link.Link != "" {
			if _, ok := py.inv.Resolve(link.Path); !ok {
				return []Finding{py.inv.finding(link, IDPythonABI, Error, fmt.Sprintf("the virtual environment's interpreter %q is not in the image", link.Link), "create the environment with the Python that is in the image, or copy that Python, too, to the same place")}
			}
		}
	}
	if !s.orphan || s.system || len(s.dists) == 0 {
		return nil
	}
	have := "no interpreter at all"
	if len(py.pythons) > 0 {
		have = "only " + py.pythons[0].String()
	}
	return []Finding{py.inv.finding(e, IDPythonABI, Warning, fmt.Sprintf("holds packages for %s, and the image has %s", s.named, have), "install them with the Python that is in the image, or leave them out")}
}
