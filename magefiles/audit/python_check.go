package audit

import (
	"path"
	"slices"
	"strings"
)

// IDs of the findings about Python's packages.
const (
	IDPythonABI    = "python-abi"     // an extension that its interpreter does not load
	IDWheelTag     = "wheel-tag"      // a package installed for another platform or interpreter
	IDWheelTagLies = "wheel-tag-lies" // a package for any platform that holds native code
	IDRecord       = "record"         // files are not those that were installed
	IDRequirement  = "requirement"    // a package that another one needs is missing or out of range
)

// pythonAudit is what the checks of Python packages share.
type pythonAudit struct {
	inv      *Inventory
	w        want
	libc     string // "glibc", "musl" or ""
	glibc    string // its release: "2.41"; "" if unknown
	pythons  []python
	families *families
	sites    []*pySite
	inside   map[string][]*Entry // native files by site
}

// checkPython holds Python's packages against platform, interpreter and C
// library of the image, against their own lists of files, and against each
// other.
func checkPython(inv *Inventory) []Finding {
	w, err := parsePlatform(inv.Platform)
	if err != nil {
		return nil
	}
	py := &pythonAudit{inv: inv, w: w, sites: inv.sites(), inside: map[string][]*Entry{}}
	if len(py.sites) == 0 {
		return nil
	}
	py.families, py.pythons = newFamilies(inv), inv.pythons()
	py.libc, py.glibc = py.families.libc, inv.glibcRelease()
	byDir := map[string]*pySite{}
	for _, s := range py.sites {
		byDir[s.dir] = s
	}
	for _, e := range inv.Files {
		info := path.Ext(e.Path) == ".dist-info" || strings.HasSuffix(e.Path, ".egg-info") || strings.HasSuffix(e.Path, ".egg")
		if !info && !loadable(e) {
			continue
		}
		if s := byDir[path.Dir(e.Path)]; s != nil && info {
			if d, ok := inv.newDist(e); ok {
				s.dists = append(s.dists, d)
			}
		}
		for d := path.Dir(e.Path); loadable(e); d = path.Dir(d) {
			if byDir[d] != nil {
				py.inside[d] = append(py.inside[d], e)
				break
			}
			if d == "/" {
				break
			}
		}
	}
	var findings []Finding
	owners := py.owners()
	for _, s := range py.sites {
		slices.SortFunc(s.dists, func(a, b *dist) int { return strings.Compare(a.dir, b.dir) })
		findings = append(findings, py.checkInterpreter(s)...)
		findings = append(findings, py.checkExtensions(s)...)
		for _, d := range s.dists {
			findings = append(findings, py.checkTags(s, d)...)
			findings = append(findings, py.checkRecord(d, owners)...)
		}
		findings = append(findings, py.checkRequirements(s)...)
	}
	return findings
}

// glibcRelease is the highest version that the image's libc.so.6 defines; "" if
// it has none.
func (inv *Inventory) glibcRelease() string {
	best := ""
	for _, e := range inv.Files {
		if path.Base(e.Path) != "libc.so.6" || e.File == nil || e.File.Program == nil {
			continue
		}
		for _, name := range e.File.Program.Defines {
			if family, version := SplitVersion(name); family == "GLIBC" && name != "GLIBC_ABI_DT_RELR" && CompareVersions(version, best) > 0 {
				best = version
			}
		}
	}
	return best
}

func pythonInfo() []CheckInfo {
	return []CheckInfo{
		{IDPythonABI, "extensions of another Python", "An extension is named for another release, build or platform of Python than the interpreter that reads its folder: importing it fails."},
		{IDWheelTag, "wheels of another platform", "The tags of an installed wheel fit neither platform, interpreter nor C library of the image."},
		{IDWheelTagLies, "native code in a wheel for any platform", "A wheel says that it runs everywhere and holds native code, so that installers take it for every platform."},
		{IDRecord, "changed files of a package", "Files differ from what the package's RECORD says, or are missing: they were edited, overwritten or damaged after the installation."},
		{IDRequirement, "requirements of packages", "A package declares that it needs another one, and that is not installed, or in a release out of range."},
	}
}
