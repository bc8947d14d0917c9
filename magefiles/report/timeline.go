package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// timeline is the steps as bars, in the order of their starts.
type timeline struct {
	Rows     []bar
	Ticks    []tick
	Joints   []joint // between the steps of the critical path
	Critical string  // its steps, in words
	Summary  string
}

// bar is one step. X and Width are in percent of the whole time.
type bar struct {
	Result
	X, Width float64
	Critical bool
	After    string // in words
	Label    string
	Where    string  // "after" the bar, "before" it or "inside", wherever there is room for the label
	At       float64 // the end of the bar that the label stands at
}

// tick is a line of the axis.
type tick struct {
	X    float64
	Text string
	Last bool
}

// joint is where the critical path goes from one row to another.
type joint struct {
	X        float64
	From, To int // rows
}

func newTimeline(p Page) timeline {
	var t timeline
	if len(p.Steps) == 0 {
		return t
	}
	steps := slices.Clone(p.Steps)
	slices.SortStableFunc(steps, func(a, b Result) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), strings.Compare(a.Name, b.Name))
	})
	start, end := p.Start, p.End
	for _, s := range steps {
		start, end = earliest(start, s.Start), latest(end, s.End)
	}
	total := max(end.Sub(start), time.Millisecond)
	percent := func(d time.Duration) float64 { return round(100 * float64(d) / float64(total)) }
	path := criticalPath(steps)
	for i, s := range steps {
		b := bar{
			Result: s, X: percent(s.Start.Sub(start)), Width: percent(s.End.Sub(s.Start)), Critical: slices.Contains(path, i),
			After: strings.Join(s.After, ", "), Label: Duration(s.End.Sub(s.Start)),
		}
		if s.State != string(stateDone) {
			b.Label += ", " + s.State
		}
		b.label()
		t.Rows = append(t.Rows, b)
	}
	var names []string
	var busy, work time.Duration
	for i, n := range path {
		names = append(names, steps[n].Name)
		busy += steps[n].End.Sub(steps[n].Start)
		if i > 0 {
			t.Joints = append(t.Joints, joint{percent(steps[n].Start.Sub(start)), path[i-1], n})
		}
	}
	for _, s := range steps {
		work += s.End.Sub(s.Start)
	}
	t.Critical = strings.Join(names, " → ")
	t.Summary = fmt.Sprintf("%s of steps in %s.", Duration(work), Duration(total))
	if len(path) > 0 {
		t.Summary += fmt.Sprintf(" The critical path takes %s of them, %.0f %%; what is not on it does not make the build longer.",
			Duration(busy), 100*float64(busy)/float64(total))
	}
	t.Ticks = ticks(total)
	return t
}

// label finds room for the label, on the narrowest screen.
func (b *bar) label() {
	const screen, letter, around = 340, 7.0, 18 // pixels
	room := 100 * (letter*float64(len(b.Label)) + around) / screen
	end := round(min(100, b.X+b.Width))
	switch {
	case end+room <= 100:
		b.Where, b.At = "after", end
	case room <= b.X:
		b.Where, b.At = "before", b.X
	default:
		b.Where, b.At = "inside", end
	}
}

// criticalPath are the steps that decide when the build ends: the one that ends
// last, before it the one that it waited for longest, and so on. They are
// indexes, in the order of time.
func criticalPath(steps []Result) []int {
	last := -1
	for i, s := range steps {
		if last < 0 || s.End.After(steps[last].End) {
			last = i
		}
	}
	var path []int
	for last >= 0 && !slices.Contains(path, last) {
		path = append(path, last)
		next := -1
		for i, s := range steps {
			if slices.Contains(steps[last].After, s.Name) && (next < 0 || s.End.After(steps[next].End)) {
				next = i
			}
		}
		last = next
	}
	slices.Reverse(path)
	return path
}

// ticks divides a time into at most six round parts.
func ticks(total time.Duration) []tick {
	const ms, sec, min = time.Millisecond, time.Second, time.Minute
	step := time.Hour
	for _, d := range []time.Duration{
		10 * ms, 20 * ms, 50 * ms, 100 * ms, 200 * ms, 500 * ms, sec, 2 * sec, 5 * sec, 10 * sec, 20 * sec, 30 * sec,
		min, 2 * min, 5 * min, 10 * min, 20 * min, 30 * min,
	} {
		if total <= 6*d {
			step = d
			break
		}
	}
	for total > 12*step {
		step *= 2
	}
	list := []tick{{0, "0", false}}
	for at := step; at <= total; at += step {
		x := round(100 * float64(at) / float64(total))
		list = append(list, tick{x, tickText(at, step), x > 92})
	}
	return list
}

func tickText(at, step time.Duration) string {
	switch {
	case step < 100*time.Millisecond:
		return fmt.Sprintf("%.2f s", at.Seconds())
	case step < time.Second:
		return fmt.Sprintf("%.1f s", at.Seconds())
	case at < time.Minute:
		return fmt.Sprintf("%d s", int(at.Seconds()))
	case at < time.Hour:
		return fmt.Sprintf("%d:%02d", int(at.Minutes()), int(at.Seconds())%60)
	}
	return fmt.Sprintf("%d:%02d h", int(at.Hours()), int(at.Minutes())%60)
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// round keeps three digits behind the point: pages do not differ by noise.
func round(v float64) float64 { return float64(int64(v*1000+0.5)) / 1000 }
