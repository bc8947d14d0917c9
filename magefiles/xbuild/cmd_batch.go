package xbuild

import (
	"fmt"
	"strings"
)

// batchLine is the command line by which cmd.exe runs a batch file (npm.cmd is
// one). Windows would run it without being asked to, but cmd.exe reads the line
// by rules of its own: in a folder called R&D it would run a program called D.
// Every word is quoted, which takes all characters but a few that no quoting
// helps.
func batchLine(file string, args []string) (string, error) {
	var b strings.Builder
	b.WriteString(`cmd.exe /d /e:on /v:off /s /c "`)
	for i, word := range append([]string{file}, args...) {
		if strings.ContainsAny(word, "\"\r\n\x00") {
			return "", fmt.Errorf("running %q: a batch file cannot be given the argument %q", file, word)
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		end := len(strings.TrimRight(word, `\`))
		// A variable is expanded even between quotes; this expands to a lone percent sign.
		b.WriteString(`"` + strings.ReplaceAll(word, "%", "%%cd:~,%"))
		b.WriteString(word[end:] + `"`) // a backslash before a quote would escape it for the program behind the batch file
	}
	b.WriteByte('"')
	return b.String(), nil
}

// isBatch tells whether a program is a batch file.
func isBatch(path string) bool {
	path = strings.ToLower(path)
	return strings.HasSuffix(path, ".cmd") || strings.HasSuffix(path, ".bat")
}
