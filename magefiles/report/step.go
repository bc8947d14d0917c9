package report

import (
	"errors"
	"io"
	"strings"
	"time"
)

// Step is one running piece of work. Its methods may be called concurrently.
type Step struct {
	r       *Reporter
	name    string
	started time.Time
	log     *stepLog
	after   []string // names of the steps that it waited for, as planned

	// Guarded by the Reporter's lock.
	detail string
	skip   bool
}

// Log is where the output of tools goes; it never fails. Lines of several
// writers (a tool's stdout and stderr) are kept whole if each writes whole lines.
func (s *Step) Log() io.Writer { return s.log }

// Detail sets the short remark behind the step's name: "cached", "12 crates".
// Later calls replace earlier ones; the last one stays on the finished line.
// It may be called as often as progress is made: the screen follows at its own pace.
func (s *Step) Detail(text string) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.detail = strings.TrimSpace(printable(text))
}

// Skip says that there was nothing to do, and why. The step's function then
// returns nil.
func (s *Step) Skip(reason string) {
	s.Detail(reason)
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	s.skip = true
}

func (s *Step) skipped() bool {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	return s.skip
}

type state string

const (
	stateDone        state = "done"
	stateSkipped     state = "skipped"
	stateFailed      state = "failed"
	stateInterrupted state = "interrupted" // by the person
	stateStopped     state = "stopped"     // because another step failed
)

// Result is how a step ended.
type Result struct {
	Name   string    `json:"name"`
	State  string    `json:"state"` // done, skipped, failed, interrupted or stopped
	Detail string    `json:"detail,omitempty"`
	Log    string    `json:"log,omitempty"`   // path; "" if nothing was logged
	After  []string  `json:"after,omitempty"` // the steps that it waited for, as planned
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
}

// StepError is the failure of a step, which the person has already seen.
type StepError struct {
	Step string
	Log  string // path; "" if nothing was logged
	Err  error
}

// Error is the step's name and what went wrong in it.
func (e *StepError) Error() string { return e.Step + ": " + e.Err.Error() }

func (e *StepError) Unwrap() error { return e.Err }

// Tail is the end of the step's log, as many lines at most; "" if it has none.
func (e *StepError) Tail(lines int) string {
	all := strings.Split(strings.TrimSuffix(readLog(e.Log), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// ExitStatus is the cause's, or 1. Mage asks the outermost error only.
func (e *StepError) ExitStatus() int {
	var s interface{ ExitStatus() int }
	if errors.As(e.Err, &s) {
		return s.ExitStatus()
	}
	return 1
}

var errPanic = errors.New("panic")

// isReported reports whether err comes from a step within the step: its log
// has been shown, and this one's adds nothing.
func isReported(err error) bool {
	var e *StepError
	return errors.As(err, &e)
}
