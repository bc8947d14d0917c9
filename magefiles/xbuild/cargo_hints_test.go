package xbuild

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRustHint reads what cargo 1.95 and 1.96 really printed.
func TestRustHint(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"disk-full":        "the disk is full",
		"does-not-compile": "the crate syntax does not compile",
		"no-cc":            "the C compiler no-such-gcc is not there",
		"no-libc":          "the cross gcc for aarch64-linux-gnu has no C library",
		"no-libc-headers":  "the cross gcc for aarch64-linux-gnu has no C library",
		"no-linker":        "the linker aarch64-linux-gnu-gcc-nope is not there",
		"wrong-linker":     "own linker was used for another platform",
		"no-lock":          "Cargo.lock does not match",
		"stale-lock":       "Cargo.lock does not match",
		"no-registry":      "the crate registry cannot be reached",
		"offline":          "the crate registry cannot be reached",
		"no-std":           "rustup target add aarch64-unknown-linux-gnu",
		"openssl":          "openssl-sys needs the OpenSSL",
	}
	files, err := filepath.Glob("testdata/cargo/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(tests) {
		t.Errorf("%d files for %d cases", len(files), len(tests))
	}
	for name, want := range tests {
		text, err := os.ReadFile("testdata/cargo/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if got := RustHint(string(text)); !strings.Contains(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := RustHint("   Compiling x v0.1.0\n    Finished"); got != "" {
		t.Errorf("nothing wrong: %q", got)
	}
}
