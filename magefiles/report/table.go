package report

import "strings"

// Kind says what a cell means; it decides colour and alignment.
type Kind int

// The kinds of cells. Numbers are right-aligned, all others left-aligned.
const (
	KindText Kind = iota
	KindNumber
	KindGood
	KindBad
	KindWarn
	KindDim
)

// Cell is one cell of a table.
type Cell struct {
	Text string
	Kind Kind
}

// shown is the text as one line without surrounding space.
func (c Cell) shown() string { return strings.TrimSpace(printable(c.Text)) }

// Text is an ordinary cell.
func Text(s string) Cell { return Cell{s, KindText} }

// Number is a right-aligned cell: a count, or a size from [Bytes].
func Number(s string) Cell { return Cell{s, KindNumber} }

// Good is a cell with good news, in green.
func Good(s string) Cell { return Cell{s, KindGood} }

// Bad is a cell with bad news, in red.
func Bad(s string) Cell { return Cell{s, KindBad} }

// Caution is a cell that deserves a look, in yellow.
func Caution(s string) Cell { return Cell{s, KindWarn} }

// Dim is a cell of less importance.
func Dim(s string) Cell { return Cell{s, KindDim} }

// Table prints rows under a header, in columns as wide as they need. Rows may
// be shorter than the header. Nothing is cut off, as digests are for copying.
func (r *Reporter) Table(header []string, rows [][]Cell) { r.Print(r.table(header, rows)) }

func (r *Reporter) table(header []string, rows [][]Cell) string {
	head := make([]Cell, len(header))
	for i, h := range header {
		head[i] = Cell{Text: h}
		if numeric(rows, i) {
			head[i].Kind = KindNumber
		}
	}
	widths := columnWidths(append([][]Cell{head}, rows...))
	var b strings.Builder
	line := func(cells []Cell, paint func(Cell, string) string) {
		for i, c := range cells {
			text := c.shown()
			space := strings.Repeat(" ", widths[i]-textWidth(text))
			if c.Kind == KindNumber {
				b.WriteString(space + paint(c, text))
			} else {
				b.WriteString(paint(c, text))
			}
			if i == len(cells)-1 {
				break // no trailing spaces
			}
			if c.Kind != KindNumber {
				b.WriteString(space)
			}
			b.WriteString("  ")
		}
		b.WriteString("\n")
	}
	line(head, func(_ Cell, s string) string { return r.colors.head(s) })
	for _, row := range rows {
		line(row, func(c Cell, s string) string { return r.colors.forKind(c.Kind, s) })
	}
	return b.String()
}

func columnWidths(rows [][]Cell) []int {
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], textWidth(c.shown()))
		}
	}
	return widths
}

// numeric reports whether a column holds numbers, so that its head stands
// over them. Empty cells do not count.
func numeric(rows [][]Cell, column int) bool {
	found := false
	for _, row := range rows {
		if column >= len(row) || row[column].Text == "" {
			continue
		}
		if row[column].Kind != KindNumber {
			return false
		}
		found = true
	}
	return found
}
