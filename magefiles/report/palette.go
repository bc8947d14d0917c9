package report

import "github.com/fatih/color"

// palette has the package's few colours. Each instance is switched on or off
// for itself; the library's global switch, which follows the environment and
// standard output, is not consulted and not touched.
type palette struct {
	green, red, yellow, cyan, faint, bold *color.Color
}

func newPalette(on bool) palette {
	c := func(a color.Attribute) *color.Color {
		c := color.New(a)
		if on {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	return palette{
		green: c(color.FgGreen), red: c(color.FgRed), yellow: c(color.FgYellow),
		cyan: c(color.FgCyan), faint: c(color.Faint), bold: c(color.Bold),
	}
}

func (p palette) warn(s string) string { return p.yellow.Sprint(s) }
func (p palette) live(s string) string { return p.cyan.Sprint(s) }
func (p palette) dim(s string) string  { return p.faint.Sprint(s) }
func (p palette) bad(s string) string  { return p.red.Sprint(s) }
func (p palette) head(s string) string { return p.bold.Sprint(s) }

func (p palette) forState(st state, s string) string {
	switch st {
	case stateDone:
		return p.green.Sprint(s)
	case stateSkipped:
		return p.faint.Sprint(s)
	case stateFailed:
		return p.red.Sprint(s)
	}
	return p.yellow.Sprint(s)
}

func (p palette) forKind(k Kind, s string) string {
	switch k {
	case KindGood:
		return p.green.Sprint(s)
	case KindBad:
		return p.red.Sprint(s)
	case KindWarn:
		return p.yellow.Sprint(s)
	case KindDim:
		return p.faint.Sprint(s)
	}
	return s
}
