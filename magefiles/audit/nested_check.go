package audit

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// IDArchiveLimit is the finding for an archive that was not read in full.
const IDArchiveLimit = "archive-limit"

// checkNested judges native files in archives. An archive that has them for
// many platforms is right, as of JNA or Netty: whoever unpacks it chooses. So
//
//   - one that has any for this platform is fine; the others in it are a note;
//   - one that has them for several others, and none for this, may still be
//     meant to fall back on something slower: a warning;
//   - one that is for one other platform is an error, unless its twin for this
//     platform lies beside it: Maven's class path has one jar of each;
//   - a Python extension has to fit however many others do, unless its twin is
//     in the same archive: an interpreter imports it by that name or not at all.
//
// Programs of other systems are never more than a note, and launchers for
// Windows nothing at all: every pip has them, and every Python has pip's wheel.
func checkNested(inv *Inventory) []Finding {
	w, err := parsePlatform(inv.Platform)
	if err != nil {
		return nil
	}
	fitting := inv.fittingFamilies(w)
	var findings []Finding
	for name, e := range inv.Files {
		if e.File == nil || len(e.File.Inner) == 0 || name != e.File.Names[0] {
			continue
		}
		a := archive{inv: inv, w: w, entry: e, foreign: map[string]bool{}, modules: map[string]bool{}}
		a.sort()
		findings = append(findings, a.findings(fitting[family(name)])...)
	}
	return findings
}

// archive is what one archive has for whom.
type archive struct {
	inv     *Inventory
	w       want
	entry   *Entry
	fits    int
	foreign map[string]bool // other machines of this platform's format
	modules map[string]bool // Python's extensions that fit, without the ends of their names
	wrong   []judged
}

type judged struct {
	Inner
	verdict
}

func (a *archive) sort() {
	for _, in := range a.entry.File.Inner {
		if in.Program == nil {
			continue
		}
		b := in.Program.Binary
		v := judge(b, a.w, "/"+in.Path)
		switch {
		case v.id == "" && b.Format == a.w.format && b.Arch == a.w.arch:
			a.fits++
			a.modules[moduleStem(in.Path)] = true
		case v.id == "", b.Format == PE && launcher(in.Path):
		default:
			if b.Format == a.w.format {
				a.foreign[b.OS+"/"+b.Arch+b.Variant] = true
			} else {
				v.severity = Note
			}
			a.wrong = append(a.wrong, judged{in, v})
		}
	}
}

func (a *archive) findings(twin bool) []Finding {
	var out []Finding
	notes := 0
	first := -1
	for _, x := range a.wrong {
		f := a.finding(x)
		switch stem := moduleStem(x.Path); {
		case f.Severity != Error:
		case stem != "" && a.fits > 0:
			if a.modules[stem] {
				f.Severity = Note
			}
		case a.fits > 0, twin:
			f.Severity = Note
		case len(a.foreign) > 1:
			f.Severity = Warning
		}
		if f.Severity != Note {
			out = append(out, f)
			continue
		}
		if notes++; first < 0 {
			first = len(out)
			f.Cure = "nothing to do, if whoever unpacks it chooses; leave them out to save space"
			out = append(out, f)
		}
	}
	if notes > 1 {
		out[first].Message += fmt.Sprintf("; and %d more like it in this archive", notes-1)
	}
	for _, in := range a.entry.File.Inner {
		if in.Program == nil && in.Fault != nil {
			out = append(out, a.inv.finding(a.entry, IDArchiveLimit, Warning, in.Fault.Error(),
				"look into it by itself, and leave it out if nothing needs it"))
		}
	}
	return out
}

func (a *archive) finding(x judged) Finding {
	f := a.inv.finding(a.entry, x.id, x.severity, x.reason+" in an archive in "+a.inv.holder(), cure(x.verdict, x.Program.Binary, a.w, "/"+x.Path))
	f.Path += "!" + x.Path
	return f
}

// fittingFamilies tells which archives, by folder and name without version and
// platform, have a native file for this platform.
func (inv *Inventory) fittingFamilies(w want) map[string]bool {
	families := map[string]bool{}
	for name, e := range inv.Files {
		if e.File == nil {
			continue
		}
		for _, in := range e.File.Inner {
			if in.Program != nil && in.Program.Format == w.format && in.Program.Arch == w.arch && judge(in.Program.Binary, w, "/"+in.Path).id == "" {
				families[family(name)] = true
			}
		}
	}
	return families
}

// family is folder and name up to what looks like a version: all that is equal
// in netty-epoll-4.1.9-linux-x86_64.jar and netty-epoll-4.1.9-linux-aarch_64.jar,
// or in two wheels of one project.
func family(name string) string {
	dir, base := path.Split(name)
	for i := 2; i < len(base); i++ {
		if base[i-1] == '-' && base[i] >= '0' && base[i] <= '9' {
			return dir + strings.ToLower(base[:i-1])
		}
	}
	return name
}

var moduleName = regexp.MustCompile(`^(.*[^/])\.(cpython-[^/]+|abi3|pypy[^/]+|graalpy[^/]+)\.so$`)

// moduleStem is a Python extension's path without what depends on interpreter
// and platform; "" for what is none by its name.
func moduleStem(name string) string {
	if m := moduleName.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return ""
}
