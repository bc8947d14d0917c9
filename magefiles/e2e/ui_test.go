//go:build e2e

package e2e

import (
	"strconv"
	"strings"
	"testing"
)

// seesUI opens the page of a running server as a person on a desktop, on a
// phone and in the dark would, and keeps a photograph of each.
func seesUI(t *testing.T, base, platform, photo string) {
	t.Helper()
	b := openBrowser(t)
	for _, view := range []struct {
		name  string
		width int
		dark  bool
	}{
		{"desktop", 1280, false},
		{"phone", 375, false},
		{"phone-dark", 375, true},
	} {
		b.open(t, base+"/", view.width, view.dark)
		text := b.text(t, platform)
		for _, word := range []string{"fits", "uvloop", "pydantic", "cpython 3."} {
			if !strings.Contains(strings.ToLower(text), word) {
				t.Errorf("%s: the page does not say %q:\n%s", view.name, word, text)
			}
		}
		if title := b.eval(t, "document.title"); !strings.HasPrefix(title, "Fits") || !strings.Contains(title, platform) {
			t.Errorf("%s: the title is %q", view.name, title)
		}
		if bad := b.eval(t, "document.querySelectorAll('.verdict-bad, .problems').length"); bad != "0" {
			t.Errorf("%s: the page shows problems:\n%s", view.name, text)
		}
		wide, err := strconv.ParseFloat(b.eval(t, "document.documentElement.scrollWidth"), 64)
		if err != nil || wide > float64(view.width) {
			t.Errorf("%s: the page is %v pixels wide on a screen of %d", view.name, wide, view.width)
		}
		b.photograph(t, "ui-"+photo+"-"+view.name)
	}
}
