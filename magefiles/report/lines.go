package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The columns of names and times; longer ones push the rest. A terminal of
// fewer than narrow columns has no room for such order.
const (
	nameColumns = 22
	timeColumns = 6
	narrow      = 60
)

// Words of plain output: ASCII, as nobody knows a pipe's encoding on Windows.
func plainWord(s state) string {
	switch s {
	case stateDone:
		return "done "
	case stateSkipped:
		return "skip "
	case stateFailed:
		return "FAIL "
	}
	return "stop "
}

func startLine(s *Step) string { return "start  " + s.name + "\n" }

// endLine is the line of a finished step; on a terminal it replaces the live one.
func (r *Reporter) endLine(res Result, err error) string {
	remark := res.Detail
	switch st := state(res.State); {
	case st == stateInterrupted, st == stateStopped:
		remark = res.State
	case st == stateFailed && isReported(err):
		remark = "failed"
	case st == stateFailed:
		first, _, _ := strings.Cut(err.Error(), "\n")
		remark = printable(first)
	}
	took := Duration(res.End.Sub(res.Start))
	if st := state(res.State); st == stateSkipped {
		took, remark = "", strings.TrimSuffix("skipped: "+remark, ": ")
	}
	mark := plainWord(state(res.State)) + " "
	if r.opts.TTY {
		mark = r.glyph(state(res.State))
	}
	return r.colors.forState(state(res.State), mark) + " " + r.columns(res.Name, took, remark) + "\n"
}

// mark is the sign, or its stand-in on a terminal that may lack it.
func (r *Reporter) mark(ascii, sign string) string {
	if r.opts.ASCII {
		return ascii
	}
	return sign
}

func (r *Reporter) glyph(s state) string {
	switch s {
	case stateDone:
		return r.mark("+", "✓")
	case stateSkipped:
		return "-"
	}
	return r.mark("x", "✗")
}

// liveLine is the line of a running step, cut to width columns.
func (r *Reporter) liveLine(s *Step, now time.Time, width int) string {
	frames := []rune(r.mark(`|/-\\`, "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"))
	elapsed := now.Sub(s.started)
	frame := string(frames[int(max(0, elapsed)/frameTime)%len(frames)])
	text := r.truncate(r.columns(s.name, seconds(elapsed), s.detail), width-2)
	return r.colors.live(frame) + " " + text
}

// seconds is a time that still runs: tenths would only flicker.
func seconds(d time.Duration) string {
	return strings.Replace(Duration(d.Truncate(time.Second)), ".0s", "s", 1)
}

func (r *Reporter) truncate(s string, columns int) string {
	s = truncate(s, columns)
	if r.opts.ASCII {
		s = strings.ReplaceAll(s, "…", ">")
	}
	return s
}

func (r *Reporter) columns(name, took, remark string) string {
	width, _ := r.opts.Size()
	if r.opts.TTY && width < narrow {
		return strings.Join(slices.DeleteFunc([]string{name, took, remark}, func(s string) bool { return s == "" }), "  ")
	}
	return strings.TrimRight(fmt.Sprintf("%s  %*s  %s", pad(name, nameColumns), timeColumns, took, remark), " ")
}

// prefixed is a line of a step's log in verbose mode.
func (r *Reporter) prefixed(name, line string) string {
	return r.colors.dim(name+" "+r.bar()) + " " + line + "\n"
}

func (r *Reporter) bar() string {
	if r.opts.TTY && !r.opts.ASCII {
		return "│"
	}
	return "|"
}

// tail is the end of a failed step's log and where the rest of it is. In
// verbose mode the lines have been seen.
func (r *Reporter) tail(s *Step) string {
	last, _ := s.log.end()
	var b strings.Builder
	if !r.opts.Verbose {
		for _, line := range last {
			b.WriteString("  " + r.colors.dim(r.bar()) + " " + line + "\n")
		}
	}
	if p := s.log.path(); p != "" {
		r.shown[p] = true
		b.WriteString("  log: " + p + "\n")
	}
	return b.String()
}

// incomplete is the warning that the log's file lacks something, if so.
func (r *Reporter) incomplete(s *Step) string {
	_, err := s.log.end()
	if err == nil {
		return ""
	}
	return "  " + r.colors.warn("warning:") + " the log is incomplete: " + printable(err.Error()) + "\n"
}

func itoa(n int) string { return strconv.Itoa(n) }
