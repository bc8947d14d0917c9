package audit

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// checkRequirements looks for what the packages of a site declare to need, in
// all folders that their interpreter may read. Requirements that hang on what
// an image does not say are left alone.
func (py *pythonAudit) checkRequirements(s *pySite) []Finding {
	if s.orphan || len(s.users) == 0 {
		return nil
	}
	// A tree is a part of something; what it lacks may be elsewhere.
	complete := !py.inv.Partial && !py.inv.tree() && !py.extended(s)
	installed := py.installed(s)
	extras := map[string][]string{} // that others ask for, by package
	for range 3 {                   // extras may ask for extras
		for _, d := range s.dists {
			for _, r := range d.requires {
				if holds, _ := py.applies(r, s, extras[d.name]); holds {
					for _, extra := range r.extras {
						if !slices.Contains(extras[r.name], extra) {
							extras[r.name] = append(extras[r.name], extra)
						}
					}
				}
			}
		}
	}
	var findings []Finding
	for _, d := range s.dists {
		seen := map[string]bool{}
		for _, r := range d.requires {
			holds, byExtra := py.applies(r, s, extras[d.name])
			if !holds || seen[r.text] {
				continue
			}
			seen[r.text] = true
			if f, ok := py.requirement(s, d, r, installed[r.name], byExtra, complete); ok {
				findings = append(findings, f)
			}
		}
		if twin := slices.IndexFunc(s.dists, func(o *dist) bool { return o.name == d.name && o.dir > d.dir && path.Ext(o.dir) == path.Ext(d.dir) }); twin >= 0 {
			findings = append(findings, py.inv.finding(d.entry, IDRequirement, Warning, fmt.Sprintf("%s is installed twice in one folder: %s and %s", d.name, d.version, s.dists[twin].version), "remove one: their files have overwritten each other"))
		}
	}
	return findings
}

func (py *pythonAudit) requirement(s *pySite, d *dist, r requirement, versions []string, byExtra, complete bool) (Finding, bool) {
	severity := Error
	switch {
	case py.relaxed(s, d):
		severity = Note
	case byExtra || len(versions) > 0:
		severity = Warning
	}
	at := d.entry
	if e, ok := py.inv.Resolve(path.Join(d.dir, "METADATA")); ok {
		at = e
	}
	cure := fmt.Sprintf("install it: uv pip install %q", strings.TrimSpace(strings.SplitN(r.text, ";", 2)[0]))
	if len(versions) == 0 {
		return py.inv.finding(at, IDRequirement, severity, fmt.Sprintf("%s %s needs %q, and %s is not installed", d.name, d.version, r.text, r.name), cure), complete
	}
	fits := slices.ContainsFunc(versions, func(v string) bool {
		_, ok := parsePyVersion(v)
		return !ok || r.limits.allow(v)
	})
	return py.inv.finding(at, IDRequirement, severity, fmt.Sprintf("%s %s needs %q, and %s %s is installed", d.name, d.version, r.text, r.name, strings.Join(versions, " and ")), cure), !fits
}

// relaxed reports whether who installed a package resolves its requirements in
// another way: distributions and conda.
func (py *pythonAudit) relaxed(s *pySite, d *dist) bool {
	switch d.installer {
	case "pip", "uv", "poetry", "pdm", "hatch":
		return false
	case "conda", "rpm", "debian", "apk":
		return true
	}
	return s.system
}

// applies evaluates a requirement's marker, first without extras.
func (py *pythonAudit) applies(r requirement, s *pySite, extras []string) (holds, byExtra bool) {
	if r.marker == nil {
		return true, false
	}
	env := py.environment(s)
	env["extra"] = []string{""}
	if holds, known := r.marker(env); holds && known {
		return true, false
	}
	for _, extra := range extras {
		env["extra"] = []string{extra}
		if holds, known := r.marker(env); holds && known {
			return true, true
		}
	}
	return false, false
}

// environment are the values of markers for a site. The last number of the
// interpreter's version is not known from its files.
func (py *pythonAudit) environment(s *pySite) markerEnv {
	env := markerEnv{"os_name": {"posix"}, "platform_python_implementation": {"CPython"}, "implementation_name": {"cpython"}}
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l", "loong64": "loongarch64", "mips64le": "mips64"}[py.w.arch]
	switch py.w.os {
	case "linux":
		env["sys_platform"], env["platform_system"] = []string{"linux"}, []string{"Linux"}
	case "darwin":
		env["sys_platform"], env["platform_system"], machine = []string{"darwin"}, []string{"Darwin"}, strings.ReplaceAll(machine, "aarch64", "arm64")
	case "windows":
		env["os_name"], env["sys_platform"], env["platform_system"] = []string{"nt"}, []string{"win32"}, []string{"Windows"}
		machine = map[string]string{"amd64": "AMD64", "arm64": "ARM64", "386": "x86"}[py.w.arch]
	}
	env["platform_machine"] = []string{orWord(machine, py.w.arch)}
	for _, p := range s.users {
		env["python_version"] = append(env["python_version"], p.minor)
		env["python_full_version"] = append(env["python_full_version"], p.minor+".0", p.minor+".99")
		if p.pypy {
			env["platform_python_implementation"], env["implementation_name"] = []string{"PyPy"}, []string{"pypy"}
		}
	}
	env["implementation_version"] = env["python_full_version"]
	return env
}

// installed are the versions of all packages that the interpreter of a site may
// find, by name. Only a virtual environment is closed, unless it says otherwise.
func (py *pythonAudit) installed(s *pySite) map[string][]string {
	closed := s.venv != "" && !strings.Contains(strings.ReplaceAll(py.inv.text(path.Join(s.venv, "pyvenv.cfg")), " ", ""), "include-system-site-packages=true")
	searched := py.inv.pythonPath()
	list := map[string][]string{}
	for _, other := range py.sites {
		visible := other == s || slices.Contains(searched, other.dir) || !closed && other.venv == "" &&
			(len(other.users) == 0 || slices.ContainsFunc(other.users, func(p python) bool { return slices.Contains(s.users, p) }))
		if !visible {
			continue
		}
		for _, d := range other.dists {
			list[d.name] = append(list[d.name], d.version)
		}
	}
	return list
}

// extended reports whether a site names further folders in .pth files of its
// own, so that what it has is not all that there is.
func (py *pythonAudit) extended(s *pySite) bool {
	for name, e := range py.inv.Files {
		if path.Dir(name) != s.dir || path.Ext(name) != ".pth" || e.File == nil {
			continue
		}
		if e.File.Text == nil && e.File.Size > 0 {
			return true
		}
		for line := range strings.Lines(string(e.File.Text)) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' && !strings.HasPrefix(line, "import ") && !strings.HasPrefix(line, "import\t") {
				return true
			}
		}
	}
	return false
}
