//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// output is what a running command has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// TestInterrupt: Ctrl-C in the middle of each step ends everything within
// seconds and leaves nothing half-done; the next run makes the same image.
func TestInterrupt(t *testing.T) {
	c := images(t)
	c.unchanged(t)
	want := c.result(t).Digest
	gone, err := filepath.Glob(c.path("dist/*"))
	if err != nil || len(gone) == 0 {
		t.Fatal(gone, err)
	}
	for _, entry := range append(gone, c.path("ui-src/node_modules")) {
		if name := filepath.Base(entry); name == "cli" || name == "bench" {
			continue // other tests' results; the step below compiles in an empty folder
		}
		if err := os.RemoveAll(entry); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name  string
		env   string                // gets an empty folder, so that the step has work to do
		aside string                // is moved away, for the same reason
		made  string                // is removed, as an interrupted run before may have come to its end there
		now   func(out string) bool // it is in the middle of it
	}{
		{"start", "UNUSED", "", "", func(out string) bool { return strings.Contains(out, "start  ") }},
		{"ui", "npm_config_cache", "", "dist/ui", func(string) bool { return len(processes(c.dir+"/ui-src", "npm")) > 0 }},
		{"cli", "CARGO_TARGET_DIR", "", "", func(string) bool { return len(processes("", "/crates", "rustc", "--crate-name")) > 0 }},
		{"python packages", "UV_CACHE_DIR", "", "dist/wheels", func(string) bool { return len(processes(c.dir, "uv pip install")) > 0 }},
		{"base", "UNUSED", c.cache("debian"), "", func(string) bool { return matches(c.cache("debian"), "sha256/*/.part-*") }},
		{"layers", "UNUSED", c.cache("layers"), "", func(out string) bool { return strings.Contains(out, "start  layers") }},
	} {
		t.Run(step.name, func(t *testing.T) {
			if step.aside != "" {
				c.aside(t, step.aside)
			}
			if step.made != "" {
				if err := os.RemoveAll(c.path(step.made)); err != nil {
					t.Fatal(err)
				}
			}
			interrupt(t, c.with(step.env+"="+t.TempDir()), step.now)
			if _, err := os.Stat(c.path("dist/images/" + product)); err == nil {
				t.Error("there is an image after all")
			}
		})
	}
	c.must(t, "images")
	if got := c.result(t).Digest; got != want {
		t.Errorf("the digest was %s and is %s", want, got)
	}
}

// signalled starts images, sends a signal to all of its process group as soon as
// now says so, and waits for the end, from then on measured by took.
func signalled(t *testing.T, c checkout, signal syscall.Signal, now func(out string) bool) (out string, code int, took time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := c.command(ctx, "images")
	hearing(cmd)
	var said output
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !now(said.String()) {
		select {
		case <-ended:
			t.Fatalf("it ended before the moment came:\n%s", &said)
		case <-tick.C:
		}
	}
	began := time.Now()
	if err := syscall.Kill(-cmd.Process.Pid, signal); err != nil {
		t.Fatal(err)
	}
	<-ended
	return said.String(), cmd.ProcessState.ExitCode(), time.Since(began)
}

// hearing lets a command hear of a hangup even where whoever started these tests
// does not want to (nohup): that is passed on from program to program.
func hearing(cmd *exec.Cmd) {
	env, err := exec.LookPath("env")
	if err != nil || !signal.Ignored(syscall.SIGHUP) {
		return
	}
	cmd.Path, cmd.Args = env, append([]string{"env", "--default-signal=HUP", cmd.Path}, cmd.Args[1:]...)
}

// interrupt starts images, sends the signal that Ctrl-C sends as soon as now says
// so, and checks the end.
func interrupt(t *testing.T, c checkout, now func(out string) bool) {
	t.Helper()
	out, code, took := signalled(t, c, syscall.SIGINT, now)
	t.Logf("ended %.1f s after the interrupt with exit code %d", took.Seconds(), code)
	if took > 6*time.Second {
		t.Errorf("it took %s to end", took)
	}
	if code != 130 || !contains(out, "interrupted") {
		t.Errorf("exit code %d, and it says:\n%s", code, out)
	}
	err := await(t.Context(), time.Second, func(context.Context) error {
		if left := processes(c.dir); len(left) > 0 {
			return fmt.Errorf("still running: %v", left)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// processes are those in a folder (by their working directory or their command
// line) whose command line has all the words.
func processes(dir string, words ...string) []string {
	var found []string
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, proc := range all {
		b, err := os.ReadFile(proc + "/cmdline")
		if err != nil || len(b) == 0 || proc == fmt.Sprintf("/proc/%d", os.Getpid()) {
			continue
		}
		line := strings.ReplaceAll(string(b), "\x00", " ")
		cwd, err := os.Readlink(proc + "/cwd")
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			continue
		}
		ok := strings.HasPrefix(cwd, dir) || strings.Contains(line, dir)
		for _, word := range words {
			ok = ok && strings.Contains(line, word)
		}
		if ok {
			found = append(found, filepath.Base(proc)+" "+line)
		}
	}
	return found
}

func matches(dir, pattern string) bool {
	found, _ := filepath.Glob(filepath.Join(dir, pattern))
	return len(found) > 0
}
