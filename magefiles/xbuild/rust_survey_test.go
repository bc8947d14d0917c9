package xbuild

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSurvey: what is in the folders counts, not which triples rustc knows.
func TestSurvey(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	file := func(name string) {
		t.Helper()
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	exe := Host().Exe
	for _, name := range []string{exe("cargo"), exe("rustc"), exe("rustup")} {
		file("bin/" + name)
	}
	for _, triple := range []string{"x86_64-unknown-linux-gnu", "aarch64-apple-darwin"} {
		file("sys/lib/rustlib/" + triple + "/lib/libcore-1.rlib")
		file("sys/lib/rustlib/" + triple + "/lib/libstd-1.rlib")
	}
	file("sys/lib/rustlib/aarch64-unknown-linux-gnu/lib/libcore-1.rlib") // rustup leaves halves behind
	file("sys/lib/rustlib/src/rust/library/Cargo.lock")
	run := func(_ context.Context, c Cmd) error {
		if strings.Join(c.Args, " ") == "-vV" {
			fmt.Fprint(c.Stdout, "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n")
			return nil
		}
		sys := filepath.Join(root, "sys")
		fmt.Fprintf(c.Stdout, "%s\n%s\n", sys, filepath.Join(sys, "lib/rustlib/x86_64-unknown-linux-gnu/lib"))
		return nil
	}
	b := RustBuild{Dir: root, Platforms: Platforms(), Getenv: func(name string) string {
		return map[string]string{"PATH": filepath.Join(root, "bin"), "CARGO": filepath.Join(root, "bin", exe("cargo"))}[name]
	}}
	list, err := b.Survey(t.Context(), run)
	if err != nil || len(list) == 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	h := list[0]
	if h.Version != "1.95.0" || h.Host != "x86_64-unknown-linux-gnu" || !h.Rustup || !h.Source || h.Err != nil {
		t.Errorf("%+v", h)
	}
	want := []Platform{{"darwin", "arm64", ""}, {"linux", "amd64", ""}}
	if !slices.Equal(h.Std, want) || !h.Has(want[0]) || h.Has(Platform{"linux", "arm64", ""}) {
		t.Errorf("standard libraries of %v, want %v", h.Std, want)
	}
	list, err = b.Survey(t.Context(), answers("", "error: toolchain 'nightly' is not installed\n", 1))
	if err != nil || list[0].Err == nil || !strings.Contains(list[0].Err.Error(), "is not installed") || list[0].Has(want[0]) {
		t.Errorf("%+v, %v", list, err)
	}
}
