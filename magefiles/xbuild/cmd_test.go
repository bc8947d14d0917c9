package xbuild

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestExecPassesThingsThrough(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ü b $HOME")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	run := Exec(append(os.Environ(), "HELPER_X=base"))
	cat := self(t, "cat")
	cat.Stdin = strings.NewReader("from stdin\n")
	env := self(t, "env", "HELPER_X")
	env.Env = []string{"HELPER_X=first", "HELPER_X=$last"}
	pwd := self(t, "pwd")
	pwd.Dir = dir
	tests := []struct {
		name string
		cmd  Cmd
		want string
	}{
		{"arguments are not expanded", self(t, "args", "$HOME", "a b", "*", `"q"`, ""), `$HOME|a b|*|"q"|`},
		{"base environment", self(t, "env", "HELPER_X"), "base"},
		{"the last of a key wins", env, "$last"},
		{"stdin", cat, "from stdin"},
		{"folder with spaces and umlauts", pwd, dir},
	}
	for _, tt := range tests {
		got, err := Output(t.Context(), run, tt.cmd)
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestExecLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	base := make([]string, 0, 100)
	base = append(base, os.Environ()...)
	c := self(t, "args", "x")
	c.Env = append(make([]string, 0, 10), "A=1")
	before := slices.Clone(base[:cap(base)])
	if err := Exec(base)(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, base[:cap(base)]) {
		t.Error("the base environment was written to")
	}
	if !slices.Equal(c.Env[:2], []string{"A=1", ""}) {
		t.Errorf("the command's environment was written to: %q", c.Env[:2])
	}
}

func TestExecFailure(t *testing.T) {
	t.Parallel()
	err := Exec(os.Environ())(t.Context(), self(t, "fail", "7"))
	var te *ToolError
	if !errors.As(err, &te) {
		t.Fatalf("%T: %v", err, err)
	}
	if te.ExitStatus() != 7 || !strings.Contains(te.Output, "it is broken") || !strings.Contains(err.Error(), "it is broken") {
		t.Errorf("status %d, output %q, error %v", te.ExitStatus(), te.Output, err)
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestExecKeepsTheEndOfLongOutput(t *testing.T) {
	t.Parallel()
	var both bytes.Buffer // unprotected on purpose: Exec must not write to it twice at once
	c := self(t, "flood", "20000")
	c.Stdout, c.Stderr = &both, &both
	err := Exec(os.Environ())(t.Context(), c)
	var te *ToolError
	if !errors.As(err, &te) {
		t.Fatal(err)
	}
	if len(te.Output) != tailSize || !strings.Contains(te.Output, "line 19999") {
		t.Errorf("kept %d bytes ending in %q", len(te.Output), te.Output[len(te.Output)-20:])
	}
	if n := strings.Count(both.String(), "\n"); n != 40000 {
		t.Errorf("%d lines passed on, want 40000", n)
	}
	if n := strings.Count(err.Error(), "\n"); n > shownLines+2 {
		t.Errorf("the message has %d lines", n)
	}
}

func TestExecMissing(t *testing.T) {
	t.Parallel()
	run := Exec(os.Environ())
	for _, c := range []Cmd{
		{Name: "no-such-tool-here"},
		{Name: filepath.Join(t.TempDir(), "no-such-tool-here")},
		{Name: ""},
		func() Cmd { c := self(t, "pwd"); c.Dir = filepath.Join(t.TempDir(), "gone"); return c }(),
	} {
		err := run(t.Context(), c)
		var te *ToolError
		if !errors.As(err, &te) {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		if c.Name != "" && te.Hint == "" {
			t.Errorf("%s: no hint in %v", c, err)
		}
	}
	err := run(t.Context(), Cmd{Name: "no-such-tool-here"})
	if s, ok := err.(interface{ ExitStatus() int }); !ok || s.ExitStatus() != 127 {
		t.Errorf("missing tool: %v", err)
	}
}

func TestExecFindsToolsOnTheCommandsPath(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs links without privileges")
	}
	dir := t.TempDir()
	if err := os.Symlink(self(t, "").Name, filepath.Join(dir, "mytool")); err != nil {
		t.Fatal(err)
	}
	c := Cmd{Name: "mytool", Args: []string{"-helper", "args", "hi"}, Env: []string{"PATH=:relative:" + dir}}
	if got, err := Output(t.Context(), Exec(os.Environ()), c); err != nil || got != "hi" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := lookProgram("mytool", []string{"PATH=" + dir, "PATH=/nowhere"}); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("the last PATH does not win: %v", err)
	}
}

func TestExecCancelledBeforeStart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, run := range map[string]Runner{"Exec": Exec(os.Environ()), "DryRun": DryRun(os.Stderr), "Recorder": new(Recorder).Run} {
		if err := run(ctx, self(t, "sleep")); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExecDoesNotWaitForWhatIsLeftBehind(t *testing.T) {
	t.Parallel()
	start := time.Now()
	got, err := Output(t.Context(), Exec(os.Environ()), self(t, "orphan"))
	if err != nil || got != "left" {
		t.Errorf("%q, %v", got, err)
	}
	if d := time.Since(start); d > 5500*time.Millisecond {
		t.Errorf("took %v", d)
	}
}

// TestExecWaitsForABusyProgram: Linux does not run what somebody still has open
// for writing, which may be no more than a program on its way to be started.
func TestExecWaitsForABusyProgram(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(self(t, "args").Name)
	if err != nil {
		t.Fatal(err)
	}
	c := self(t, "args", "ran")
	c.Name = filepath.Join(t.TempDir(), "tool.exe")
	if err := os.WriteFile(c.Name, content, 0o755); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		busy, err := os.OpenFile(c.Name, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(100*time.Millisecond, func() { _ = busy.Close() })
	}
	if out, err := Output(t.Context(), Exec(os.Environ()), c); err != nil || !strings.HasPrefix(out, "ran") {
		t.Errorf("%q, %v", out, err)
	}
}
