package xbuild

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// ToolError says that a command could not be run or failed.
type ToolError struct {
	Cmd    Cmd
	Output string // the last 64 KiB that it wrote, both streams
	Hint   string // the cure, in one line, if it is known
	Err    error  // what os/exec said; also the context's error if it was cancelled
}

// shownLines is how much of the output is part of the message; the rest is in
// the log.
const shownLines = 15

// Error names the command and the cause, then the end of its output, then the
// cure. The full command is in Cmd.
func (e *ToolError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "running %q: %v", e.title(), e.Err)
	if !e.cancelled() {
		for _, line := range lastLines(e.Output, shownLines) {
			b.WriteString("\n  | " + line)
		}
		if e.Hint != "" {
			b.WriteString("\n  cure: " + e.Hint)
		}
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *ToolError) Unwrap() error { return e.Err }

// ExitStatus is what a program that stops because of this error should exit
// with: the command's own status, 127 if it is not there, 130 if cancelled, as
// shells do; else 1. mage's main asks for it.
func (e *ToolError) ExitStatus() int {
	if e.cancelled() {
		return 130
	}
	return exitStatus(e.Err)
}

func (e *ToolError) cancelled() bool {
	return errors.Is(e.Err, context.Canceled) || errors.Is(e.Err, context.DeadlineExceeded)
}

// title is the program and its first argument, which is mostly a subcommand.
func (e *ToolError) title() string {
	t := filepath.Base(e.Cmd.Name)
	if len(e.Cmd.Args) > 0 && !strings.HasPrefix(e.Cmd.Args[0], "-") {
		t += " " + e.Cmd.Args[0]
	}
	return t
}

func missingHint(c Cmd) string {
	if c.Dir != "" && !isDir(c.Dir) {
		return fmt.Sprintf("the folder %q does not exist", c.Dir)
	}
	return fmt.Sprintf("install %s or put it on the PATH; the doctor target lists every tool with its install line", filepath.Base(c.Name))
}

func lastLines(s string, n int) []string {
	s = strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n \t")
	if s == "" {
		return nil
	}
	lines := strings.Split(s, "\n")
	if len(lines) > n {
		lines = append([]string{fmt.Sprintf("(%d lines before)", len(lines)-n)}, lines[len(lines)-n:]...)
	}
	return lines
}

// Cure is Hint, by the name that whoever shows errors asks for.
func (e *ToolError) Cure() string { return e.Hint }
