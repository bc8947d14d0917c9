package report

import (
	"regexp"
	"strconv"
	"strings"
)

// place is where a tool says that an error is.
type place struct {
	File         string // as the tool wrote it
	Line, Column int    // from 1; a Column of 0 is unknown
	Message      string
}

// places reads the errors out of what compilers and their like print: rustc's,
// tsc's, and FILE:LINE:COLUMN: MESSAGE, which most others use. Each place
// counts once.
func places(log string) []place {
	rust := regexp.MustCompile(`^(error(?:\[E\d+\])?: .+)$`)
	arrow := regexp.MustCompile(`^\s*--> (.+?):(\d+):(\d+)$`)
	paren := regexp.MustCompile(`^(\S.*?)\((\d+),(\d+)\): error (.+)$`)
	colon := regexp.MustCompile(`^\s*((?:[A-Za-z]:)?[^\s:()"'\[]+\.[A-Za-z0-9]+):(\d+)(?::(\d+))?:? ?(.*)$`)
	python := regexp.MustCompile(`^\s*File "(.+)", line (\d+)`)
	var found []place
	seen := map[place]bool{}
	add := func(m []string, message string) {
		p := place{File: m[1]}
		p.Line, _ = strconv.Atoi(m[2])
		if len(m) > 3 {
			p.Column, _ = strconv.Atoi(m[3])
		}
		if key := p; p.Line > 0 && message != "" && !seen[key] {
			seen[key] = true
			p.Message = message
			found = append(found, p)
		}
	}
	said := "" // what the next place is about
	for line := range strings.Lines(log) {
		line = printable(strings.TrimRight(line, "\r\n"))
		if m := rust.FindStringSubmatch(line); m != nil {
			said = m[1]
		} else if strings.HasPrefix(line, "warning") {
			said = ""
		} else if m := arrow.FindStringSubmatch(line); m != nil {
			add(m, said)
			said = ""
		} else if m := paren.FindStringSubmatch(line); m != nil {
			add(m[:4], m[4])
		} else if m := python.FindStringSubmatch(line); m != nil {
			add(m, "here, or in what it calls")
		} else if m := colon.FindStringSubmatch(line); m != nil && !strings.HasPrefix(strings.ToLower(m[4]), "warning") {
			message := m[4]
			if message == "" {
				message = said
			}
			add(m[:4], message)
		} else if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "✘ [ERROR] "); ok { // esbuild
			said = rest
		} else if rest, ok := strings.CutPrefix(strings.ToLower(line), "error"); ok && strings.HasPrefix(rest, ":") {
			said = line
		}
	}
	return found
}
