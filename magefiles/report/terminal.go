package report

import (
	"os"

	"golang.org/x/term"
)

// Terminal reports whether f is a terminal on which live lines work, and if so
// returns the function for [Options.Size]. On Windows it switches the
// console's understanding of ANSI sequences on; a console too old for that is
// no terminal for this purpose. Whether the person wants live lines at all
// (NO_COLOR, CI, TERM=dumb) is the caller's to know.
func Terminal(f *os.File) (size func() (columns, lines int), ok bool) {
	fd := int(f.Fd())
	if !term.IsTerminal(fd) || !enableANSI(f) {
		return nil, false
	}
	return func() (int, int) {
		columns, lines, err := term.GetSize(fd)
		if err != nil || columns < 1 || lines < 1 { // some emulators know no size
			return 80, 24
		}
		return columns, lines
	}, true
}
