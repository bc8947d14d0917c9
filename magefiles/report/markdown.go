package report

import "strings"

// Markdown is a table for GitHub's step summary and pull requests: the same
// header and rows as [Reporter.Table] takes.
func Markdown(header []string, rows [][]Cell) string {
	var b strings.Builder
	line := func(n int, cell func(int) string) {
		for i := range n {
			b.WriteString("| " + cell(i) + " ")
		}
		b.WriteString("|\n")
	}
	line(len(header), func(i int) string { return markdownText(header[i]) })
	line(len(header), func(i int) string {
		if numeric(rows, i) {
			return "---:"
		}
		return "---"
	})
	for _, row := range rows {
		line(len(header), func(i int) string {
			if i >= len(row) {
				return ""
			}
			text := markdownText(row[i].Text)
			switch {
			case text == "":
				return ""
			case row[i].Kind == KindBad:
				return "❌ " + text
			case row[i].Kind == KindGood:
				return "✅ " + text
			case row[i].Kind == KindWarn:
				return "⚠️ " + text
			}
			return text
		})
	}
	return b.String()
}

// markdownText escapes what Markdown would read as mark-up, so that names of
// packages and files appear as they are.
func markdownText(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", ">", "&gt;", "&", "&amp;",
		"[", `\[`, "]", `\]`, "~", `\~`, "#", `\#`, "@", "&#64;",
	).Replace(strings.TrimSpace(printable(s)))
}
