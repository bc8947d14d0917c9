package attest

import "strings"

// stanza is one paragraph of deb822(5); names of fields in lower case, the lines
// of a value joined by newlines.
type stanza map[string]string

// stanzas reads paragraphs as dpkg's status file and copyright files have them.
// It takes what is there: the package manager that wrote it was strict.
func stanzas(text string) []stanza {
	var out []stanza
	current, last := stanza{}, ""
	for line := range strings.Lines(text + "\n\n") {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.TrimSpace(line) == "":
			if len(current) > 0 {
				out = append(out, current)
			}
			current, last = stanza{}, ""
		case line[0] == '#':
		case line[0] == ' ' || line[0] == '\t':
			if last != "" {
				current[last] += "\n" + strings.TrimRight(line[1:], " \t")
			}
		default:
			name, value, ok := strings.Cut(line, ":")
			if last = ""; ok {
				last = strings.ToLower(name)
				current[last] = strings.TrimSpace(value)
			}
		}
	}
	return out
}
