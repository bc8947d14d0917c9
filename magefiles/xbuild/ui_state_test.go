package xbuild

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// touch gives all files of a folder other times, as a new checkout does.
func touch(t *testing.T, dir string) {
	t.Helper()
	when := time.Now().Add(-time.Hour)
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Chtimes(name, when, when)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBuiltUI(t *testing.T) {
	t.Parallel()
	ui, npm := uiProject(t)
	if _, err := npm.build(t, ui); err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(ui.State, "next")
	steps := []struct {
		name           string
		change         func()
		there, current bool
	}{
		{"built", func() {}, true, true},
		{"new times", func() { touch(t, filepath.Dir(ui.Dir)) }, true, true},
		{"built by an npm that has gone", func() { npm.version = "8" }, true, true},
		{"a killed swap", func() { _ = os.Rename(ui.Out, next+".old") }, true, true},
		{"other sources", func() { writeFiles(t, ui.Dir, map[string]string{"src/main.ts": "3"}) }, true, false},
		{"the first sources", func() { writeFiles(t, ui.Dir, map[string]string{"src/main.ts": "1"}) }, true, true},
		{"another page", func() { writeFiles(t, ui.Out, map[string]string{"index.html": "x"}) }, true, false},
		{"an empty page", func() { writeFiles(t, ui.Out, map[string]string{"index.html": ""}) }, false, false},
		{"no page", func() { _ = os.RemoveAll(ui.Out) }, false, false},
	}
	for _, step := range steps {
		step.change()
		there, current, err := BuiltUI(ui)
		if there != step.there || current != step.current || err != nil {
			t.Errorf("%s: there %v, current %v, %v; want %v, %v", step.name, there, current, err, step.there, step.current)
		}
	}
}

// TestNodeTellsItsVariables: the question is one that a real Node.js answers, with what Vite would see and nothing else.
func TestNodeTellsItsVariables(t *testing.T) {
	t.Parallel()
	node := found(t, Tool{Name: "node"})
	env := []string{"PATH=" + os.Getenv("PATH"), "SystemRoot=" + os.Getenv("SystemRoot"), "VITE_B=2 \"x\"\nü", "VITE_A=1", "VITEST=true", "SECRET=s"}
	run := func(ctx context.Context, c Cmd) error {
		if c.Name == "npm" {
			_, err := c.Stdout.Write([]byte("11.0.0\n"))
			return err
		}
		return Exec(env)(ctx, c)
	}
	p := &npmProject{dir: t.TempDir(), npm: "npm", run: run}
	variables, err := p.ask(t.Context(), node)
	var got [][2]string
	if err != nil || json.Unmarshal([]byte(variables), &got) != nil {
		t.Fatalf("%q, %v", variables, err)
	}
	if want := [][2]string{{"VITE_A", "1"}, {"VITE_B", "2 \"x\"\nü"}}; !slices.Equal(got, want) {
		t.Errorf("variables %q, want %q", got, want)
	}
	if !strings.HasPrefix(p.tools, "node v") || !strings.HasSuffix(p.tools, " npm 11.0.0") {
		t.Errorf("tools %q on %s", p.tools, runtime.GOOS)
	}
}
