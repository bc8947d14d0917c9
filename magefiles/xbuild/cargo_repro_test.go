package xbuild

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const win = "x86_64-pc-windows-gnu"

// TestLinkFlags: what is not of the sources is kept out of Windows' and macOS'
// programs, and a flag for one triple does not get to the others.
func TestLinkFlags(t *testing.T) {
	t.Parallel()
	zigs := Toolchain{linkers: map[string]linker{win: {kind: "zig"}, amd: {kind: "zig"}}}
	gcc := Toolchain{linkers: map[string]linker{win: {kind: "gcc"}}}
	if got := zigs.linkFlags(amd); !slices.Equal(got, []string{"-Clink-arg=-Os"}) {
		t.Errorf("%s gets %q", amd, got)
	}
	if got := (Toolchain{linkers: map[string]linker{amd: {kind: "cc"}}}).linkFlags(amd); got != nil {
		t.Errorf("%s gets %q from the system's linker", amd, got)
	}
	mac := Toolchain{linkers: map[string]linker{"aarch64-apple-darwin": {kind: "zig"}, "x86_64-apple-darwin": {kind: "cc"}}}
	if z, own := mac.linkFlags("aarch64-apple-darwin"), mac.linkFlags("x86_64-apple-darwin"); len(z) != 1 || own != nil {
		t.Errorf("for macOS zig gets %q and the system's linker %q", z, own)
	}
	if z, g := zigs.linkFlags(win), gcc.linkFlags(win); len(z) != 1 || len(g) != 1 || slices.Equal(z, g) {
		t.Errorf("zig gets %q and gcc %q", z, g)
	}
	env, args := rustflags(envOf("RUSTFLAGS=-a"), cargoConfig{}, []string{amd, win}, []string{"-b"}, zigs.linkFlags)
	if want := "CARGO_ENCODED_RUSTFLAGS=-a\x1f-b"; args != nil || !slices.Equal(env, []string{want}) {
		t.Errorf("for both from the environment: %q %q", env, args)
	}
	env, _ = rustflags(envOf("RUSTFLAGS=-a"), cargoConfig{}, []string{win}, []string{"-b"}, zigs.linkFlags)
	if len(env) != 1 || !strings.Contains(env[0], "-Brepro") {
		t.Errorf("for Windows alone from the environment: %q", env)
	}
	_, args = rustflags(envOf(), cargoConfig{}, []string{amd, win}, []string{"-b"}, zigs.linkFlags)
	if len(args) != 4 || strings.Contains(args[1], "repro") || !strings.Contains(args[3], "repro") {
		t.Errorf("as arguments: %q", args)
	}
}

// TestRuntimeFlags: zig leaves its runtime out for Linux alone, where somebody said so; no other linker hears of it.
func TestRuntimeFlags(t *testing.T) {
	t.Parallel()
	tc := Toolchain{triples: []string{amd, win, arm}, linkers: map[string]linker{amd: {kind: "zig"}, win: {kind: "zig"}, arm: {kind: "gcc"}}}
	for _, b := range []RustBuild{{}, {RustRuntime: true}} {
		for _, triple := range tc.triples {
			without := slices.Contains(b.ownFlags(tc, triple), "-Clink-arg=-rtlib=none")
			if want := b.RustRuntime && triple == amd; without != want {
				t.Errorf("%s, RustRuntime %v: zig's is left out: %v", triple, b.RustRuntime, without)
			}
		}
	}
}

// TestImportTools: the program that makes import libraries is the chosen one,
// whichever another has been there, and nothing is prepared that is not needed.
func TestImportTools(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a b")
	program := func(name, text string) string {
		file := filepath.Join(dir, name)
		if _, err := WriteProgram(file, []byte(text)); err != nil {
			t.Fatal(err)
		}
		return file
	}
	b := RustBuild{CacheDir: filepath.Join(dir, "cache"), Getenv: envOf("PATH=rest")}
	for _, name := range []string{"one", "two"} {
		tc := Toolchain{zig: &zig{zigbuild: program(name, name)}, triples: []string{amd, win}, linkers: map[string]linker{win: {kind: "zig"}, amd: {kind: "zig"}}}
		path, err := b.importTools(tc)
		first, rest, _ := strings.Cut(path, string(filepath.ListSeparator))
		if err != nil || rest != "rest" {
			t.Fatalf("PATH %q, %v", path, err)
		}
		found, err := filepath.Glob(filepath.Join(first, "*"))
		if err != nil || len(found) != 1 || !strings.HasPrefix(filepath.Base(found[0]), "x86_64-w64-mingw32-dlltool") {
			t.Fatalf("there are %q, %v", found, err)
		}
		if text, err := os.ReadFile(found[0]); err != nil || string(text) != name {
			t.Errorf("dlltool is %q (%v), want %q", text, err, name)
		}
	}
	for _, tc := range []Toolchain{
		{triples: []string{win}, linkers: map[string]linker{win: {kind: "gcc"}}},
		{zig: &zig{zigbuild: program("three", "three")}, triples: []string{amd}, linkers: map[string]linker{amd: {kind: "zig"}}},
	} {
		if path, err := b.importTools(tc); path != "" || err != nil {
			t.Errorf("%v: PATH %q, %v", tc.triples, path, err)
		}
	}
}
