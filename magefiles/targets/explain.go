package targets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// verdicts are why steps ran, or did not. The zero value is ready.
type verdicts struct {
	mu   sync.Mutex
	list []stepReason
}

// stepReason is what is said of one step.
type stepReason struct{ step, text string }

// judged notes why a step ran, in its log too.
func (j *job) judged(s *report.Step, step string, v xbuild.Verdict) {
	text := fmt.Sprintf("nothing changed (%d inputs)", v.Inputs)
	if v.Ran() {
		text = xbuild.SayChanges(v.Why)
		for _, why := range v.Why {
			fmt.Fprintf(s.Log(), "%s runs: %s\n", step, why)
		}
	}
	j.why.add(step, text)
}

func (v *verdicts) add(step, text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.list = append(v.list, stepReason{step, text})
}

// explains is f, and then, if somebody wants to know, why each step ran.
func explains(wanted *bool, f func(context.Context, *job) error) func(context.Context, *job) error {
	return func(ctx context.Context, j *job) error {
		err := f(ctx, j)
		if err == nil && value(wanted) {
			j.explain()
		}
		return err
	}
}

// explain prints why each step ran.
func (j *job) explain() {
	j.why.mu.Lock()
	defer j.why.mu.Unlock()
	fmt.Fprint(j.out, explained(j.why.list))
}

// explained is the text: steps in the order of their names, whichever ended first.
func explained(list []stepReason) string {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b stepReason) int { return strings.Compare(a.step, b.step) })
	width := 0
	for _, r := range list {
		width = max(width, len(r.step))
	}
	var out strings.Builder
	out.WriteString("\nwhy each step ran:\n")
	for _, r := range list {
		fmt.Fprintf(&out, "  %-*s  %s\n", width, r.step, r.text)
	}
	return out.String()
}
