package xbuild

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// BuildxError is a build of a Dockerfile that failed, in the words that a person
// looks for. The *ToolError below it has all of BuildKit's.
type BuildxError struct {
	File  string   // the Dockerfile
	Line  string   // where in it: "docker/Dockerfile:12"; empty if BuildKit does not say
	Step  string   // "[cli 3/5] RUN cargo build"; empty if it failed before the first one
	Log   []string // the last lines that the step wrote
	Cause string   // BuildKit's own last word
	Hint  string
	Err   error
}

// Error names the step and the line, then what the step wrote at last.
func (e *BuildxError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "building %q: ", e.File)
	if e.Step != "" {
		fmt.Fprintf(&b, "step %q", e.Step)
		if e.Line != "" {
			fmt.Fprintf(&b, " (%s)", e.Line)
		}
		b.WriteString(" failed: ")
	} else if e.Line != "" {
		fmt.Fprintf(&b, "%s: ", e.Line)
	}
	b.WriteString(e.Cause)
	for _, line := range e.Log {
		b.WriteString("\n  | " + line)
	}
	if e.Hint != "" {
		b.WriteString("\n  cure: " + e.Hint)
	}
	return b.String()
}

// Unwrap gives what the command's end was.
func (e *BuildxError) Unwrap() error { return e.Err }

// Cure is the way out, in one line, if it is known.
func (e *BuildxError) Cure() string { return e.Hint }

// buildxFailed reads the end of what BuildKit wrote. An interrupt stays what it
// is.
func buildxFailed(err error, file string) error {
	var te *ToolError
	if err == nil || !errors.As(err, &te) || te.cancelled() || te.ExitStatus() == 127 {
		return err
	}
	e := &BuildxError{File: file, Hint: te.Hint, Err: errors.Unwrap(te)}
	output := strings.ReplaceAll(te.Output, "\r\n", "\n")
	for line := range strings.Lines(output) {
		if cause, ok := strings.CutPrefix(line, "ERROR: "); ok {
			e.Cause = strings.TrimSpace(cause)
		}
	}
	if e.Cause == "" {
		return err
	}
	for _, prefix := range []string{"failed to build: ", "failed to solve: ", "failed to compute cache key: "} {
		e.Cause = strings.TrimPrefix(e.Cause, prefix)
	}
	e.Step, e.Log = failedStep(output)
	if m := dockerfileLine().FindAllStringSubmatch(output, -1); m != nil {
		e.Line = m[len(m)-1][1]
		if name, line, _ := strings.Cut(e.Line, ":"); name == path.Base(file) {
			e.Line = file + ":" + line
		}
	}
	return e
}

// dockerfileLine finds the line above the excerpt of the Dockerfile.
func dockerfileLine() *regexp.Regexp { return regexp.MustCompile(`(?m)^(\S.*:\d+)\n-{20}$`) }

// failedStep reads the last block such as
//
//	------
//	 > [cli 3/5] RUN cargo build:
//	0.1 error: no such crate
//	------
func failedStep(output string) (step string, log []string) {
	const opens = "\n------\n > "
	at := strings.LastIndex(output, opens)
	if at < 0 || strings.HasPrefix(output[at+len(opens):], "importing cache") { // a cache that is not there is no failure
		return "", nil
	}
	block, _, _ := strings.Cut(output[at+len(opens):], "\n------\n")
	step, text, _ := strings.Cut(block, "\n")
	clock := regexp.MustCompile(`^\d+\.\d+ `)
	for line := range strings.Lines(text) {
		log = append(log, clock.ReplaceAllString(strings.TrimRight(line, "\n"), ""))
	}
	return strings.TrimSuffix(strings.TrimSpace(step), ":"), log
}
