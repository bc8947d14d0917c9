package report

import (
	"fmt"
	"testing"
	"time"
)

func TestCriticalPath(t *testing.T) {
	t.Parallel()
	step := func(name string, from, to int, after ...string) Result {
		at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		return Result{Name: name, After: after, Start: at.Add(time.Duration(from) * time.Second), End: at.Add(time.Duration(to) * time.Second)}
	}
	for _, c := range []struct {
		name  string
		steps []Result
		want  []int
	}{
		{"none", nil, nil},
		{"one", []Result{step("a", 0, 1)}, []int{0}},
		{"the later of two", []Result{step("a", 0, 3), step("b", 0, 5), step("c", 5, 6, "a", "b")}, []int{1, 2}},
		{"side by side to the end", []Result{step("a", 0, 3), step("b", 3, 4, "a"), step("c", 0, 9)}, []int{2}},
		{"a wait before it", []Result{step("a", 0, 3), step("b", 4, 6, "a")}, []int{0, 1}},
		{"something that is not there", []Result{step("a", 0, 3, "x")}, []int{0}},
		{"a circle", []Result{step("a", 0, 3, "b"), step("b", 0, 4, "a")}, []int{0, 1}},
	} {
		if got := criticalPath(c.steps); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	for total := 10 * time.Millisecond; total < 100*time.Hour; total = total * 13 / 10 {
		list := ticks(total)
		if len(list) < 2 || len(list) > 13 || list[len(list)-1].X > 100 {
			t.Errorf("%s has %d ticks, the last at %v %%", total, len(list), list[len(list)-1].X)
		}
		for i := 1; i < len(list); i++ {
			if list[i].Text == list[i-1].Text {
				t.Errorf("%s has %q twice", total, list[i].Text)
			}
		}
	}
}

func TestTimeline(t *testing.T) {
	t.Parallel()
	line := newTimeline(samplePage())
	if line.Critical != "cli → layers → audit → layout" || len(line.Joints) != 3 || len(line.Rows) != 7 {
		t.Errorf("%q with %d joints in %d rows", line.Critical, len(line.Joints), len(line.Rows))
	}
	for _, row := range line.Rows {
		if row.X < 0 || row.X+row.Width > 100.01 {
			t.Errorf("%s goes from %v to %v %%", row.Name, row.X, row.X+row.Width)
		}
	}
}
