package report

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// textWidth is the number of columns that a terminal gives to s.
func textWidth(s string) int {
	n := 0
	for _, c := range s {
		n += runeWidth(c)
	}
	return n
}

func runeWidth(c rune) int {
	switch {
	case c < ' ', c == 0x7f, unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case c < 0x300:
		return 1
	}
	switch width.LookupRune(c).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// pad fills s with spaces on the right up to columns.
func pad(s string, columns int) string { return s + strings.Repeat(" ", max(0, columns-textWidth(s))) }

// truncate cuts s to columns and says so with an ellipsis.
func truncate(s string, columns int) string {
	if textWidth(s) <= columns {
		return s
	}
	if columns < 1 {
		return ""
	}
	n := 0
	for i, c := range s {
		if n += runeWidth(c); n > columns-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// ansi matches the escape sequences of ECMA-48: CSI, OSC and the short ones.
var ansi = regexp.MustCompile("\x1b(\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\)?|[ -/]*[0-~])?")

// printable makes one line of s that does nothing to a terminal but show up:
// no escape sequences, no control characters, valid UTF-8. What a tool or a
// file name brings could otherwise move the cursor or rewrite the screen.
func printable(s string) string {
	if plain(s) {
		return s
	}
	s = ansi.ReplaceAllString(strings.ToValidUTF8(s, "\uFFFD"), "")
	s = strings.ReplaceAll(s, "\t", "    ")
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n', c == '\r':
			return ' '
		case unicode.IsControl(c), c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069: // the latter two reorder text
			return -1
		}
		return c
	}, s)
}

// plain is the common case, without a look at a regular expression.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// printableLines is printable for each line of s.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
