//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// checkout is a clone of the repository and how mage is run in it.
type checkout struct {
	dir  string
	env  []string
	wrap []string // commands that run the command: unshare, sh
	bin  string   // a compiled mage binary instead of "go tool mage"
	user uint32   // 0: as who runs the tests
}

// result is what a person would have seen.
type result struct {
	out  string // stdout and stderr as they came
	code int
	took time.Duration
}

func (c checkout) with(env ...string) checkout {
	c.env = append(slices.Clone(c.env), env...)
	return c
}

func (c checkout) under(wrap ...string) checkout {
	c.wrap = append(slices.Clone(c.wrap), wrap...)
	return c
}

// command is mage with the arguments, in a process group of its own, as a shell
// would start it.
func (c checkout) command(ctx context.Context, args ...string) *exec.Cmd {
	line := append(slices.Clone(c.wrap), "go", "tool", "mage")
	if c.bin != "" {
		line = append(slices.Clone(c.wrap), c.bin)
	}
	line = append(line, args...)
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if c.user != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: c.user, Gid: c.user}
	}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// mage runs "go tool mage" with the arguments and waits for its end.
func (c checkout) mage(t *testing.T, args ...string) result {
	t.Helper()
	return c.mageWithin(t, 15*time.Minute, args...)
}

func (c checkout) mageWithin(t *testing.T, limit time.Duration, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := c.command(ctx, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	err := cmd.Run()
	r := result{out: out.String(), code: cmd.ProcessState.ExitCode(), took: time.Since(began)}
	var exit *exec.ExitError
	if ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		t.Fatalf("mage %s: %v after %s\n%s", strings.Join(args, " "), err, r.took, r.out)
	}
	return r
}

// must runs mage and fails the test unless it succeeds.
func (c checkout) must(t *testing.T, args ...string) result {
	t.Helper()
	r := c.mage(t, args...)
	if r.code != 0 {
		t.Fatalf("mage %s: exit code %d\n%s", strings.Join(args, " "), r.code, r.out)
	}
	return r
}

// refused runs mage, which has to fail with all the words in what it says, and
// must not look like a crash.
func (c checkout) refused(t *testing.T, words []string, args ...string) result {
	t.Helper()
	r := c.mageWithin(t, 4*time.Minute, args...)
	if r.code != 1 {
		t.Errorf("mage %s: exit code %d, want 1", strings.Join(args, " "), r.code)
	}
	for _, word := range words {
		if !contains(r.out, word) {
			t.Errorf("mage %s: the message lacks %q", strings.Join(args, " "), word)
		}
	}
	if strings.Contains(r.out, "goroutine ") || strings.Contains(r.out, "runtime error") {
		t.Error("it crashed")
	}
	if t.Failed() {
		t.Log(r.out)
	}
	return r
}

// says runs mage, which has to succeed with the word in what it says.
func (c checkout) says(t *testing.T, word string, args ...string) result {
	t.Helper()
	r := c.must(t, args...)
	if !contains(r.out, word) {
		t.Errorf("mage %s: the output lacks %q:\n%s", strings.Join(args, " "), word, r.out)
	}
	return r
}

// contains finds words whatever their case: messages may begin with them.
func contains(text, word string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(word))
}
