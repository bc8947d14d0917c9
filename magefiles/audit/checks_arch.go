package audit

import (
	"fmt"
	"slices"
	"strings"
)

// checkArch holds every native file against the platform: machine, byte order,
// width, float ABI, operating system, format. A file with several names is one
// finding.
func checkArch(inv *Inventory) []Finding {
	w, err := parsePlatform(inv.Platform)
	if err != nil {
		return nil
	}
	var findings []Finding
	var others *families // of files for several platforms; seldom asked for
	for name, e := range inv.Files {
		if e.File == nil || e.File.Program == nil || name != e.File.Names[0] {
			continue
		}
		b := e.File.Program.Binary
		v, at := judgeNames(b, w, e.File.Names)
		if v.id == "" {
			v = faulty(e.File, w)
		}
		if v.id == "" {
			continue
		}
		p := e.File.Names[at]
		f := inv.finding(inv.Files[p], v.id, v.severity, v.reason+" in "+inv.holder()+also(e.File.Names, at), cure(v, b, w, p))
		if v.id != IDMalformed {
			if w.os == "linux" && w.arch == "amd64" && b.Arch == "386" && inv.runs386() {
				f.Severity, f.Message, f.Cure = Note, f.Message+", which has a loader for such files", "nothing to do, if it is meant to be there"
			}
			if f.Severity = milder(f.Severity, p); f.Severity == Note && v.severity != Note {
				f.Cure = "nothing to do, if tests read it as data"
			}
			if others == nil {
				others = newFamilies(inv)
			}
			if why, ok := others.excused(inv.Files[p]); ok {
				f.Severity, f.Message, f.Cure = Note, f.Message+"; "+why, "nothing to do; leave it out to save space"
			}
		}
		findings = append(findings, f)
	}
	return withWine(inv, findings)
}

// runs386 reports whether an image for amd64 has what 32-bit programs need:
// processor and kernel run them, and whoever installs their loader wants them.
func (inv *Inventory) runs386() bool {
	e, ok := inv.Resolve(linuxInterpreter("386"))
	return ok && e.File != nil && e.File.Program != nil && e.File.Program.Arch == "386"
}

// faulty is the verdict on a file whose header fits, and that cannot be loaded
// nevertheless. Files in test suites are often damaged with intent.
func faulty(f *Content, w want) verdict {
	p := f.Program
	loadable := p.Kind == Executable || p.Kind == Shared
	if f.Fault == nil || errIsLimit(f.Fault) || !loadable || p.Format != w.format || firmware(f.Names[0]) || device(p.Arch) {
		return verdict{}
	}
	severity := Warning
	if testData(f.Names[0]) {
		severity = Note
	}
	return verdict{IDMalformed, severity, fmt.Sprintf("%s (%v)", p.Binary, f.Fault)}
}

// milder is the severity of a misfit in a test's place: what is called testdata
// is read and never run, and what is among tests is run by few.
func milder(severity, name string) string {
	switch parts := strings.Split(name, "/"); {
	case slices.Contains(parts, "testdata"), slices.Contains(parts, "fixtures"), severity != Error && testData(name):
		return Note
	case testData(name):
		return Warning
	}
	return severity
}

func testData(name string) bool {
	for _, part := range strings.Split(name, "/") {
		switch part {
		case "testdata", "test", "tests", "fixtures":
			return true
		}
	}
	return false
}

func also(names []string, at int) string {
	switch others := slices.Delete(slices.Clone(names), at, at+1); len(others) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" (also named %s)", others[0])
	default:
		return fmt.Sprintf(" (also named %s and %d more)", others[0], len(others)-1)
	}
}

// judgeNames returns the worst verdict among a file's names and which name has
// it: a second name in a folder with a licence must not excuse the first.
func judgeNames(b Binary, w want, names []string) (worst verdict, at int) {
	for i, n := range names {
		if v := judge(b, w, n); v.id != "" && (worst.id == "" || severityRank(v.severity) < severityRank(worst.severity)) {
			worst, at = v, i
		}
	}
	return worst, at
}
