package report

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// Actions is what the log of a GitHub Actions job understands: lines that fold,
// and errors that stand beside the sources in the pull request. The format is
// the one of GitHub's "workflow commands".
type Actions struct {
	// Locate tells which file of the repository a tool means by a name in its
	// output, with slashes, from the repository's root. Nil knows none.
	Locate func(name string) (file string, ok bool)

	token func() string // for tests
}

// The most that a job's page shows of errors at once, and of a log in a group.
const (
	mostAnnotations = 10
	longestGroup    = 1 << 20 // bytes
)

// actionsEnd is what a step leaves in a job's log: a line that unfolds to the
// step's whole log. What failed is told outside of it, for all to see, and as
// annotations. Steps run side by side and groups cannot, so a group is written
// when its step has ended.
func (r *Reporter) actionsEnd(s *Step, res Result, line string, err error) string {
	log := ""
	if !r.opts.Verbose {
		log = readLog(res.Log)
	}
	text := line
	if log != "" {
		text = "::group::" + escapeData(strings.TrimSuffix(line, "\n")) + "\n" + r.opts.Actions.quoted(log) + "::endgroup::\n"
	}
	if state(res.State) != stateFailed || isReported(err) {
		return text
	}
	if log != "" {
		text += line
	}
	return text + r.opts.Actions.quoted(r.tail(s)) + r.opts.Actions.annotations(s.name, readLog(res.Log), err)
}

// quoted is text in which nothing is a command: a tool's output, or a test's
// name, could otherwise write annotations, or worse.
func (a *Actions) quoted(text string) string {
	if !strings.Contains(text, "::") && !strings.Contains(text, "##[") {
		return text
	}
	token := rand.Text
	if a.token != nil {
		token = a.token
	}
	word := token() // nobody can know it, and so nobody can switch commands on again
	return "::stop-commands::" + word + "\n" + strings.TrimSuffix(text, "\n") + "\n::" + word + "::\n"
}

// annotations are the places that the tool's output names, or else the step as
// a whole.
func (a *Actions) annotations(step, log string, err error) string {
	var b strings.Builder
	n := 0
	for _, p := range places(log) {
		file, ok := p.File, false
		if a.Locate != nil {
			file, ok = a.Locate(p.File)
		}
		if !ok || n == mostAnnotations {
			continue
		}
		n++
		at := "file=" + escapeProperty(file) + ",line=" + strconv.Itoa(p.Line)
		if p.Column > 0 {
			at += ",col=" + strconv.Itoa(p.Column)
		}
		fmt.Fprintf(&b, "::error %s,title=%s::%s\n", at, escapeProperty(step), escapeData(p.Message))
	}
	if n == 0 {
		fmt.Fprintf(&b, "::error title=%s::%s\n", escapeProperty(step+" failed"), escapeData(strings.TrimSpace(Message(err))))
	}
	return b.String()
}

// escapeData is text behind the last :: of a command.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// escapeProperty is a value between a command's name and its ::.
func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// readLog is a log as people may see it, its end if it is very long.
func readLog(file string) string {
	if file == "" {
		return ""
	}
	f, err := os.Open(file)
	if err != nil {
		return "" // it is told elsewhere that the log is incomplete
	}
	defer f.Close() //nolint:errcheck // only read from
	cut := false
	if info, err := f.Stat(); err == nil && info.Size() > longestGroup {
		_, err = f.Seek(-longestGroup, io.SeekEnd)
		cut = err == nil
	}
	text, err := io.ReadAll(io.LimitReader(f, longestGroup))
	if err != nil || len(text) == 0 {
		return ""
	}
	shown := string(text)
	if cut {
		_, shown, _ = strings.Cut(shown, "\n")
		shown = "(the beginning is in " + file + ")\n" + shown
	}
	shown = printableLines(strings.ReplaceAll(shown, "\r\n", "\n"))
	return strings.TrimSuffix(shown, "\n") + "\n"
}
