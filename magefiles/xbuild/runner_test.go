package xbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCmdString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		cmd  Cmd
		want string
	}{
		{Cmd{Name: "cargo", Args: []string{"build", "--target=x"}}, "cargo build --target=x"},
		{Cmd{Name: "/a b/npm", Args: []string{"it's", "", "$HOME"}, Dir: "ü"}, `cd 'ü' && '/a b/npm' 'it'\''s' '' '$HOME'`},
		{Cmd{Name: "x", Env: []string{"A=1 2", "API_TOKEN=abc", "MY_PASSWORD=p w", "SIGNING_KEY=k"}}, "A='1 2' API_TOKEN=*** MY_PASSWORD=*** SIGNING_KEY=*** x"},
		{Cmd{Name: "uv", Args: []string{"--index-url", "https://me:hunter2@host/simple"}}, "uv --index-url https://me:***@host/simple"},
		{Cmd{Name: "uv", Env: []string{"INDEX=https://me:hunter2@host/simple"}}, "INDEX=https://me:***@host/simple uv"},
	}
	for _, tt := range tests {
		if got := tt.cmd.String(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	run := DryRun(&out)
	for _, arg := range []string{"one", "two"} {
		if err := run(t.Context(), Cmd{Name: "rm", Args: []string{arg}}); err != nil {
			t.Fatal(err)
		}
	}
	if out.String() != "rm one\nrm two\n" {
		t.Errorf("%q", out.String())
	}
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	r := &Recorder{Reply: func(_ context.Context, c Cmd) error {
		fmt.Fprintln(c.Stdout, "  1.2.3")
		fmt.Fprintln(c.Stderr, "noise")
		if c.Name == "bad" {
			return broken
		}
		return nil
	}}
	args := []string{"--version"}
	got, err := Output(t.Context(), r.Run, Cmd{Name: "good", Args: args})
	if err != nil || got != "1.2.3" {
		t.Errorf("%q, %v", got, err)
	}
	if err := r.Run(t.Context(), Cmd{Name: "bad"}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	args[0] = "changed"
	var names []string
	for _, c := range r.Cmds() {
		names = append(names, c.String())
	}
	if strings.Join(names, ";") != "good --version;bad" {
		t.Errorf("recorded %q", names)
	}
}
