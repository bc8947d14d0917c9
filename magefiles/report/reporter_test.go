package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// scene plays one build: steps of all fates, seen by out.
func scene(t *testing.T, r *Reporter, c *clock, frame func(string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	err := r.Step(ctx, "ui", func(ctx context.Context, s *Step) error {
		fmt.Fprintln(s.Log(), "vite: building\x1b[31m in red\x1b[0m")
		c.pass(1200 * time.Millisecond)
		s.Detail("42 modules transformed, 3 chunks")
		frame("one step")
		return r.Step(ctx, "cli linux/arm64", func(_ context.Context, s *Step) error {
			c.pass(61 * time.Second)
			frame("two steps")
			r.Warn("a warning in between")
			frame("a warning above")
			s.Detail("98 crates")
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
	frame("both done")
	if err := r.Step(ctx, "wheels", func(_ context.Context, s *Step) error { s.Skip("nothing changed"); return nil }); err != nil {
		t.Error(err)
	}
	outer := r.Step(ctx, "images", func(ctx context.Context, _ *Step) error {
		return r.Step(ctx, "base linux/arm64", func(_ context.Context, s *Step) error {
			for i := range 25 {
				fmt.Fprintf(s.Log(), "line %d\n", i+1)
			}
			fmt.Fprint(s.Log(), "10%\r50%\r100%\nhash differs\a")
			c.pass(500 * time.Millisecond)
			return curedError{errors.New("checking \"python3.deb\": hash differs\nsecond line")}
		})
	})
	r.Print(Message(outer))
	frame("failed")
	cancelled := r.Step(ctx, "late", func(context.Context, *Step) error { cancel(); return context.Canceled })
	if !errors.Is(cancelled, context.Canceled) {
		t.Error(cancelled)
	}
	frame("stopped")
}

type curedError struct{ error }

func (curedError) Cure() string { return "run bootstrap again" }

func (e curedError) Unwrap() error { return e.error }

func TestPlain(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), filepath.Join(t.TempDir(), "logs")
	var out bytes.Buffer
	r := New(&out, Options{LogDir: dir, Now: c.now})
	scene(t, r, c, func(string) {})
	for i, b := range out.Bytes() {
		if b != '\n' && (b < ' ' || b >= 0x7f) {
			t.Fatalf("byte %#x at %d of plain output", b, i)
		}
	}
	golden(t, "plain", strings.ReplaceAll(out.String(), dir+string(filepath.Separator), "LOGS/"))
}

func TestLive(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{80, 30} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			t.Parallel()
			c, s := newClock(), newScreen(t, columns)
			r := New(s, Options{TTY: true, Color: true, Size: s.size, Now: c.now})
			r.manual = true
			var frames strings.Builder
			scene(t, r, c, func(name string) {
				r.mu.Lock()
				r.draw()
				r.mu.Unlock()
				fmt.Fprintf(&frames, "=== %s\n%s", name, s)
			})
			golden(t, fmt.Sprintf("live-%d", columns), frames.String())
		})
	}
}

func TestVerbose(t *testing.T) {
	t.Parallel()
	for name, tty := range map[string]bool{"verbose-plain": false, "verbose-live": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := newClock(), newScreen(t, 60)
			r := New(s, Options{Verbose: true, TTY: tty, Size: s.size, Now: c.now})
			r.manual = true
			err := r.Step(t.Context(), "ui", func(ctx context.Context, s *Step) error {
				fmt.Fprint(s.Log(), "first\nhalf ")
				return r.Step(ctx, "cli", func(_ context.Context, s2 *Step) error {
					fmt.Fprint(s2.Log(), "other\n")
					fmt.Fprint(s.Log(), "line\nno newline at the end")
					return errors.New("broken")
				})
			})
			if err == nil {
				t.Error("no error")
			}
			golden(t, name, s.String())
		})
	}
}

