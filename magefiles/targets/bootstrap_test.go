package targets

import (
	"errors"
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
