package audit

import (
	"fmt"
	"strings"
)

// Failure says that an audit found errors. See [Check].
type Failure struct{ Findings []Finding } // errors only, at least one

// failureLines is how many findings an error message spells out: a wrong base
// gives thousands, all of the same story.
const failureLines = 5

// Check returns a [*Failure] if one of the findings is an [Error], else nil.
func Check(findings []Finding) error {
	var bad []Finding
	for _, f := range findings {
		if f.Severity == Error {
			bad = append(bad, f)
		}
	}
	if bad == nil {
		return nil
	}
	return &Failure{bad}
}

// Error names the first files, their layers and what is wrong with them.
func (f *Failure) Error() string {
	var s strings.Builder
	noun := "files do"
	if len(f.Findings) == 1 {
		noun = "file does"
	}
	fmt.Fprintf(&s, "auditing: %d %s not fit the platform", len(f.Findings), noun)
	for i, x := range f.Findings {
		if i == failureLines {
			fmt.Fprintf(&s, "\n  and %d more", len(f.Findings)-i)
			break
		}
		fmt.Fprintf(&s, "\n  %s: %s", x.place(), x.Message)
	}
	return s.String()
}

// Cure is the first finding's.
func (f *Failure) Cure() string { return f.Findings[0].Cure }
