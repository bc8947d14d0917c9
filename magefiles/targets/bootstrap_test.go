package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// TestBootstrapTellsOfDownloads: choosing a toolchain mostly asks; what changes
// the machine is printed before it runs.
func TestBootstrapTellsOfDownloads(t *testing.T) {
	t.Parallel()
	j, rec, out := testJob(t, nil)
	b := &installer{job: j}
	for _, args := range [][]string{{"--print", "sysroot"}, {"target", "add", "aarch64-unknown-linux-gnu"}} {
		if err := b.telling(t.Context(), xbuild.Cmd{Name: "rustup", Args: args}); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := out.String(), "$ rustup target add aarch64-unknown-linux-gnu\n"; got != want || b.done != 1 {
		t.Errorf("printed %q (%d), want %q", got, b.done, want)
	}
	if n := len(rec.Cmds()); n != 2 {
		t.Errorf("%d commands ran, want 2", n)
	}
}

// TestBootstrapDryRun: on a Debian without Python and Rust the plan is printed
// to its end, and nothing runs.
func TestBootstrapDryRun(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("Debian's package manager is looked for on Linux only")
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "apt-get"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	j, rec, out := testJob(t, map[string]string{"PATH": bin})
	b := &installer{job: j, dry: true}
	if err := errors.Join(b.install(t.Context(), "python3"), b.pythonTools(t.Context()), b.rust(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"install -y", "python3 -I -m venv", "pip install --require-hashes", "# then what Rust lacks"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the plan lacks %q:\n%s", want, out)
		}
	}
	if n := len(rec.Cmds()); n != 0 {
		t.Errorf("%d commands ran", n)
	}
}

// TestNewEnough: what apt-cache policy prints on Debian 12 and, shortened, on
// Debian 13 and Ubuntu.
func TestNewEnough(t *testing.T) {
	t.Parallel()
	const plain12 = "rustc:\n  Installed: (none)\n  Candidate: 1.63.0+dfsg1-2\n  Version table:\n     1.63.0+dfsg1-2 500\n"
	const web12 = "rustc-web:\n  Installed: 1.96.0+dfsg1-1~deb12u2\n  Candidate: 1.96.0+dfsg1-1~deb12u2\n  Version table:\n *** 1.96.0+dfsg1-1~deb12u2 500\n"
	const plain13 = "rustc:\n  Installed: (none)\n  Candidate: 1.85.0+dfsg3-1\n"
	const ubuntu = "rustc:\n  Candidate: 1.75.0+dfsg0ubuntu1-0ubuntu7\nrustc-1.80:\n  Candidate: 1.80.1+dfsg0ubuntu1-1\nrustc-1.89:\n  Candidate: 1.89.0+dfsg-1\nrustc-1.85:\n  Candidate: 1.85.1+dfsg-1\n"
	for _, tt := range []struct {
		policy, atLeast, suffix string
		ok                      bool
	}{
		{plain12 + web12, "1.85", "-web", true},
		{plain12 + web12, "1.60", "", true},
		{plain12, "1.85", "", false},
		{plain13 + web12, "1.85", "", true},
		{ubuntu, "1.85", "-1.89", true},
		{"rustc:\n  Candidate: (none)\n", "1.85", "", false},
	} {
		if suffix, ok := newEnough(tt.policy, tt.atLeast); suffix != tt.suffix || ok != tt.ok {
			t.Errorf("%q for %s: %q, %v", tt.policy, tt.atLeast, suffix, ok)
		}
	}
}

// TestBootstrapGoesOnWithoutNpm: what people install themselves does not hold
// up the rest: without npm everything but the UI can be had.
func TestBootstrapGoesOnWithoutNpm(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the programs are scripts")
	}
	bin := t.TempDir()
	for _, name := range []string{"go", "cargo", "python3", "git"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	j, rec, out := testJob(t, map[string]string{"PATH": bin})
	rec.Reply = func(_ context.Context, c xbuild.Cmd) error {
		if c.Stdout != nil {
			fmt.Fprintln(c.Stdout, "go1.99.0 Python 3.99.0 99.0.0")
		}
		return nil
	}
	err := j.bootstrap(t.Context(), true)
	if err == nil || !strings.Contains(err.Error(), "npm") || !strings.Contains(err.Error(), "node") || strings.Contains(err.Error(), "cargo") {
		t.Errorf("what is left to install: %v", err)
	}
	if !strings.Contains(out.String(), "pip install --require-hashes") {
		t.Errorf("the pinned tools are not installed:\n%s", out)
	}
}
