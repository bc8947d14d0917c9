package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

const (
	tailLines   = 20   // of a failed step's log are shown
	longestLine = 4096 // bytes of a line that are shown; the file has all of them
)

// stepLog is a step's log: the file gets the bytes, the person gets lines.
type stepLog struct {
	file string // "" = keep none
	line func(string)

	mu      sync.Mutex
	f       *os.File
	err     error // the first failure to write the file
	closed  bool
	partial []byte
	last    []string
}

// newStepLog removes the log of an earlier run, which would otherwise pass for
// this one's, but creates the file only when there is something to write.
func newStepLog(dir, name string, line func(string)) *stepLog {
	l := &stepLog{line: line}
	if dir != "" {
		l.file = filepath.Join(dir, name+".log")
		_ = os.Remove(l.file) // not there, mostly; if it stays, opening truncates it
	}
	return l
}

// Write never fails: a full disk must not look like the tool's own failure.
// What could not be written is told with the step's end.
func (l *stepLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return len(p), nil // a tool's grandchild that outlived its step
	}
	l.toFile(p)
	for rest := p; len(rest) > 0; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			l.partial = append(l.partial, rest[:min(len(rest), max(0, longestLine-len(l.partial)))]...)
			break
		}
		l.partial = append(l.partial, rest[:min(i, max(0, longestLine-len(l.partial)))]...)
		l.flush()
		rest = rest[i+1:]
	}
	return len(p), nil
}

func (l *stepLog) toFile(p []byte) {
	if l.file == "" || l.err != nil || len(p) == 0 {
		return
	}
	if l.f == nil {
		if l.err = os.MkdirAll(filepath.Dir(l.file), 0o755); l.err != nil {
			return
		}
		if l.f, l.err = os.Create(l.file); l.err != nil {
			return
		}
	}
	_, l.err = l.f.Write(p)
}

// flush ends the current line. A line that a tool overwrote (progress bars
// end in \r) counts as what it said last.
func (l *stepLog) flush() {
	text := strings.TrimRight(string(l.partial), "\r")
	text = printable(text[strings.LastIndexByte(text, '\r')+1:])
	l.partial = l.partial[:0]
	if len(l.last) == tailLines {
		l.last = append(l.last[:0], l.last[1:]...)
	}
	l.last = append(l.last, text)
	l.line(text)
}

func (l *stepLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.partial) > 0 {
		l.flush()
	}
	l.closed = true
	if l.f != nil {
		if err := l.f.Close(); l.err == nil {
			l.err = err
		}
	}
}

// path is the file's path, or "" if there is none.
func (l *stepLog) path() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f == nil {
		return ""
	}
	return l.file
}

func (l *stepLog) end() (last []string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last, l.err
}

// fileName makes a step's name fit for a file on every system: what one of them
// forbids, and spaces, become hyphens; it does not begin or end with a dot.
func fileName(name string) string {
	safe := strings.Map(func(c rune) rune {
		switch {
		case c < 0x80 && strings.ContainsRune(`<>:"/\|?* `+"\x7f", c), c < ' ':
			return '-'
		}
		return c
	}, name)
	safe = strings.Trim(safe, ".-")
	if safe == "" {
		return "step"
	}
	return safe
}
