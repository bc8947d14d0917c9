package report

import "strings"

// Note prints one line in its place above the live lines.
func (r *Reporter) Note(text string) { r.Print("  " + printable(text)) }

// Facts prints names and what they are, below each other.
func (r *Reporter) Facts(facts [][2]string) {
	width := 0
	for _, f := range facts {
		width = max(width, textWidth(f[0]))
	}
	var b strings.Builder
	for _, f := range facts {
		b.WriteString(r.colors.dim(pad(f[0], width)) + "  " + printable(f[1]) + "\n")
	}
	r.Print(b.String())
}

// Quote prints what something else has written, under a title: the log of a pod.
func (r *Reporter) Quote(title string, lines []string) {
	var b strings.Builder
	b.WriteString(r.colors.head(printable(title)) + "\n")
	for _, line := range lines {
		b.WriteString("  " + r.colors.dim(r.bar()) + " " + printable(line) + "\n")
	}
	r.Print(b.String())
}

// Diff prints what "diff -u" writes, with what goes in red and what comes in
// green.
func (r *Reporter) Diff(text string) {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = printable(strings.TrimRight(line, "\r\n"))
		switch {
		case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
			line = r.colors.head(line)
		case strings.HasPrefix(line, "+"):
			line = r.colors.green.Sprint(line)
		case strings.HasPrefix(line, "-"):
			line = r.colors.bad(line)
		case strings.HasPrefix(line, "@@"):
			line = r.colors.dim(line)
		}
		b.WriteString(line + "\n")
	}
	r.Print(b.String())
}
