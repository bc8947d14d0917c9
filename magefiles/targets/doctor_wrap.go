package targets

import (
	"strings"
	"unicode/utf8"

	"github.com/noetl/noetl/magefiles/report"
)

// widest is how many columns a cell may take before it is continued on the next
// line; the last cell of a row gets what is left.
func widest(column int) int { return []int{4, 19, 18, 16, 36}[min(column, 4)] }

// wrapRows breaks long cells into further rows, so that a table fits into the
// columns of a terminal. Words stay whole unless they are longer than a cell.
func wrapRows(header []string, rows [][]report.Cell, columns int) [][]report.Cell {
	taken := 0
	last := len(header) - 1
	for i := range last {
		width := len(header[i])
		for _, row := range rows {
			width = max(width, utf8.RuneCountInString(row[i].Text))
		}
		taken += min(width, widest(i)) + 2
	}
	var out [][]report.Cell
	for _, row := range rows {
		var lines [][]string
		height := 1
		for i, c := range row {
			width := widest(i)
			if i == last {
				width = max(columns-taken-1, 20)
			}
			lines = append(lines, wrap(c.Text, width))
			height = max(height, len(lines[i]))
		}
		for n := range height {
			next := make([]report.Cell, len(row))
			end := 0
			for i, c := range row {
				if n < len(lines[i]) {
					c.Text = lines[i][n]
					end = i + 1
				} else {
					c.Text = ""
				}
				next[i] = c
			}
			out = append(out, next[:end]) // no blanks behind the last word
		}
	}
	return out
}

// wrap breaks text at spaces into lines of at most width runes.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		for utf8.RuneCountInString(word) > width { // a path
			if line != "" {
				lines = append(lines, line)
				line = ""
			}
			runes := []rune(word)
			lines, word = append(lines, string(runes[:width])), string(runes[width:])
		}
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}
