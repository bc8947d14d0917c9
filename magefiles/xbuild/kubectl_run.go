package xbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// KubectlError is a kubectl that failed. What it wrote to its standard error is
// apart from its output, which may be long and may be of value all the same.
type KubectlError struct {
	Command string // its first words: "kubectl rollout undo"
	Text    string // what it wrote to its standard error
	Err     error
}

// Error is the command and what it wrote.
func (e *KubectlError) Error() string {
	text := strings.TrimSpace(e.Text)
	if text == "" {
		text = e.Err.Error()
	}
	return fmt.Sprintf("running %q: %s", e.Command, text)
}

// Stderr is what kubectl wrote to its standard error.
func (e *KubectlError) Stderr() string { return e.Text }

// Unwrap is the cause when kubectl was stopped or could not be run; what it said
// itself is all there is to know otherwise.
func (e *KubectlError) Unwrap() error {
	var te *ToolError
	if errors.As(e.Err, &te) {
		return te.Err
	}
	return e.Err
}

// ExitStatus is kubectl's own: 1 of "kubectl diff" is no failure, but a
// difference.
func (e *KubectlError) ExitStatus() int { return exitStatus(e.Err) }

// Kubectl returns a function that runs kubectl for one context of its
// configuration; "" is none, for questions about the configuration itself. Only
// commands that read the configuration are meant to be run by it: it adds
// nothing that would write there.
func Kubectl(run Runner, kubectl, kubecontext string) func(ctx context.Context, args []string, stdin io.Reader) ([]byte, error) {
	return func(ctx context.Context, args []string, stdin io.Reader) ([]byte, error) {
		line := args
		if kubecontext != "" {
			line = append([]string{"--context=" + kubecontext}, args...)
		}
		var stdout, stderr bytes.Buffer
		err := run(ctx, Cmd{Name: kubectl, Args: line, Stdin: stdin, Stdout: &stdout, Stderr: &stderr})
		if err != nil {
			return stdout.Bytes(), &KubectlError{Command: kubectlTitle(args), Text: stderr.String(), Err: err}
		}
		return stdout.Bytes(), nil
	}
}

// kubectlTitle is the command without what may be long.
func kubectlTitle(args []string) string {
	words := []string{"kubectl"}
	for _, a := range args {
		if strings.HasPrefix(a, "-") || len(words) == 3 {
			break
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}
