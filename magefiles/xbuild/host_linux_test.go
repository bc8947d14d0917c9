package xbuild

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestElfArch(t *testing.T) {
	t.Parallel()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if got := elfArch(exe); got != runtime.GOARCH {
		t.Errorf("this program is %q, not %q", got, runtime.GOARCH)
	}
	text := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(text, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{text, text + "-gone", t.TempDir()} {
		if got := elfArch(name); got != "" {
			t.Errorf("%s is %q", name, got)
		}
	}
}
