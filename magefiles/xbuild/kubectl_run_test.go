package xbuild

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestKubectl(t *testing.T) {
	t.Parallel()
	rec := &Recorder{Reply: func(_ context.Context, c Cmd) error {
		var in []byte
		if c.Stdin != nil {
			in, _ = io.ReadAll(c.Stdin)
		}
		_, _ = io.WriteString(c.Stdout, "out "+string(in))
		_, _ = io.WriteString(c.Stderr, "Error from server (Forbidden): no\n")
		return &ToolError{Cmd: c, Err: errors.New("exit status 1")}
	}}
	out, err := Kubectl(rec.Run, "/bin/kubectl", "dev")(t.Context(), []string{"apply", "--server-side"}, strings.NewReader("manifest"))
	if string(out) != "out manifest" {
		t.Errorf("printed %q", out)
	}
	var ke *KubectlError
	if !errors.As(err, &ke) || ke.Command != "kubectl apply" || !strings.Contains(ke.Stderr(), "Forbidden") || ke.ExitStatus() != 1 {
		t.Errorf("got %#v", err)
	}
	if err.Error() != `running "kubectl apply": Error from server (Forbidden): no` {
		t.Errorf("says %q", err)
	}
	if got := rec.Cmds()[0].Args; !slices.Equal(got, []string{"--context=dev", "apply", "--server-side"}) {
		t.Errorf("ran %q", got)
	}
	_, _ = Kubectl(rec.Run, "kubectl", "")(t.Context(), []string{"config", "get-contexts"}, nil)
	if got := rec.Cmds()[1].Args; !slices.Equal(got, []string{"config", "get-contexts"}) {
		t.Errorf("ran %q", got)
	}
}

// TestKubectlForReal: a real process's exit status and both its streams.
func TestKubectlForReal(t *testing.T) {
	t.Parallel()
	c := self(t, "fail", "3")
	_, err := Kubectl(Exec(nil), c.Name, "")(t.Context(), c.Args, nil)
	var ke *KubectlError
	if !errors.As(err, &ke) || ke.ExitStatus() != 3 || strings.TrimSpace(ke.Stderr()) != "it is broken" {
		t.Errorf("got %#v", err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Kubectl(Exec(nil), c.Name, "")(stopped, c.Args, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
