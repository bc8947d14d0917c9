package xbuild

import (
	"fmt"
	"regexp"
	"strings"
)

// lockEntry is one requirement of a lock that "uv pip compile" or "pip-compile" wrote, with its hashes and comments.
type lockEntry struct {
	Name, Version string
	Text          string
}

// parseLock splits a lock into its entries. Options and comments before the first entry are its head. A requirement that is not
// pinned to a version is refused: it would not be a lock.
func parseLock(text string) (head string, entries []lockEntry, err error) {
	pinned := regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*===?\s*([^\s;\\]+)`)
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		starts := line[0] != ' ' && line[0] != '\t' && line[0] != '#' && line[0] != '-' && line[0] != '\n'
		switch match := pinned.FindStringSubmatch(line); {
		case starts && match == nil:
			return "", nil, fmt.Errorf("reading the lock: %q is not pinned to a version (NAME==VERSION)", strings.TrimSpace(line))
		case starts:
			entries = append(entries, lockEntry{Name: match[1], Version: match[2], Text: line})
		case len(entries) == 0:
			head += line
		default:
			entries[len(entries)-1].Text += line
		}
	}
	return head, entries, nil
}

// normalName is how Python compares names of distributions: Foo.Bar_baz is foo-bar-baz.
func normalName(name string) string {
	return strings.ToLower(regexp.MustCompile(`[-_.]+`).ReplaceAllString(name, "-"))
}
