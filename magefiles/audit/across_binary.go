package audit

import (
	"cmp"
	"fmt"
	"slices"
)

// sighting is one native file in one image.
type sighting struct {
	inv     *Inventory
	entry   *Entry
	inner   string // path within the archive that entry is
	program *Program
}

// sameBinaries finds native files that are byte-equal in images for different
// machines, where they can be right in one at most: a build for the other
// machine copied, or installed, what it had. Files that fit both, or neither,
// say nothing of the kind.
func sameBinaries(invs []*Inventory) []Finding {
	if len(invs) < 2 {
		return nil
	}
	bySum := map[[32]byte][]sighting{}
	for _, inv := range invs {
		seen := map[*Content]bool{}
		for _, e := range inv.Files {
			if e.File == nil || seen[e.File] || e.File.Program == nil && len(e.File.Inner) == 0 {
				continue
			}
			seen[e.File] = true
			e = inv.firstName(e)
			if p := e.File.Program; p != nil {
				bySum[e.File.Sum] = append(bySum[e.File.Sum], sighting{inv, e, "", p})
			}
			for _, in := range e.File.Inner {
				if in.Program != nil {
					bySum[in.Sum] = append(bySum[in.Sum], sighting{inv, e, in.Path, in.Program})
				}
			}
		}
	}
	var findings []Finding
	for _, all := range bySum {
		findings = append(findings, misplaced(all)...)
	}
	return findings
}

// misplaced is the findings for the images that a file does not fit, if there
// is one that it fits.
func misplaced(all []sighting) []Finding {
	var right, wrong []sighting
	var verdicts []verdict
	for _, s := range all {
		w, err := parsePlatform(s.inv.Platform)
		if err != nil {
			continue
		}
		switch v := judge(s.program.Binary, w, s.name()); v.id {
		case IDArch, IDFloatABI:
			wrong, verdicts = append(wrong, s), append(verdicts, v)
		case "":
			right = append(right, s)
		}
	}
	if len(right) == 0 {
		return nil
	}
	origin := slices.MinFunc(right, func(a, b sighting) int {
		return cmp.Or(cmp.Compare(a.inv.Platform, b.inv.Platform), cmp.Compare(a.name(), b.name()))
	})
	var findings []Finding
	for i, s := range wrong {
		place := "the same bytes as in the image for " + origin.inv.Platform
		if origin.name() != s.name() {
			place += ", " + origin.name()
		}
		f := s.inv.finding(s.entry, IDSameBinary, verdicts[i].severity, fmt.Sprintf("%s: %s", verdicts[i].reason, place),
			fmt.Sprintf("build or install it for %s: the build for it took what the one for %s made", s.inv.Platform, origin.inv.Platform))
		f.Path = s.name()
		findings = append(findings, f)
	}
	return findings
}

func (s sighting) name() string {
	if s.inner == "" {
		return s.entry.Path
	}
	return s.entry.Path + "!" + s.inner
}

// firstName is the entry of a file's first name, so that a file with several
// is told of under the same one each time.
func (inv *Inventory) firstName(e *Entry) *Entry {
	if len(e.File.Names) > 0 {
		if first, ok := inv.Files[e.File.Names[0]]; ok && first.File == e.File {
			return first
		}
	}
	return e
}
