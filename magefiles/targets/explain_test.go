package targets

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	j, _, out := testJob(t, nil)
	err := j.show.Step(t.Context(), "x", func(_ context.Context, s *report.Step) error {
		j.judged(s, "ui", xbuild.Verdict{Inputs: 49})
		j.judged(s, "wheels for linux/arm64", xbuild.Verdict{Why: []string{"requirements.lock changed"}})
		j.judged(s, "cli", xbuild.Verdict{Why: []string{
			"crates/noetlctl/src/main.rs changed", "flag -platforms: linux/amd64 -> linux/amd64,linux/arm64", "RUSTFLAGS set", "rustc 1.95.0 -> 1.96.0", "a added", "b removed",
		}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out.Reset()
	j.explain()
	goldenText(t, "explain.golden", out.String())
}

// TestExplains: a target of one step says why that ran, or that nothing changed, if it is asked.
func TestExplains(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-ins for programs have no .exe")
	}
	j, rec, _ := localJob(t, map[string]string{"node": "v24.1.0", "npm": "11.1.0"})
	var out strings.Builder
	j.out = &out
	rec.Reply = func(_ context.Context, c xbuild.Cmd) error {
		switch c.Args[0] {
		case "--version":
			_, err := io.WriteString(c.Stdout, "v24.1.0\n")
			return err
		case "run":
			next := c.Args[slices.Index(c.Args, "--outDir")+1]
			return errors.Join(os.MkdirAll(next, 0o755), os.WriteFile(filepath.Join(next, "index.html"), []byte("x"), 0o644))
		}
		return nil
	}
	write := func(name string) {
		file := j.path(j.UI.Dir + "/" + name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte("{}"), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write("package.json")
	write("package-lock.json")
	yes, no := true, false
	cases := []struct {
		name    string
		explain *bool
		change  func()
		want    string
	}{
		{"first", &yes, func() {}, "ui  there is no earlier result"},
		{"again", &yes, func() {}, "ui  nothing changed ("},
		{"a new file", &yes, func() { write("src/new.ts") }, "ui  " + j.UI.Dir + "/src/new.ts added\n"},
		{"not asked", nil, func() {}, ""},
		{"not wanted", &no, func() {}, ""},
	}
	for _, c := range cases {
		c.change()
		j.why, j.files = verdicts{}, nil
		out.Reset()
		if err := explains(c.explain, func(ctx context.Context, j *job) error { return j.buildUI(ctx) })(t.Context(), j); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if said := strings.Contains(out.String(), "why each step ran:"); said != (c.want != "") || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: it says %q, want %q", c.name, out.String(), c.want)
		}
	}
	out.Reset()
	broken := errors.New("broken")
	if err := explains(&yes, func(context.Context, *job) error { return broken })(t.Context(), j); !errors.Is(err, broken) || out.Len() > 0 {
		t.Errorf("after a failure: %v, %q", err, out.String())
	}
}
