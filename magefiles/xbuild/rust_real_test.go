package xbuild

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRustBuildForReal builds a crate without dependencies for this machine,
// with the real cargo, in two folders: the binaries must be the same bytes, run,
// and not know where they were built.
func TestRustBuildForReal(t *testing.T) {
	t.Parallel()
	found(t, Tool{Name: "cargo"})
	found(t, Tool{Name: "cc"})
	run := Exec(os.Environ())
	host := hostOfRustc(t, run)
	parent := t.TempDir()
	var sums [][]byte
	for _, name := range []string{"a", "ü b"} {
		dir := filepath.Join(parent, name)
		crate(t, dir)
		var log bytes.Buffer
		r, err := RustBuild{
			Dir: dir, Out: filepath.Join(dir, "out"), Platforms: []Platform{host}, With: "cargo", NoInstall: true,
			Getenv: withoutRustVariables, Log: &log,
		}.Build(t.Context(), Exec(withoutRust(os.Environ())))
		if err != nil {
			t.Fatalf("%v\n%s", err, log.String())
		}
		if len(r.Binaries) != 1 || r.Binaries[0].Name != "hello" || r.Binaries[0].Platform != host {
			t.Fatalf("binaries %+v", r.Binaries)
		}
		text, err := os.ReadFile(r.Binaries[0].Path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(parent)) {
			t.Errorf("the binary knows that it was built in %s", parent)
		}
		if out, err := Output(t.Context(), run, Cmd{Name: r.Binaries[0].Path}); err != nil || out != "hello" {
			t.Errorf("it says %q, %v", out, err)
		}
		sums = append(sums, text)
	}
	if !bytes.Equal(sums[0], sums[1]) {
		t.Errorf("two folders, two binaries: %d and %d bytes", len(sums[0]), len(sums[1]))
	}
}

// TestRustFailureForReal wants the cure in the message of a real failure.
func TestRustFailureForReal(t *testing.T) {
	t.Parallel()
	found(t, Tool{Name: "cargo"})
	run := Exec(withoutRust(os.Environ()))
	dir := t.TempDir()
	crate(t, dir)
	writeText(t, filepath.Join(dir, "src", "main.rs"), `fn main() { let x: u32 = "a"; }`)
	b := RustBuild{
		Dir: dir, Out: dir + "/out", Platforms: []Platform{hostOfRustc(t, run)}, With: "cargo", NoInstall: true,
		Getenv: withoutRustVariables, Log: io.Discard,
	}
	if _, err := b.Build(t.Context(), run); err == nil || !strings.Contains(err.Error(), "cure: the crate hello does not compile") || !strings.Contains(err.Error(), "E0308") {
		t.Errorf("does not compile: %v", err)
	}
	writeText(t, filepath.Join(dir, "Cargo.lock"), "version = 4\n\n[[package]]\nname = \"other\"\nversion = \"0.1.0\"\n")
	if _, err := b.Build(t.Context(), run); err == nil || !strings.Contains(err.Error(), "cure: Cargo.lock does not match") {
		t.Errorf("stale lock: %v", err)
	}
	if _, err := os.Stat(dir + "/out"); err == nil {
		t.Error("a failed build left something behind")
	}
}

// hostOfRustc asks rustc and not Host: on a machine with musl or MSVC as its
// host there is nothing to test here.
func hostOfRustc(t *testing.T, run Runner) Platform {
	t.Helper()
	out, err := Output(t.Context(), run, Cmd{Name: "rustc", Args: []string{"-vV"}})
	if err != nil {
		t.Fatal(err)
	}
	p, ok := platformOf(field(out, "host"))
	if !ok {
		t.Skipf("%s is not a platform of ours", field(out, "host"))
	}
	return p
}

func crate(t *testing.T, dir string) {
	t.Helper()
	writeText(t, filepath.Join(dir, "Cargo.toml"), "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[profile.release]\nstrip = \"symbols\"\n")
	writeText(t, filepath.Join(dir, "Cargo.lock"), "version = 3\n\n[[package]]\nname = \"hello\"\nversion = \"0.1.0\"\n")
	writeText(t, filepath.Join(dir, "src", "main.rs"), "fn main() {\n    if std::env::args().count() > 9 { panic!(\"{}\", std::panic::Location::caller()) }\n    println!(\"hello\");\n}\n")
}

func writeText(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// withoutRust drops what would make these builds depend on who runs the tests.
func withoutRust(env []string) []string {
	var out []string
	for _, kv := range env {
		key, _, _ := strings.Cut(kv, "=")
		if rustVariable(key) {
			continue
		}
		out = append(out, kv)
	}
	return out
}

func withoutRustVariables(key string) string {
	if rustVariable(key) {
		return ""
	}
	return os.Getenv(key)
}

func rustVariable(key string) bool {
	return key == "RUSTFLAGS" || key == "CARGO" || key == "RUSTC" ||
		strings.HasPrefix(key, "CARGO_") && key != "CARGO_HOME" && !strings.HasPrefix(key, "CARGO_NET") && !strings.HasPrefix(key, "CARGO_HTTP")
}
