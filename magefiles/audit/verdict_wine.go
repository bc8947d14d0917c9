package audit

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
)

// wineLibrary is the part of Wine that is Linux's own.
var wineLibrary = regexp.MustCompile(`/wine/[^/]+-unix/ntdll\.so$`)

// withWine makes one note of all of Windows' files in an image with Wine: it is
// what runs them, and it brings thousands.
func withWine(inv *Inventory, findings []Finding) []Finding {
	windows := func(f Finding) bool {
		e := inv.Files[f.Path]
		return f.ID == IDFormat && e != nil && e.File != nil && e.File.Program != nil && e.File.Program.Format == PE
	}
	if !slices.ContainsFunc(findings, windows) || !inv.hasWine() {
		return findings
	}
	var first *Finding
	count := 0
	for _, f := range findings {
		if windows(f) {
			if count++; first == nil || cmp.Less(f.Path, first.Path) {
				first = &f
			}
		}
	}
	f := *first
	f.Severity, f.Cure = Note, "nothing to do, if Wine is meant to run them"
	if count > 1 {
		f.Message += fmt.Sprintf("; and %d more like it", count-1)
	}
	f.Message += "; the image has Wine"
	return append(slices.DeleteFunc(findings, windows), f)
}

func (inv *Inventory) hasWine() bool {
	for name, e := range inv.Files {
		if wineLibrary.MatchString(name) && e.File != nil && e.File.Program != nil {
			return true
		}
	}
	return false
}