func TestMoreStepsThanLines(t *testing.T) {
	t.Parallel()
	c, s := newClock(), newScreen(t, 40)
	r := New(s, Options{TTY: true, Size: s.size, Now: c.now})
	r.manual = true
	var nest func(ctx context.Context, n int) error
	frame := ""
	nest = func(ctx context.Context, n int) error {
		if n == 12 {
			frame = s.String()
			return nil
		}
		return r.Step(ctx, "step "+itoa(n), func(ctx context.Context, _ *Step) error { return nest(ctx, n+1) })
	}
	if err := nest(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(frame, "\n"); lines != 9 || !strings.HasSuffix(frame, "  and 4 more\n") {
		t.Errorf("%d lines:\n%s", lines, frame)
	}
}

// A window made narrower wraps the lines that stand there; all must go.
func TestNarrowedWindow(t *testing.T) {
	t.Parallel()
	c, s := newClock(), newScreen(t, 80)
	size := 80
	r := New(s, Options{TTY: true, Size: func() (int, int) { return size, 24 }, Now: c.now})
	r.manual = true
	err := r.Step(t.Context(), "ui", func(_ context.Context, st *Step) error {
		st.Detail(strings.Repeat("x", 30))
		r.mu.Lock()
		defer r.mu.Unlock()
		r.draw()
		// The terminal reflows the 63 columns of the line into three rows.
		s.rows, s.y, size = append([][]rune{nil, nil}, s.rows...), s.y+2, 30
		return nil
	})
	if got := s.String(); err != nil || strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "✓ ui") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	c, s := newClock(), newScreen(t, 60)
	r := New(s, Options{TTY: true, Size: s.size, Now: c.now, LogDir: t.TempDir()})
	r.manual = true
	ctx, cancel := context.WithCancel(t.Context())
	killed := errors.New("signal: terminated")
	err := r.Step(ctx, "ui", func(_ context.Context, s *Step) error {
		fmt.Fprintln(s.Log(), "noise")
		cancel()
		return killed
	})
	if err != killed { //nolint:errorlint // it must come back as it is
		t.Errorf("error %v", err)
	}
	want := "✗ ui                        0.0s  interrupted\n"
	if got := s.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if res := r.Results(); len(res) != 1 || res[0].State != "interrupted" {
		t.Errorf("%+v", res)
	}
}

func TestPanicLeavesTidyTerminal(t *testing.T) {
	t.Parallel()
	s := newScreen(t, 60)
	r := New(s, Options{TTY: true, Size: s.size, Now: newClock().now})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = r.Step(t.Context(), "ui", func(context.Context, *Step) error { panic("oops") })
	}()
	if got := s.String(); got != "✗ ui                        0.0s  panic\n" || r.stop != nil {
		t.Errorf("%q, ticker %v", got, r.stop)
	}
}

// Many steps at once, with the real ticker; the race detector watches.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	s := newScreen(t, 60)
	r := New(s, Options{TTY: true, Verbose: true, Size: s.size, LogDir: t.TempDir()})
	done := make(chan error)
	for i := range 16 {
		go func() {
			done <- r.Step(context.Background(), "same name", func(_ context.Context, s *Step) error {
				inner := make(chan struct{})
				go func() { _, _ = io.WriteString(s.Log(), "err\n"); close(inner) }()
				for j := range 50 {
					s.Detail(itoa(j))
					fmt.Fprintf(s.Log(), "%d.%d\n", i, j)
				}
				<-inner
				time.Sleep(150 * time.Millisecond) // at least one tick
				return nil
			})
		}()
	}
	for range 16 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	lines := strings.Split(strings.TrimSuffix(s.String(), "\n"), "\n")
	if len(lines) != 16*51+16 {
		t.Errorf("%d lines on the screen", len(lines))
	}
	seen := map[string]bool{}
	for _, res := range r.Results() {
		body, err := os.ReadFile(res.Log)
		if err != nil || seen[res.Log] || bytes.Count(body, []byte("\n")) != 51 {
			t.Errorf("log %q: seen %v, %v", res.Log, seen[res.Log], err)
		}
		seen[res.Log] = true
	}
}
