package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severities of a [Finding]; the words are SARIF's.
const (
	Error   = "error"   // will not run: the image must not be published
	Warning = "warning" // is of no use on this platform, or looks damaged
	Note    = "note"    // worth knowing, nothing to do
)

// Finding is one thing that is wrong with one file.
type Finding struct {
	ID       string `json:"id"`       // of the check; see IDArch and its neighbours
	Severity string `json:"severity"` // Error, Warning or Note
	Platform string `json:"platform"`
	Path     string `json:"path"` // absolute in an image; relative to the root of a tree

	// Layer is the name of the layer that brought the file and LayerIndex its
	// place in the image, 0 at the bottom. A tree has none: "" and -1.
	Layer      string `json:"layer,omitempty"`
	LayerIndex int    `json:"layerIndex"`

	Message string `json:"message"`
	Cure    string `json:"cure"`
}

// String is the finding in two lines: what is wrong and where, then the cure.
func (f Finding) String() string {
	return fmt.Sprintf("%s [%s] %s: %s\n    %s", f.Severity, f.ID, f.place(), f.Message, f.Cure)
}

func (f Finding) place() string {
	switch {
	case f.LayerIndex < 0:
		return f.Path
	case f.Layer == "":
		return fmt.Sprintf("%s (layer %d)", f.Path, f.LayerIndex)
	}
	return fmt.Sprintf("%s (layer %d, %q)", f.Path, f.LayerIndex, f.Layer)
}

// Stats is how much an audit looked at.
type Stats struct {
	Files    int   `json:"files"`    // regular files, in all layers, also those that a later layer hides
	Binaries int   `json:"binaries"` // native ones among them
	Bytes    int64 `json:"bytes"`    // of the uncompressed layers, or of a tree's files
	Layers   int   `json:"layers"`   // 0 for a tree
}

// Add returns the sum of both, to total several platforms.
func (s Stats) Add(t Stats) Stats {
	return Stats{s.Files + t.Files, s.Binaries + t.Binaries, s.Bytes + t.Bytes, s.Layers + t.Layers}
}

// Summary is how many findings there are of each severity.
type Summary struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
}

// Count counts findings by severity.
func Count(findings []Finding) Summary {
	var s Summary
	for _, f := range findings {
		switch f.Severity {
		case Error:
			s.Errors++
		case Warning:
			s.Warnings++
		default:
			s.Notes++
		}
	}
	return s
}

// String is "2 errors, 1 warning", or "no findings".
func (s Summary) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{s.Errors, "error"}, {s.Warnings, "warning"}, {s.Notes, "note"}} {
		switch {
		case p.n == 1:
			parts = append(parts, "1 "+p.word)
		case p.n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", p.n, p.word))
		}
	}
	if parts == nil {
		return "no findings"
	}
	return strings.Join(parts, ", ")
}

func severityRank(severity string) int {
	switch severity {
	case Error:
		return 0
	case Warning:
		return 1
	}
	return 2
}

// Sort orders findings by severity, worst first, then platform, path, layer and ID:
// equal contents give equal reports.
func Sort(findings []Finding) {
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(severityRank(a.Severity), severityRank(b.Severity)),
			cmp.Compare(a.Platform, b.Platform),
			cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.LayerIndex, b.LayerIndex),
			cmp.Compare(a.ID, b.ID),
		)
	})
}
