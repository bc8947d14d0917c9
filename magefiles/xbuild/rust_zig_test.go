package xbuild

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// zigWorld is a build with a program that does what cargo-zigbuild does: it notes that it was asked, sets variables, runs cargo.
type zigWorld struct {
	RustBuild
	tc   Toolchain
	cmd  Cmd
	root string
}

func newZigWorld(t *testing.T) *zigWorld {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("it is asked with a shell")
	}
	root := filepath.Join(t.TempDir(), "ü b")
	path := func(name string) string { return filepath.Join(root, name) }
	writeFiles(t, root, map[string]string{
		"crate/Cargo.toml": "", "cache/cc": "zig cc", "zig": "", "rustc": "", "cargo": "#!/bin/sh\n",
		"zigbuild": `#!/bin/sh
echo asked >>'` + path("asked") + `'
[ -e '` + path("broken") + `' ] && exit 1
shift
echo zig cc >'` + path("cache/cc") + `'
export CC_x86_64_unknown_linux_gnu='` + path("cache/cc") + `' BINDGEN_EXTRA_CLANG_ARGS="-I'a b'
-D x=1" CARGO_GIVEN="$CARGO_GIVEN" UNRELATED=1
exec "$CARGO" build --target x "$@"
`,
	})
	for _, program := range []string{"cargo", "zigbuild"} {
		if err := os.Chmod(path(program), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w := &zigWorld{root: root}
	w.RustBuild = RustBuild{
		Dir: path("crate"), CacheDir: path("cache"), Getenv: envOf(),
		Ledger: Ledger{Dir: path("keys"), Root: root, Environ: []string{"PATH=" + os.Getenv("PATH"), "CARGO_THERE=1"}},
	}
	w.tc = Toolchain{triples: []string{amd}, rustc: rustc{cargo: path("cargo"), rustc: path("rustc")}, zig: &zig{zigbuild: path("zigbuild"), zig: path("zig")}}
	w.cmd = Cmd{Name: path("zigbuild"), Args: []string{"zigbuild", "--config", "a = \"b\nc\""}, Dir: path("crate"), Env: []string{"CARGO=" + path("cargo"), "CARGO_GIVEN=1"}}
	return w
}

// asked is how often the program was run, and the command that is to be run.
func (w *zigWorld) asked(t *testing.T) (int, Cmd) {
	t.Helper()
	c, err := w.throughZig(t.Context(), Exec(w.Ledger.Environ), w.cmd, w.tc)
	if err != nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(filepath.Join(w.root, "asked"))
	return strings.Count(string(log), "asked"), c
}

func TestThroughZig(t *testing.T) {
	t.Parallel()
	w := newZigWorld(t)
	for range 2 {
		n, c := w.asked(t)
		if n != 1 {
			t.Errorf("asked %d times", n)
		}
		if want := []string{"build", "--target", "x", "--config", "a = \"b\nc\""}; c.Name != w.tc.rustc.cargo || !slices.Equal(c.Args, want) || c.Dir != w.cmd.Dir {
			t.Errorf("it runs %q %q in %s", c.Name, c.Args, c.Dir)
		}
		want := slices.Concat(w.cmd.Env, []string{
			"BINDGEN_EXTRA_CLANG_ARGS=-I'a b'\n-D x=1", "CC_x86_64_unknown_linux_gnu=" + filepath.Join(w.root, "cache/cc"),
		})
		if !slices.Equal(c.Env, want) {
			t.Errorf("with %q, want %q", c.Env, want)
		}
	}
}

// TestThroughZigAsksAgain changes what the answer depends on, one thing at a time.
func TestThroughZigAsksAgain(t *testing.T) {
	t.Parallel()
	w := newZigWorld(t)
	write := func(name string) func() {
		return func() { writeFiles(t, w.root, map[string]string{name: "changed"}) }
	}
	set := func(kv string) func() { return func() { w.Ledger.Environ = append(w.Ledger.Environ, kv) } }
	before, _ := w.asked(t)
	for _, step := range []struct {
		name   string
		change func()
		again  bool
	}{
		{"nothing", func() {}, false},
		{"argument", func() { w.cmd.Args = append(w.cmd.Args, "--release") }, true},
		{"its environment", func() { w.cmd.Env = append(w.cmd.Env, "X=1") }, true},
		{"cargo's configuration", write("crate/.cargo/config.toml"), true},
		{"manifest", write("crate/Cargo.toml"), true},
		{"zig", write("zig"), true},
		{"rustc", write("rustc"), true},
		{"what it made", write("cache/cc"), true},
		{"what it made, gone", func() { _ = os.Remove(filepath.Join(w.root, "cache/cc")) }, true},
		{"variable", set("CFLAGS=-g"), true},
		{"a variable that does not matter", set("TERM=dumb"), false},
		{"source", write("crate/src/main.rs"), false},
		{"kept answer damaged", func() { writeFiles(t, w.root, map[string]string{"keys/" + w.stampName() + ".zig.json": "{"}) }, true},
	} {
		step.change()
		now, c := w.asked(t)
		if again := now > before; again != step.again || c.Name != w.tc.rustc.cargo {
			t.Errorf("%s: asked again: %v, and it runs %s", step.name, again, c.Name)
		}
		before = now
	}
}

// TestThroughZigItself: where the answer cannot be had or kept, cargo-zigbuild is run as ever.
func TestThroughZigItself(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*zigWorld){
		"it fails":      func(w *zigWorld) { writeFiles(t, w.root, map[string]string{"broken": ""}) },
		"macOS":         func(w *zigWorld) { w.tc.triples = append(w.tc.triples, "aarch64-apple-darwin") },
		"no ledger":     func(w *zigWorld) { w.Ledger = Ledger{} },
		"no cache":      func(w *zigWorld) { w.CacheDir = "" },
		"names nothing": func(w *zigWorld) { w.CacheDir = filepath.Join(w.root, "other") },
		"another tool":  func(w *zigWorld) { w.tc.zig = nil },
	} {
		w := newZigWorld(t)
		change(w)
		if _, c := w.asked(t); c.Name != w.cmd.Name || !slices.Equal(c.Args, w.cmd.Args) || !slices.Equal(c.Env, w.cmd.Env) {
			t.Errorf("%s: it runs %q %q with %q", name, c.Name, c.Args, c.Env)
		}
	}
}
