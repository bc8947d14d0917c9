package report

import (
	"context"
	"errors"
	"slices"
)

// curer is an error that knows what to do about it, in one line. Any error in
// the tree may: implement Cure() string.
type curer interface{ Cure() string }

// Error prints an error: its message, a "hint:" line for every cure that it or
// an error it wraps knows (a method Cure() string), and the log of the step
// that failed unless that has been printed. For an interrupt it prints that
// word alone, as whoever pressed the keys knows the rest.
func (r *Reporter) Error(err error) {
	if err == nil {
		return
	}
	if errors.Is(err, context.Canceled) {
		r.Print(r.colors.warn("interrupted"))
		return
	}
	text := r.colors.bad("error:") + " " + printableLines(err.Error()) + "\n"
	for _, c := range cures(err, nil) {
		text += r.colors.live("hint:") + " " + printableLines(c) + "\n"
	}
	var s *StepError
	if errors.As(err, &s) && s.Log != "" {
		r.mu.Lock()
		if !r.shown[s.Log] {
			r.shown[s.Log] = true
			text += "log: " + s.Log + "\n"
		}
		r.mu.Unlock()
	}
	r.Print(text)
}

// cures collects the cures in an error's tree, outermost first, each once.
func cures(err error, found []string) []string {
	if c, ok := err.(curer); ok { //nolint:errorlint // the tree is walked by hand: errors.As stops at the first
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
