package audit

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// report is one finding in the making: one object and one kind of trouble,
// however many programs load it.
type report struct {
	entry                   *Entry
	severity, message, cure string
	names                   []string
	places                  []string
	users                   []string
}

type reportKey struct {
	file       *Content
	id, detail string
}

// report notes trouble of one file; of several names the first is told of.
func (c *loading) report(e *Entry, id, severity, message, cure string) {
	key := reportKey{e.File, id, message}
	if _, ok := c.reports[key]; !ok {
		c.reports[key] = &report{entry: e, severity: severity, message: message, cure: cure}
	}
}

// add collects a name under a key; the worst severity stays.
func (c *loading) add(s start, by *object, key reportKey, severity, name, cure string) *report {
	r, ok := c.reports[key]
	if !ok {
		r = &report{entry: by.entry, severity: severity, cure: cure}
		c.reports[key] = r
	}
	if severityRank(severity) < severityRank(r.severity) {
		r.severity = severity
	}
	r.names = appendNew(r.names, name)
	if s.entry.File != by.entry.File {
		r.users = appendNew(r.users, s.entry.Path)
	}
	return r
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// hostLibrary matches libraries of drivers, which the container engine brings
// in from the machine (nvidia-container-toolkit).
var hostLibrary = regexp.MustCompile(`^lib(cuda|cudadebugger|nvidia-[a-z-]+|nvcuvid|nvoptix|nvidia-ml)\.so(\.|$)`)

func (c *loading) missing(s start, t trouble) {
	there := c.provided(t.name)
	key := reportKey{t.by.entry.File, IDLibraryMissing, "nowhere"}
	switch {
	case t.hit.entry != nil && t.hit.bad:
		key.detail = "bad"
		r := c.add(s, t.by, key, grade(s), t.name, "put the library itself there, for "+c.inv.Platform)
		r.places = appendNew(r.places, c.inv.placeOf(t.hit.entry))
	case t.hit.entry != nil && t.hit.stale:
		key.detail = "stale"
		r := c.add(s, t.by, key, Warning, t.name, "run ldconfig after the last library was added")
		r.places = appendNew(r.places, c.inv.placeOf(t.hit.entry))
	case t.hit.entry != nil:
		key.detail = "newer"
		r := c.add(s, t.by, key, Warning, t.name, "add the library for all machines of "+c.inv.Platform)
		r.places = appendNew(r.places, c.inv.placeOf(t.hit.entry))
	case len(there) == 0 && hostLibrary.MatchString(t.name):
		key.detail = "host"
		c.add(s, t.by, key, Note, t.name, "nothing to do if the container runs where the driver is (docker run --gpus)")
	case len(there) == 0:
		c.add(s, t.by, key, grade(s), t.name, missingCure(t.name))
	case near(t.by.entry.Path, there) && s.role <= asExtension:
	default:
		key.detail = "elsewhere"
		r := c.add(s, t.by, key, elsewhereGrade(s, there), t.name, c.elsewhereCure(s, there[0]))
		r.places = appendNew(r.places, c.inv.placeOf(there[0]))
	}
}

// grade is how bad it is that a file cannot be loaded: an error only where it
// is sure that somebody will miss it.
func grade(s start) string {
	switch {
	case s.role >= asExtension:
		return Error
	case s.role == asPlugin && (optionalModule.MatchString(s.entry.Path) || testPlace.MatchString(s.entry.Path) || strings.Contains(s.entry.Path, "/lib-dynload/_tkinter.")):
		return Note // images without a screen leave that module of Python's own hanging
	}
	return Warning
}

// elsewhereGrade is that for a library which the image has, but not where the
// loader looks: a script may set LD_LIBRARY_PATH for a program, and Python's
// packages import one another first.
func elsewhereGrade(s start, there []*Entry) string {
	switch {
	case s.role == asCommand:
		return Error
	case s.role == asExtension && slices.ContainsFunc(there, func(e *Entry) bool { return packagesPlace.MatchString(e.Path) }):
		return Note
	}
	return Warning
}

func missingCure(name string) string {
	switch {
	case strings.HasPrefix(name, "libGL.so") || strings.HasPrefix(name, "libEGL.so"):
		return "install it (Debian: libgl1), or take a build without a screen (opencv-python-headless)"
	case strings.HasPrefix(name, "libgomp.so"):
		return "install it (Debian: libgomp1)"
	case strings.HasPrefix(name, "libstdc++.so"):
		return "install it (Debian: libstdc++6), or link it statically (-static-libstdc++)"
	case strings.HasPrefix(name, "libssl.so") || strings.HasPrefix(name, "libcrypto.so"):
		return "install the release of OpenSSL that it was linked with, or use rustls or a static OpenSSL"
	}
	return "install the package that has it, or leave this file out"
}

func (c *loading) elsewhereCure(s start, at *Entry) string {
	folder := path.Dir(at.Path)
	if up := path.Dir(folder); slices.ContainsFunc(c.system, func(f string) bool { at, ok := c.folder(f); return ok && at == up }) {
		return fmt.Sprintf("make the link that update-alternatives makes on an installed system: ln -s %s %s", path.Join(path.Base(folder), path.Base(at.Path)), up)
	}
	if s.role < asProgram {
		return "nothing to do if who opens it has loaded those before; else set its RUNPATH (patchelf --set-rpath " + folder + ")"
	}
	if _, ok := c.inv.Resolve("/etc/ld.so.cache"); !ok && slices.Contains(c.confFolders(), folder) {
		return "run ldconfig in the image: without /etc/ld.so.cache " + folder + " is not looked at"
	}
	return "set LD_LIBRARY_PATH=" + folder + " in the image, or the program's RUNPATH (patchelf --set-rpath " + folder + ")"
}

// provided lists the files of this machine that go by a library's name.
func (l *loader) provided(name string) []*Entry {
	if l.places == nil {
		l.places = map[string][]*Entry{}
		for _, e := range l.inv.Files {
			f, _ := l.inv.Resolve(e.Path)
			if f == nil || f.File == nil || f.File.Program == nil || f.File.Program.Arch != l.arch || f.File.Program.Kind != Shared {
				continue
			}
			base := path.Base(e.Path)
			l.places[base] = append(l.places[base], e)
			if soname := f.File.Program.Name; soname != base && f == e {
				l.places[soname] = append(l.places[soname], e)
			}
		}
		for _, list := range l.places {
			slices.SortFunc(list, func(a, b *Entry) int { return strings.Compare(a.Path, b.Path) })
		}
	}
	return l.places[path.Base(name)]
}

// commonFolder matches folders that packages which know nothing of each other
// share.
var commonFolder = regexp.MustCompile(`^/(usr|usr/local|opt|app|home|srv|var|var/lib|((usr|usr/local)/)?(lib|lib64|libexec|share)(/[^/]*-linux-gnu[^/]*)?)?$|/(node_modules|(site|dist)-packages|python3[^/]*)$`)

// near reports whether one of the files belongs to the same package as name, by
// the folder that both are in: such plug-ins are opened by what has loaded them.
func near(name string, others []*Entry) bool {
	return slices.ContainsFunc(others, func(e *Entry) bool {
		a, b := strings.Split(path.Dir(name), "/"), strings.Split(path.Dir(e.Path), "/")
		n := 0
		for n < len(a) && n < len(b) && a[n] == b[n] {
			n++
		}
		return !commonFolder.MatchString("/" + strings.Join(a[min(1, n):n], "/"))
	})
}

func (c *loading) lacking(s start, d lack) {
	key := reportKey{d.by.entry.File, IDSymbolVersion, d.library.entry.Path}
	r := c.add(s, d.by, key, grade(s), d.name, d.cure(c.arch))
	r.message = d.describe(c.inv)
}

// findings words what was collected.
func (c *loading) findings() []Finding {
	var list []Finding
	for key, r := range c.reports {
		message := r.message
		if message == "" {
			slices.Sort(r.names)
			slices.Sort(r.places)
			message = fmt.Sprintf(reportForms()[key.detail], strings.Join(r.names, ", "), strings.Join(r.places, ", "))
		}
		list = append(list, c.inv.finding(r.entry, key.id, r.severity, message+usedBy(r.users), r.cure))
	}
	Sort(list)
	return list
}

// reportForms are the messages: what is needed, then where it is.
func reportForms() map[string]string {
	return map[string]string{
		"nowhere":   "needs %s, which the image does not have%s",
		"host":      "needs %s of the machine's driver%s",
		"bad":       "needs %s, and the loader would take %s, which is no library for it",
		"stale":     "needs %s: %s is newer than /etc/ld.so.cache, so the loader may not know of it",
		"newer":     "needs %s, which the image has for newer processors only: %s",
		"elsewhere": "needs %s: the image has %s, where the loader does not look from here",
	}
}

func usedBy(users []string) string {
	slices.Sort(users)
	switch len(users) {
	case 0:
		return ""
	case 1:
		return "; " + users[0] + " loads it"
	}
	return fmt.Sprintf("; %s and %d more load it", users[0], len(users)-1)
}
