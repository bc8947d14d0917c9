package audit

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	manylinuxTag = regexp.MustCompile(`^(many|musl)linux_([0-9]+)_([0-9]+)_(.+)$`)
	pythonTag    = regexp.MustCompile(`^(cp|py|pp)([0-9])([0-9]*)$`)
)

// checkTags holds the tags of an installed wheel against the image: one of them
// must fit. How bad it is if none does, its native files say.
func (py *pythonAudit) checkTags(s *pySite, d *dist) []Finding {
	if len(d.tags) == 0 {
		return nil
	}
	at := d.entry
	if e, ok := py.inv.Resolve(path.Join(d.dir, "WHEEL")); ok {
		at = e
	}
	natives := py.natives(d)
	var reason string
	for _, tag := range d.tags {
		why := py.tagUnfit(tag, s.users)
		if why == "" {
			return py.lies(d, natives)
		}
		if reason == "" {
			reason = fmt.Sprintf("%s is installed from a wheel for %s: %s", d.name, tag, why)
		}
	}
	severity := Warning
	if !s.system && !s.orphan && slices.ContainsFunc(natives, func(e *Entry) bool { return !py.usable(e, s) }) {
		severity = Error
	}
	return []Finding{py.inv.finding(at, IDWheelTag, severity, reason,
		fmt.Sprintf("install %s for %s: uv pip install --python-platform … --python-version … --only-binary :all:", d.name, py.place(s)))}
}

// tagUnfit says why an installer would not take a wheel with that tag.
func (py *pythonAudit) tagUnfit(tag string, users []python) string {
	parts := strings.Split(tag, "-")
	if why := py.platformUnfit(parts[2]); why != "" {
		return why
	}
	if len(users) > 0 && !slices.ContainsFunc(users, func(p python) bool { return pythonFits(parts[0], parts[1], p) }) {
		return "its packages are read by " + py.reader(&pySite{users: users})
	}
	return ""
}

func pythonFits(tag, abi string, p python) bool {
	m := pythonTag.FindStringSubmatch(tag)
	if m == nil {
		return true // of an interpreter unknown to us
	}
	minor := m[2] + "." + m[3]
	switch {
	case m[1] == "py" && m[3] == "":
		return strings.HasPrefix(p.minor, m[2]+".")
	case m[1] == "py":
		return strings.HasPrefix(p.minor, m[2]+".") && CompareVersions(minor, p.minor) <= 0
	case m[1] == "pp":
		return p.pypy && minor == p.minor
	case p.pypy:
		return false
	case m[3] == "":
		return strings.HasPrefix(p.minor, m[2]+".")
	case abi == "abi3":
		return !p.free && CompareVersions(minor, p.minor) <= 0
	case abi == "none":
		return minor == p.minor
	}
	return minor == p.minor && strings.HasSuffix(abi, "t") == p.free
}

// platformUnfit looks at the last part of a tag.
func (py *pythonAudit) platformUnfit(tag string) string {
	for old, release := range map[string]string{"manylinux1_": "manylinux_2_5_", "manylinux2010_": "manylinux_2_12_", "manylinux2014_": "manylinux_2_17_"} {
		if arch, ok := strings.CutPrefix(tag, old); ok {
			tag = release + arch
		}
	}
	m := manylinuxTag.FindStringSubmatch(tag)
	system, arch := "", ""
	switch {
	case tag == "any":
		return ""
	case m != nil:
		system, arch = "linux", m[4]
	case strings.HasPrefix(tag, "linux_"):
		system, arch = "linux", strings.TrimPrefix(tag, "linux_")
	case strings.HasPrefix(tag, "macosx_"):
		system, arch = "darwin", macArch(tag)
	case tag == "win32":
		system, arch = "windows", "386"
	case strings.HasPrefix(tag, "win_"):
		system, arch = "windows", strings.TrimPrefix(tag, "win_")
	default:
		system = tag
	}
	if arch != "" {
		arch = wordMachine(arch)
	}
	switch {
	case system != py.w.os:
		return "that is another system"
	case arch != "" && arch != py.w.arch:
		return "that is another machine"
	case m == nil:
		return ""
	case m[1] == "musl" && py.libc == "glibc", m[1] == "many" && py.libc == "musl":
		return "the image has " + py.libc
	case m[1] == "many" && py.glibc != "" && CompareVersions(m[2]+"."+m[3], py.glibc) > 0:
		return "the image has glibc " + py.glibc
	}
	return ""
}

// macArch is the machine of "macosx_11_0_arm64"; "" for those that hold several.
func macArch(tag string) string {
	for _, arch := range []string{"arm64", "x86_64", "i386"} {
		if strings.HasSuffix(tag, "_"+arch) {
			return arch
		}
	}
	return ""
}

// natives are the files of a package, by its RECORD, that hold native code.
func (py *pythonAudit) natives(d *dist) []*Entry {
	var list []*Entry
	for _, row := range d.record {
		e, ok := py.inv.Resolve(row.path)
		if !ok || !loadable(e) || device(e.File.Program.Arch) || e.File.Program.Kind == Managed || launcher(e.Path) {
			continue
		}
		list = append(list, e)
	}
	return list
}

// usable reports whether a native file can be loaded here: by its header and,
// for an extension, by its name.
func (py *pythonAudit) usable(e *Entry, s *pySite) bool {
	x, ok := parseExtension(e.Path)
	if ok {
		if reason, _ := x.unfit(py.w, py.libc, s.users); reason != "" {
			return false
		}
	}
	return py.families.fits(e)
}

// lies finds native code in a package that says to be for any platform. Some
// bring the code of all platforms, and pick theirs.
func (py *pythonAudit) lies(d *dist, natives []*Entry) []Finding {
	if len(natives) == 0 || slices.ContainsFunc(d.tags, func(tag string) bool { return !strings.HasSuffix(tag, "-any") }) {
		return nil
	}
	severity, first := Note, natives[0]
	message := fmt.Sprintf("%s says that it is for any platform (%s) and holds native code: %s", d.name, d.tags[0], first.File.Program.Binary)
	fits := slices.ContainsFunc(natives, py.families.fits)
	ours := slices.IndexFunc(natives, func(e *Entry) bool { return e.File.Program.Format == py.w.format && !py.families.fits(e) })
	switch {
	case fits && ours >= 0, !fits && ours < 0: // for several platforms, or for other systems only
	case fits:
		severity = Warning
	case ours >= 0:
		severity, first = Error, natives[ours]
		message = fmt.Sprintf("%s says that it is for any platform (%s) and holds native code that %s cannot load: %s", d.name, d.tags[0], py.inv.Platform, first.File.Program.Binary)
	}
	return []Finding{py.inv.finding(first, IDWheelTagLies, severity, message, "build the package with a tag of its platform (a setuptools ext_modules, or bdist_wheel --plat-name), one wheel for each")}
}
