package report

import (
	"fmt"
	"slices"
	"strings"
)

// Planned is a step that is to come, and the names of the steps that it waits
// for.
type Planned struct {
	Name  string
	After []string
}

// Plan says which steps are to come, so that people see what is left and what
// it waits for. A step that begins takes its After from here. A later plan
// takes the place of an earlier one; Plan() without steps ends it.
func (r *Reporter) Plan(steps ...Planned) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit("") // what stands there may be longer than what comes
	r.planned = slices.Clone(steps)
	r.draw()
}

// Pending are the steps of the plan that have not begun.
func (r *Reporter) Pending() []Planned {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.planned)
}

// Rest says in one line how far the plan has come: what is done and will not
// have to be done again, what was stopped, what has not begun. Empty if there
// was no plan, or nothing has begun.
func (r *Reporter) Rest() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var done, stopped, waiting []string
	for _, res := range r.results {
		switch state(res.State) {
		case stateDone, stateSkipped:
			done = append(done, res.Name)
		default:
			stopped = append(stopped, res.Name)
		}
	}
	for _, p := range r.planned {
		waiting = append(waiting, p.Name)
	}
	if len(waiting) == 0 || len(done)+len(stopped) == 0 {
		return ""
	}
	var parts []string
	for _, p := range []struct {
		what  string
		names []string
	}{{"done", done}, {"stopped", stopped}, {"not begun", waiting}} {
		if p.names != nil {
			parts = append(parts, p.what+": "+strings.Join(p.names, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// begin takes a step out of the plan. The lock is held.
func (r *Reporter) begin(name string) (after []string) {
	i := slices.IndexFunc(r.planned, func(p Planned) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	after = r.planned[i].After
	r.planned = slices.Delete(r.planned, i, i+1)
	return after
}

// waiting are the lines of the steps to come. When the build is failing they
// will not come. The lock is held.
func (r *Reporter) waiting() []string {
	if r.failed || r.interrupted {
		return nil
	}
	var lines []string
	for _, p := range r.planned {
		remark := ""
		if open := r.open(p.After); open != nil {
			remark = "waits for " + strings.Join(open, ", ")
		}
		lines = append(lines, r.mark(".", "·")+" "+r.columns(p.Name, "", remark))
	}
	return lines
}

// open are those of the names whose steps have not ended. The lock is held.
func (r *Reporter) open(names []string) []string {
	var open []string
	for _, name := range names {
		running := slices.ContainsFunc(r.running, func(s *Step) bool { return s.name == name })
		planned := slices.ContainsFunc(r.planned, func(p Planned) bool { return p.Name == name })
		if running || planned {
			open = append(open, name)
		}
	}
	return open
}

// progress is the last of the live lines: how many steps of how many have
// ended, and since when the first one runs. The lock is held.
func (r *Reporter) progress() string {
	total := len(r.results) + len(r.running) + len(r.planned)
	began := r.opts.Now()
	for _, s := range r.running {
		if s.started.Before(began) {
			began = s.started
		}
	}
	for _, res := range r.results {
		if res.Start.Before(began) {
			began = res.Start
		}
	}
	return fmt.Sprintf("%d of %d steps, %s", len(r.results), total, seconds(r.opts.Now().Sub(began)))
}
