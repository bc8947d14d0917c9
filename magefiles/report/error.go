package report

import (
	"errors"
	"slices"
	"strings"
)

// curer is an error that knows what to do about it, in one line. Any error in
// the tree may: implement Cure() string.
type curer interface{ Cure() string }

// Message is what a person reads of an error in the end: its text, then a
// "cure:" line for every cure that it or an error it wraps knows. The output of
// a tool (lines that begin with "  | ") is left out if the step that failed has
// shown the end of its log.
func Message(err error) string {
	if err == nil {
		return ""
	}
	text := printableLines(err.Error())
	found := cures(err, nil)
	var s *StepError
	seen := errors.As(err, &s) && s.Log != ""
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		cure, told := strings.CutPrefix(strings.TrimSpace(line), "cure: ")
		return seen && strings.HasPrefix(line, "  | ") || told && slices.Contains(found, cure)
	})
	for _, c := range found {
		lines = append(lines, "cure: "+printableLines(c))
	}
	return strings.Join(lines, "\n")
}

// cures collects the cures in an error's tree, outermost first, each once.
func cures(err error, found []string) []string {
	if c, ok := err.(curer); ok { // by hand: errors.As stops at the first
		if text := c.Cure(); text != "" && !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	switch u := err.(type) { //nolint:errorlint // as above
	case interface{ Unwrap() error }:
		if inner := u.Unwrap(); inner != nil {
			found = cures(inner, found)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range u.Unwrap() {
			if inner != nil {
				found = cures(inner, found)
			}
		}
	}
	return found
}
