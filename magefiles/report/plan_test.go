package report

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// planScene plays a build with a plan; frame sees it after each event.
func planScene(t *testing.T, r *Reporter, c *clock, frame func(string)) {
	t.Helper()
	r.Plan(Planned{"ui", nil}, Planned{"cli", nil}, Planned{"layers", []string{"ui", "cli"}}, Planned{"push", []string{"layers"}})
	frame("planned")
	err := r.Step(t.Context(), "cli", func(ctx context.Context, _ *Step) error {
		c.pass(2 * time.Second)
		err := r.Step(ctx, "ui", func(context.Context, *Step) error {
			c.pass(time.Second)
			frame("both run")
			return nil
		})
		frame("one is done")
		return err
	})
	if err != nil {
		t.Error(err)
	}
	frame("layers next")
	ctx, cancel := context.WithCancel(t.Context())
	_ = r.Step(ctx, "layers", func(context.Context, *Step) error { cancel(); return context.Canceled })
	frame("interrupted")
	r.Print(r.Rest())
	r.Plan()
	frame("told")
}

func TestPlanLive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		golden         string
		columns, lines int
		ascii          bool
	}{{"plan-80", 80, 24, false}, {"plan-20", 20, 24, false}, {"plan-80-low", 80, 5, false}, {"plan-80-ascii", 80, 24, true}} {
		t.Run(c.golden, func(t *testing.T) {
			t.Parallel()
			clk := newClock()
			scr := newScreen(t, c.columns)
			r := New(scr, Options{TTY: true, ASCII: c.ascii, Now: clk.now, Size: func() (int, int) { return c.columns, c.lines }})
			r.manual = true
			var b strings.Builder
			planScene(t, r, clk, func(what string) {
				r.mu.Lock()
				r.draw()
				r.mu.Unlock()
				b.WriteString("=== " + what + "\n" + scr.String())
			})
			golden(t, c.golden, b.String())
			if c.ascii && strings.ContainsFunc(b.String(), func(c rune) bool { return c > 0x7f }) {
				t.Error("there is a sign that this terminal may lack")
			}
		})
	}
}

// TestAfter: what a step waited for is part of its result.
func TestAfter(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := New(&bytes.Buffer{}, Options{Now: c.now})
	planScene(t, r, c, func(string) {})
	for _, res := range r.Results() {
		if want := map[string]string{"layers": "ui cli"}[res.Name]; strings.Join(res.After, " ") != want {
			t.Errorf("%s waited for %q, want %q", res.Name, res.After, want)
		}
	}
}

// TestRest: nothing is said of a build without a plan, or before it begins.
func TestRest(t *testing.T) {
	t.Parallel()
	r := New(&bytes.Buffer{}, Options{})
	r.Plan(Planned{"a", nil}, Planned{"b", []string{"a"}})
	if rest := r.Rest(); rest != "" {
		t.Errorf("before the first step: %q", rest)
	}
	_ = r.Step(t.Context(), "a", func(context.Context, *Step) error { return errors.New("x") })
	if rest := r.Rest(); rest != "stopped: a; not begun: b" {
		t.Errorf("after a failure: %q", rest)
	}
	r.Plan()
	if rest := r.Rest(); rest != "" {
		t.Errorf("without a plan: %q", rest)
	}
}
