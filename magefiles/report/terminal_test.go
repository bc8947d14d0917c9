package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fatih/color"
)

func TestFileIsNoTerminal(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, ok := Terminal(f); ok {
		t.Error("a file passes for a terminal")
	}
}

// Colours belong to one Reporter; the library's global switch is left alone.
func TestColourIsPerReporter(t *testing.T) {
	t.Parallel()
	before := color.NoColor
	on, off := newPalette(true), newPalette(false)
	if on.bad("x") == "x" || off.bad("x") != "x" || on.bad("x") == "x" || color.NoColor != before {
		t.Errorf("on %q, off %q, global %v", on.bad("x"), off.bad("x"), color.NoColor)
	}
}
