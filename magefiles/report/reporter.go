package report

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"
)

// Options say how to show things. The zero value is plain text of 80 columns
// without logs.
type Options struct {
	Color   bool     // use colours; the caller knows NO_COLOR, CI and -color
	TTY     bool     // out is a terminal that understands ANSI sequences; see Terminal
	Verbose bool     // show the logs of all steps as they are written
	LogDir  string   // folder of the steps' logs, made when needed; "" keeps none
	ASCII   bool     // the terminal may lack the signs of the live view
	Actions *Actions // out is the log of a GitHub Actions job; nil if it is not

	// Size is the terminal's size in columns and lines, asked before every
	// redraw as windows change. Nil means 80 by 24.
	Size func() (columns, lines int)
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

// frameTime is the pause between redraws of the live lines.
const frameTime = 100 * time.Millisecond

// Reporter shows a build to a person. Its methods may be called concurrently;
// everything printed while steps run must go through it, or the live lines and
// the rest overwrite one another. Errors of writing to the terminal are ignored:
// a build does not fail because nobody watches any more.
type Reporter struct {
	opts   Options
	colors palette
	manual bool // tests draw frames themselves

	mu          sync.Mutex // guards all below, out, and the shared fields of steps
	out         io.Writer
	running     []*Step
	results     []Result
	planned     []Planned
	failed      bool            // some step failed on its own account
	interrupted bool            // some step was interrupted by the person
	logs        map[string]int  // how often a log's name was taken
	shown       map[string]bool // logs whose path was printed
	live        region
	stop        chan struct{} // closed to end the ticker; nil when it does not run
}

// New returns a Reporter that writes to out.
func New(out io.Writer, opts Options) *Reporter {
	if opts.Size == nil {
		opts.Size = func() (int, int) { return 80, 24 }
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Reporter{
		opts: opts, colors: newPalette(opts.Color), out: out,
		logs: map[string]int{}, shown: map[string]bool{},
	}
}

// Step runs f and shows that it does. The name is what the person reads and,
// made safe, the name of the log. Steps may run side by side and within one
// another.
//
// If f fails, the step's last log lines and the path of its log are printed,
// and the error comes back as a [*StepError]. If ctx is cancelled, the step
// ends as interrupted (or stopped, when another step's failure was the
// reason) and f's error comes back as it is.
func (r *Reporter) Step(ctx context.Context, name string, f func(context.Context, *Step) error) error {
	s := r.start(printable(name))
	returned := false
	defer func() {
		if !returned { // f panicked: leave a tidy terminal to the trace
			r.finish(s, stateFailed, errPanic)
		}
	}()
	err := f(ctx, s)
	returned = true
	switch {
	case err == nil && s.skipped():
		r.finish(s, stateSkipped, nil)
	case err == nil:
		r.finish(s, stateDone, nil)
	case errors.Is(ctx.Err(), context.Canceled):
		r.finish(s, stateInterrupted, err)
	default:
		r.finish(s, stateFailed, err)
		return &StepError{Step: s.name, Log: s.log.path(), Err: err}
	}
	return err
}

// Print writes text, a line or several, above the live lines, as it is: text
// from outside must not be part of it.
func (r *Reporter) Print(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(strings.TrimSuffix(text, "\n") + "\n")
	r.draw()
}

// Warn writes one warning above the live lines.
func (r *Reporter) Warn(text string) {
	r.Print(r.colors.warn("warning:") + " " + printableLines(text))
}

// Results returns the steps that have ended, in the order of their ends.
func (r *Reporter) Results() []Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Result(nil), r.results...)
}

func (r *Reporter) start(name string) *Step {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &Step{r: r, name: name, started: r.opts.Now(), after: r.begin(name)}
	s.log = newStepLog(r.opts.LogDir, r.logName(name), func(line string) { r.verbose(s, line) })
	r.running = append(r.running, s)
	if !r.opts.TTY {
		r.emit(startLine(s))
		return s
	}
	r.draw()
	r.startTicker()
	return s
}

// logName makes a name that is a file name everywhere and not yet taken by
// another step, also where upper and lower case are the same.
func (r *Reporter) logName(name string) string {
	safe := fileName(name)
	key := strings.ToLower(safe)
	r.logs[key]++
	if n := r.logs[key]; n > 1 {
		return r.logName(safe + "-" + itoa(n))
	}
	return safe
}

func (r *Reporter) finish(s *Step, state state, err error) {
	// Closed before the lock is taken: closing may print a last line. From then
	// on nobody who holds the log's lock waits for the Reporter's.
	s.log.close()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, t := range r.running {
		if t == s {
			r.running = append(r.running[:i], r.running[i+1:]...)
			break
		}
	}
	if state == stateInterrupted && r.failed {
		state = stateStopped
	}
	res := Result{
		Name: s.name, State: string(state), Detail: s.detail, Log: s.log.path(), After: s.after, Start: s.started, End: r.opts.Now(),
	}
	r.results = append(r.results, res)
	r.failed = r.failed || state == stateFailed && !isReported(err)
	r.interrupted = r.interrupted || state == stateInterrupted
	r.emit(r.ended(s, res, err) + r.incomplete(s))
	r.draw()
	if len(r.running) == 0 {
		r.stopTicker()
	}
}

// ended is what a step leaves on the screen.
func (r *Reporter) ended(s *Step, res Result, err error) string {
	line := r.endLine(res, err)
	if r.opts.Actions != nil {
		return r.actionsEnd(s, res, line, err)
	}
	if state(res.State) == stateFailed && !isReported(err) {
		return line + r.tail(s)
	}
	return line
}

func (r *Reporter) verbose(s *Step, line string) {
	if !r.opts.Verbose {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(r.prefixed(s.name, line)) // the next tick redraws the live lines: tools can print a lot
}
