package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestActions(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), filepath.Join(t.TempDir(), "logs")
	var out bytes.Buffer
	r := New(&out, Options{LogDir: dir, Now: c.now, Actions: &Actions{
		Locate: func(name string) (string, bool) { return "crates/a,b/" + name, strings.HasPrefix(name, "src/") },
		token:  func() string { return "TOKEN" },
	}})
	_ = r.Step(t.Context(), "ui", func(_ context.Context, s *Step) error {
		fmt.Fprintln(s.Log(), "5 modules\n::set-output name=x::from a test's name\n##[error]old style")
		s.Detail("100% of\nit")
		return nil
	})
	_ = r.Step(t.Context(), "quiet", func(context.Context, *Step) error { return nil })
	_ = r.Step(t.Context(), "cli", func(_ context.Context, s *Step) error {
		fmt.Fprint(s.Log(), "error[E0425]: cannot find value `x`\n  --> src/main.rs:12:5\n   |\nwarning: unused\n  --> src/lib.rs:1:1\nerror: 50% wrong\n  --> /other/lib.rs:3:1\n")
		return errors.New("cargo failed")
	})
	_ = r.Step(t.Context(), "base: x, y", func(_ context.Context, s *Step) error { return errors.New("no mirror:\nnone at all") })
	golden(t, "actions", strings.ReplaceAll(out.String(), dir+string(filepath.Separator), "LOGS/"))
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, log string
		want      []place
	}{
		{"rustc", "error[E0308]: mismatched types\n --> src/main.rs:2:9\n", []place{{"src/main.rs", 2, 9, "error[E0308]: mismatched types"}}},
		{"rustc, a note has a place, too", "error: a\n --> a.rs:1:2\nnote: b\n --> b.rs:3:4\n", []place{{"a.rs", 1, 2, "error: a"}}},
		{"tsc", "src/App.tsx(12,5): error TS2304: Cannot find name 'x'.\r\n", []place{{"src/App.tsx", 12, 5, "TS2304: Cannot find name 'x'."}}},
		{"esbuild", "✘ [ERROR] Expected \";\"\n\n    src/x.ts:4:2:\n", []place{{"src/x.ts", 4, 2, `Expected ";"`}}},
		{"go", "./a.go:3:1: undefined: x\n", []place{{"./a.go", 3, 1, "undefined: x"}}},
		{"go, twice", "a.go:3:1: undefined: x\na.go:3:1: undefined: x\n", []place{{"a.go", 3, 1, "undefined: x"}}},
		{"a warning", "a.c:3:1: warning: unused\n", nil},
		{"Python", "  File \"setup.py\", line 3, in <module>\nNameError: x\n", []place{{"setup.py", 3, 0, "here, or in what it calls"}}},
		{"Windows", `C:\a\b.go:3:1: undefined: x`, []place{{`C:\a\b.go`, 3, 1, "undefined: x"}}},
		{"a URL and a time", "see https://example.org:8080/x at 12:30:01\n", nil},
	} {
		got := places(c.log)
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
