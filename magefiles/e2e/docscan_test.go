package e2e

import (
	"fmt"
	"regexp"
	"strings"
)

// A documented command is a line of a block that is indented by four spaces, of
// one that is fenced without a language or as a shell's, or a "run:" line of one
// that is fenced as YAML. All lines of such a block are commands but for those
// that are empty or begin with #; a backslash at the end goes on in the next one.
// What is no command (what a program prints, a tree of folders) is fenced as text.
//
// A comment alone in the last line before a block, which readers of the page do
// not see, says how its commands are tested if not by running them as they are:
//
//	<!-- run: TestDeploy, TestPush -->      these tests run them
//	<!-- not run: needs a second machine -->
type docCommand struct {
	file string
	line int    // from 1
	text string // without a prompt, and with all lines that it goes on in
	by   []string
	not  string
}

var (
	markLine    = regexp.MustCompile(`^\s*<!-- (run|not run): *(.*?) *-->$`)
	listItem    = regexp.MustCompile(`^ *(?:[-*+]|\d+[.)]) +`)
	shells      = regexp.MustCompile(`^(?:|sh|shell|bash|zsh|console|powershell|pwsh|cmd|bat)$`)
	yamlRun     = regexp.MustCompile(`^\s*(?:- +)?run: *(.*)$`)
	insideShell = regexp.MustCompile(`\$\([^)]*\)`)
	wordChars   = regexp.MustCompile(`[^\w.:-]+`)
)

// scanned is a document on its way through scanDoc.
type scanned struct {
	file     string
	commands []docCommand
	problems []string

	mark     []string // kind and value of the one that waits for its block
	markedAt int
}

// scanDoc finds the commands of a Markdown file, and the marks that stand before none.
func scanDoc(file, text string) (commands []docCommand, problems []string) {
	s := &scanned{file: file}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	indent, blank := 4, true // what makes a block here, deeper inside of lists; and whether one may begin
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "":
			blank = true
			continue
		case markLine.MatchString(line):
			s.orphan()
			s.mark, s.markedAt = markLine.FindStringSubmatch(line)[1:], i+1
			blank = true
			continue
		case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
			end := i + 1
			for end < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[end]), trimmed[:3]) {
				end++
			}
			language, _, _ := strings.Cut(strings.TrimSpace(strings.TrimLeft(trimmed, "`~")), " ")
			s.fenced(language, lines[i+1:min(end, len(lines))], i+2)
			i = end
		case blank && len(line)-len(strings.TrimLeft(line, " ")) >= indent:
			end := i
			for end < len(lines) && (strings.TrimSpace(lines[end]) == "" || strings.HasPrefix(lines[end], strings.Repeat(" ", indent))) {
				end++
			}
			s.block(lines[i:end], i+1)
			i, blank = end-1, true
			continue
		case listItem.MatchString(line):
			indent = len(listItem.FindString(line)) + 4
		case !strings.HasPrefix(line, " ") && blank:
			indent = 4
		}
		s.orphan()
		blank = false
	}
	s.orphan()
	return s.commands, s.problems
}

func (s *scanned) fenced(language string, lines []string, at int) {
	switch {
	case shells.MatchString(language):
		s.block(lines, at)
	case language == "yaml" || language == "yml":
		runs := make([]string, len(lines))
		for i, line := range lines {
			if m := yamlRun.FindStringSubmatch(line); m != nil {
				runs[i] = m[1]
			}
		}
		s.block(runs, at)
	}
}

// block takes the lines of one; the mark before it is used up if there is a command.
func (s *scanned) block(lines []string, at int) {
	for i := 0; i < len(lines); i++ {
		c := docCommand{file: s.file, line: at + i, text: strings.TrimPrefix(strings.TrimSpace(lines[i]), "$ ")}
		if c.text == "" || strings.HasPrefix(c.text, "#") {
			continue
		}
		for strings.HasSuffix(c.text, `\`) && i+1 < len(lines) {
			i++
			c.text = strings.TrimSuffix(c.text, `\`) + strings.TrimSpace(lines[i])
		}
		if s.markedAt > 0 && s.mark[0] == "run" {
			c.by = strings.FieldsFunc(s.mark[1], func(r rune) bool { return r == ',' || r == ' ' })
		} else if s.markedAt > 0 {
			c.not = s.mark[1]
		}
		s.commands = append(s.commands, c)
	}
	if n := len(s.commands); n > 0 && s.commands[n-1].line >= at {
		if s.markedAt > 0 && s.mark[1] == "" {
			s.problems = append(s.problems, fmt.Sprintf("%s:%d: the mark gives no reason and no test", s.file, s.markedAt))
		}
		s.markedAt = 0
	}
}

// orphan complains about a mark that no command has followed.
func (s *scanned) orphan() {
	if s.markedAt > 0 {
		s.problems = append(s.problems, fmt.Sprintf("%s:%d: the mark %q stands before no command", s.file, s.markedAt, strings.Join(s.mark, ": ")))
	}
	s.markedAt = 0
}

// telling are the words of a command that a test which runs it has to have:
// programs, subcommands and the names of flags, but not their values.
func (c docCommand) telling() []string {
	var out []string
	text, _, _ := strings.Cut(c.text, " #")
	text = insideShell.ReplaceAllString(text, "")
	begin := true // no flag has come yet: what follows one may be its value
	for _, word := range strings.Fields(text) {
		word = strings.Trim(word, `"'`)
		name, _, assigned := strings.Cut(word, "=")
		switch {
		case word == "&&" || word == "||" || word == "|" || word == ";":
			begin = true
		case strings.HasPrefix(word, "-"):
			out, begin = append(out, name), false
		case begin && !assigned && word != "sudo" && word != "cd" && !strings.Contains(word, "://"):
			out = append(out, word[strings.LastIndex(word, "/")+1:])
		}
	}
	return out
}
