package audit

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// python is one interpreter, as far as extensions care which one it is.
type python struct {
	minor string // "3.13"
	free  bool   // built without the global lock: "3.13t"
	pypy  bool
}

func (p python) String() string {
	name := "Python "
	if p.pypy {
		name = "PyPy "
	}
	if p.free {
		return name + p.minor + "t (free-threaded)"
	}
	return name + p.minor
}

// pySite is a folder of Python packages.
type pySite struct {
	dir    string
	named  *python  // by the folder's name: lib/python3.13/site-packages
	users  []python // the interpreters that read it; none if nobody can tell
	orphan bool     // named for one that is not in the image
	system bool     // the distribution's own packages, whose requirements it rewrites
	venv   string   // root of its virtual environment
	dists  []*dist
}

var (
	pythonProgram = regexp.MustCompile(`^(?:lib)?(python|pypy)([0-9]+\.[0-9]+)(t?)d?(?:-c)?(?:\.so(?:\..*)?|\.exe)?$`)
	pythonFolder  = regexp.MustCompile(`/(python|pypy)([0-9]+\.[0-9]+)(t?)/`)
	siteFolder    = regexp.MustCompile(`^.*?/(?:site|dist)-packages(?:/|$)`)
)

func newPython(m []string) python { return python{m[2], m[3] != "", m[1] == "pypy"} }

// pythons lists the interpreters of the image: programs, libpython, and the
// standard library without which there is none.
func (inv *Inventory) pythons() []python {
	var list []python
	for _, e := range inv.Files {
		var m []string
		dir, base := path.Split(e.Path)
		switch {
		case e.File == nil:
		case base == "os.py":
			if m = pythonFolder.FindStringSubmatch(dir); m != nil && !strings.HasSuffix(dir, m[0]) {
				m = nil
			}
		case loadable(e):
			m = pythonProgram.FindStringSubmatch(base)
		}
		if m != nil && !slices.Contains(list, newPython(m)) {
			list = append(list, newPython(m))
		}
	}
	slices.SortFunc(list, func(a, b python) int { return strings.Compare(a.String(), b.String()) })
	return list
}

// configured is the interpreter that the image's entrypoint starts; nil if that
// is none, or hard to tell.
func (inv *Inventory) configured() *python {
	if inv.Config == nil {
		return nil
	}
	r := runner{inv: inv}
	words := slices.Concat(inv.Config.Entrypoint, inv.Config.Command)
	for range 3 {
		if len(words) == 0 || words[0] == "" {
			return nil
		}
		e, ok := r.find(words[0], r.dir())
		if !ok || e.File == nil {
			return nil
		}
		if m := pythonProgram.FindStringSubmatch(path.Base(e.Path)); m != nil {
			p := newPython(m)
			return &p
		}
		line, ok := strings.CutPrefix(string(e.File.Head), "#!")
		if !ok {
			return nil
		}
		line, _, _ = strings.Cut(line, "\n")
		words = strings.Fields(line)
		if len(words) > 1 && path.Base(words[0]) == "env" {
			words = words[1:]
		}
	}
	return nil
}

// sites finds the folders of Python packages, and who reads them.
func (inv *Inventory) sites() []*pySite {
	found := map[string]*pySite{}
	add := func(dir string) {
		if found[dir] == nil {
			found[dir] = &pySite{dir: dir}
		}
	}
	searched := inv.pythonPath()
	for _, dir := range searched {
		if e, ok := inv.Resolve(dir); ok && e.Mode.IsDir() {
			add(e.Path)
		}
	}
	for name, e := range inv.Files {
		if e.Mode.IsDir() && path.Ext(name) == ".dist-info" {
			dir := siteFolder.FindString(name)
			if dir == "" {
				dir = path.Dir(name)
			}
			add(path.Clean(dir))
		} else if path.Ext(name) == ".so" || path.Ext(name) == ".pyd" {
			if dir := siteFolder.FindString(name); dir != "" {
				add(path.Clean(dir))
			}
		}
	}
	pythons, configured := inv.pythons(), inv.configured()
	var list []*pySite
	for dir, s := range found {
		if vendored(found, dir) {
			continue
		}
		s.assign(inv, pythons, configured, slices.Contains(searched, dir))
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *pySite) int { return strings.Compare(a.dir, b.dir) })
	return list
}

// vendored reports whether dir lies in another site: packages that ship others
// within themselves do not install them.
func vendored(found map[string]*pySite, dir string) bool {
	for d := dir; d != "/"; {
		d = path.Dir(d)
		if found[d] != nil && d != "/" {
			return true
		}
	}
	return false
}

// pythonPath is the value of PYTHONPATH in the configuration.
func (inv *Inventory) pythonPath() []string {
	var dirs []string
	if inv.Config != nil {
		for _, v := range inv.Config.Env {
			if list, ok := strings.CutPrefix(v, "PYTHONPATH="); ok {
				dirs = strings.Split(list, ":")
			}
		}
	}
	return slices.DeleteFunc(dirs, func(dir string) bool { return !path.IsAbs(dir) || path.Clean(dir) == "/" })
}

// systemFolder reports whether the distribution's package manager owns a folder.
func systemFolder(dir string) bool {
	return strings.HasPrefix(dir, "/usr/lib/") || strings.HasPrefix(dir, "/usr/lib64/") || strings.HasPrefix(dir, "/usr/share/")
}

// assign decides which interpreters read the site.
func (s *pySite) assign(inv *Inventory, pythons []python, configured *python, searched bool) {
	s.system = systemFolder(s.dir)
	if m := pythonFolder.FindStringSubmatch(s.dir + "/"); m != nil {
		p := newPython(m)
		s.named = &p
		if root := path.Dir(path.Dir(path.Dir(s.dir))); inv.Files[path.Join(root, "pyvenv.cfg")] != nil {
			s.venv = root
		}
	}
	switch {
	case searched && configured != nil:
		s.users = []python{*configured}
	case s.named != nil && slices.Contains(pythons, *s.named):
		s.users = []python{*s.named}
	case searched && len(pythons) == 1:
		s.users = pythons
	case s.named != nil:
		s.users = []python{*s.named}
		s.orphan = !inv.Partial && !inv.tree()
	case len(pythons) == 1 || path.Base(s.dir) == "dist-packages":
		s.users = pythons // Debian keeps one folder for all of its interpreters
	}
}
