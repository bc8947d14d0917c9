package audit

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// IDs of findings about waivers themselves.
const (
	IDWaiverUnused  = "waiver-unused"  // nothing matches it any more
	IDWaiverInvalid = "waiver-invalid" // it lacks an ID, a path or a reason, or they cannot be read
)

// waiverInfo is what [Checks] tells of them.
func waiverInfo() []CheckInfo {
	return []CheckInfo{
		{IDWaiverUnused, "a waiver that is no longer needed", "Nothing is found any more that the waiver is about; left in place, it would excuse what comes back."},
		{IDWaiverInvalid, "a waiver that cannot be used", "A waiver names an identifier, a path and a reason; this one lacks one of them, or its path is no pattern."},
	}
}

// Waiver says that findings are known and accepted.
type Waiver struct {
	ID string // of the findings, see [Checks]

	// Path is the file, or a pattern for several: as in [path.Match], where
	// "**" stands for any number of folders ("/opt/**/tests/*.so"). A folder
	// with a slash at its end stands for all that is in it.
	Path string

	Platform string // of the image; empty for all of them
	Reason   string // why that is all right; it is shown with the finding
}

// Waived is a finding that somebody has accepted.
type Waived struct {
	Finding
	Reason string `json:"reason"`
}

// String is the finding as it was, with the reason in place of the cure.
func (w Waived) String() string {
	return fmt.Sprintf("waived %s [%s] %s: %s\n    because: %s", w.Severity, w.ID, w.place(), w.Message, w.Reason)
}

// Check reports what makes a waiver one that cannot be used.
func (w Waiver) Check() error {
	switch {
	case w.ID == "":
		return errors.New("it names no identifier: say which findings it is about")
	case w.Path == "":
		return errors.New("it names no path: say which files it is about")
	case strings.TrimSpace(w.Reason) == "":
		return errors.New("it gives no reason: say why what it waives is all right")
	case w.ID == IDWaiverUnused, w.ID == IDWaiverInvalid:
		return errors.New("waivers cannot be waived: remove the one that is no use")
	}
	for part := range strings.SplitSeq(w.Path, "/") {
		if _, err := path.Match(part, ""); err != nil {
			return fmt.Errorf("its path: %w", err)
		}
	}
	return nil
}

// Waive takes out the findings that a waiver names. A waiver that names none is
// a finding itself, as is one that cannot be used: what was fixed must not stay
// excused. Waivers for platforms that were not audited are left in peace;
// platforms nil means that all were. The order of findings stays as it was,
// those about waivers come last.
func Waive(findings []Finding, waivers []Waiver, platforms []string) (kept []Finding, waived []Waived) {
	used := make([]bool, len(waivers))
	for _, f := range findings {
		i := slices.IndexFunc(waivers, func(w Waiver) bool { return w.matches(f) && w.Check() == nil })
		if i < 0 {
			kept = append(kept, f)
			continue
		}
		for k, w := range waivers {
			used[k] = used[k] || w.matches(f)
		}
		waived = append(waived, Waived{f, waivers[i].Reason})
	}
	for i, w := range waivers {
		f := Finding{Platform: w.Platform, Path: w.Path, LayerIndex: -1}
		if err := w.Check(); err != nil {
			f.ID, f.Severity = IDWaiverInvalid, Error
			f.Message = fmt.Sprintf("the waiver of %q cannot be used: %v", w.ID, err)
			f.Cure = "complete it, or remove it"
		} else if used[i] || w.Platform != "" && platforms != nil && !slices.Contains(platforms, w.Platform) {
			continue
		} else {
			f.ID, f.Severity = IDWaiverUnused, Warning
			f.Message = fmt.Sprintf("the waiver of %q (%s) matches no finding", w.ID, w.Reason)
			f.Cure = "remove it: what it was for is no more"
		}
		kept = append(kept, f)
	}
	return kept, waived
}

func (w Waiver) matches(f Finding) bool {
	return w.ID == f.ID && (w.Platform == "" || w.Platform == f.Platform) && matchPath(w.Path, f.Path)
}

// matchPath holds a path against a pattern of [Waiver]. A leading slash counts
// on neither side: trees have none.
func matchPath(pattern, name string) bool {
	pattern, name = strings.TrimPrefix(pattern, "/"), strings.TrimPrefix(name, "/")
	if folder, ok := strings.CutSuffix(pattern, "/"); ok {
		pattern = folder + "/**"
	}
	return matchParts(strings.Split(pattern, "/"), strings.Split(name, "/"))
}

func matchParts(pattern, name []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for len(pattern) > 1 && pattern[1] == "**" {
				pattern = pattern[1:] // more of them say nothing more, and take a time that grows without bounds
			}
			return slices.ContainsFunc(ends(name), func(rest []string) bool { return matchParts(pattern[1:], rest) })
		}
		if len(name) == 0 {
			return false
		}
		if ok, err := path.Match(pattern[0], name[0]); !ok || err != nil {
			return false
		}
		pattern, name = pattern[1:], name[1:]
	}
	return len(name) == 0
}

// ends are all ends of a list, the whole of it first and the empty one last.
func ends(list []string) [][]string {
	out := make([][]string, 0, len(list)+1)
	for i := range len(list) + 1 {
		out = append(out, list[i:])
	}
	return out
}
