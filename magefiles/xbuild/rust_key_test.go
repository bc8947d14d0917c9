package xbuild

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// keyed is a Rust build whose programs are there, with all kinds of inputs.
type keyed struct {
	RustBuild
	root  string
	facts rustFacts
}

func newKeyed(t *testing.T) *keyed {
	t.Helper()
	root := filepath.Join(t.TempDir(), "ü b")
	writeFiles(t, root, map[string]string{
		"crates/Cargo.toml": "[workspace]", "crates/Cargo.lock": "1", "crates/app/src/main.rs": "1", "crates/app/src/target/mod.rs": "1",
		"crates/target/release/x": "1", "dep/Cargo.toml": "1", "dep/src/lib.rs": "1", "notice.txt": "1", "sys/bin/rustc": "1",
		"sys/lib/rustlib/x/lib/libstd-1.rlib": "1", "bin/cargo": "1", "out/linux-amd64/app": "program", "unused.txt": "1",
	})
	k := &keyed{root: root}
	if err := os.Chmod(filepath.Join(root, "bin", "cargo"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("Cargo.lock", filepath.Join(root, "crates", "link")); err != nil {
		t.Skip(err)
	}
	env := []string{"PATH=" + filepath.Join(root, "bin"), "HOME=" + filepath.Join(root, "home"), "HARMLESS=1", "APP_VERSION=1"}
	k.RustBuild = RustBuild{
		Dir: filepath.Join(root, "crates", "app"), Platforms: []Platform{{OS: "linux", Arch: "amd64"}}, Out: filepath.Join(root, "out"),
		Ledger: Ledger{Dir: filepath.Join(root, "keys"), Root: root, Files: OpenFiles(filepath.Join(root, "keys", "files")), Environ: env},
	}
	k.facts = rustFacts{
		Workspace: filepath.Join(root, "crates"), Target: filepath.Join(root, "crates", "target"), Folders: []string{filepath.Join(root, "dep")},
		Files: []string{filepath.Join(root, "notice.txt")}, Variables: []string{"APP_VERSION"},
		Programs: []string{filepath.Join(root, "sys", "bin", "rustc")}, Sysroots: []string{filepath.Join(root, "sys")},
	}
	return k
}

// look is what a build finds before anything runs.
func (k *keyed) look(t *testing.T) (Inputs, RustResult) {
	t.Helper()
	b := k.RustBuild
	b.Getenv = func(name string) string { return getenv(k.Ledger.Environ, name) }
	b, err := b.check()
	if err != nil {
		t.Fatal(err)
	}
	in, r, err := b.before()
	if err != nil {
		t.Fatal(err)
	}
	return in, r
}

// built does what a build does at its end.
func (k *keyed) built(t *testing.T, before Inputs) {
	t.Helper()
	b := k.RustBuild
	b.Getenv = func(name string) string { return getenv(k.Ledger.Environ, name) }
	b, err := b.check()
	if err != nil {
		t.Fatal(err)
	}
	b.began = time.Now().Add(time.Minute) // what was written for this test is old
	writeFiles(t, k.root, map[string]string{"out/linux-amd64/app": "program"})
	program := filepath.Join(k.root, "out", "linux-amd64", "app")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	sum, err := k.Ledger.Files.Sum(program)
	if err != nil {
		t.Fatal(err)
	}
	err = b.remember(before, k.facts, RustResult{
		Binaries:   []Binary{{Platform: b.Platforms[0], Name: "app", Path: program, sum: sum}},
		Toolchains: Toolchains{{Name: "cargo", Reason: "because", rustc: rustc{version: "1.95.0"}, zig: &zig{version: "0.15"}}},
		Crates:     map[Platform][]Crate{b.Platforms[0]: {{Name: "app"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRustSkipsOnlyWhatIsTheSame changes every kind of input, one at a time.
func TestRustSkipsOnlyWhatIsTheSame(t *testing.T) {
	t.Parallel()
	k := newKeyed(t)
	write := func(name, content string) func() {
		return func() { writeFiles(t, k.root, map[string]string{name: content}) }
	}
	path := func(name string) string { return filepath.Join(k.root, filepath.FromSlash(name)) }
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	set := func(kv string) func() { return func() { k.Ledger.Environ = append(k.Ledger.Environ, kv) } }
	steps := []struct {
		name   string
		change func()
		want   []string // why it is built; none: it is not
	}{
		{"first", func() {}, []string{"there is no earlier result"}},
		{"again", func() {}, nil},
		{"content", write("crates/app/src/main.rs", "2"), []string{"crates/app/src/main.rs changed"}},
		{"a folder called target in the source", write("crates/app/src/target/mod.rs", "2"), []string{"crates/app/src/target/mod.rs changed"}},
		{"mode", func() { must(os.Chmod(path("crates/app/src/main.rs"), 0o755)) }, []string{"crates/app/src/main.rs changed"}},
		{"a mode of the umask", func() { must(os.Chmod(path("crates/app/src/main.rs"), 0o700)) }, nil},
		{"added", write("crates/app/build.rs", "1"), []string{"crates/app/build.rs added"}},
		{"renamed", func() { must(os.Rename(path("crates/app/build.rs"), path("crates/app/b.rs"))) }, []string{"crates/app/b.rs added", "crates/app/build.rs removed"}},
		{"removed", func() { must(os.Remove(path("crates/app/b.rs"))) }, []string{"crates/app/b.rs removed"}},
		{"link", func() { must(os.Remove(path("crates/link"))); must(os.Symlink("Cargo.toml", path("crates/link"))) }, []string{"crates/link changed"}},
		{"lock", write("crates/Cargo.lock", "2"), []string{"crates/Cargo.lock changed"}},
		{"configuration above", write(".cargo/config.toml", "x"), []string{".cargo/config.toml added"}},
		{"configuration of the user", write("home/.cargo/config.toml", "x"), []string{"home/.cargo/config.toml added"}},
		{"toolchain file", write("rust-toolchain.toml", "x"), []string{"rust-toolchain.toml added"}},
		{"rustup's default", write("home/.rustup/settings.toml", "x"), []string{"home/.rustup/settings.toml added"}},
		{"a workspace above", write("Cargo.toml", "[workspace]"), []string{"Cargo.toml added"}},
		{"a package by path", write("dep/src/lib.rs", "2"), []string{"dep/src/lib.rs changed"}},
		{"a file that is included", write("notice.txt", "2"), []string{"notice.txt changed"}},
		{"the compiler", write("sys/bin/rustc", "another"), []string{"sys/bin/rustc changed"}},
		{"a standard library", write("sys/lib/rustlib/y/lib/libstd-2.rlib", "1"), []string{"standard libraries in " + path("sys") + " changed"}},
		{"another tool", func() { write("bin/zig", "1")(); must(os.Chmod(path("bin/zig"), 0o755)) }, []string{"zig added"}},
		{"flag", func() { k.Glibc = "2.31" }, []string{"flag -glibc: 2.28 -> 2.31"}},
		{"variable", set("RUSTFLAGS=-g"), []string{"RUSTFLAGS set"}},
		{"another value", set("RUSTFLAGS=-O"), []string{"RUSTFLAGS changed"}},
		{"for the C compiler", set("CFLAGS_x86_64_unknown_linux_gnu=-g"), []string{"CFLAGS_x86_64_unknown_linux_gnu set"}},
		{"what a build script asks for", set("APP_VERSION=2"), []string{"APP_VERSION changed"}},
		{"unset", func() { k.Ledger.Environ = k.Ledger.Environ[:len(k.Ledger.Environ)-2] }, []string{"APP_VERSION changed", "CFLAGS_x86_64_unknown_linux_gnu unset"}},
		{"a variable that does not matter", set("HARMLESS=2"), nil},
		{"how cargo looks", set("CARGO_TERM_COLOR=always"), nil},
		{"new times", func() { touch(t, path("crates")) }, nil},
		{"content, with its old time", func() {
			write("crates/app/src/main.rs", "3")()
			long := time.Now().Add(-time.Hour)
			must(os.Chtimes(path("crates/app/src/main.rs"), long, long))
		}, []string{"crates/app/src/main.rs changed"}},
		{"in the target folder", write("crates/target/release/x", "2"), nil},
		{"elsewhere", write("unused.txt", "2"), nil},
		{"output changed", write("out/linux-amd64/app", "hacked"), []string{"out/linux-amd64/app changed"}},
		{"output removed", func() { must(os.RemoveAll(path("out"))) }, []string{"out/linux-amd64/app removed"}},
		{"garbled stamp", func() { must(os.Truncate(k.Ledger.stamp(k.stampNameChecked()), 100)) }, []string{"there is no earlier result"}},
		{"in the end", func() {}, nil},
	}
	for _, step := range steps {
		if runtime.GOOS == "windows" && strings.Contains(step.name, "mode") {
			continue
		}
		step.change()
		before, result := k.look(t)
		if !slices.Equal(result.Why, step.want) {
			t.Errorf("%s: built because %q, want %q", step.name, result.Why, step.want)
		}
		if !result.Ran() && (len(result.Binaries) != 1 || result.Toolchains.String() != "cargo 1.95.0" || len(result.Crates) != 1) {
			t.Errorf("%s: what was built before is %+v", step.name, result)
		}
		if step.name == "content, with its old time" {
			if info, err := os.Stat(path("crates/app/src/main.rs")); err != nil || time.Since(info.ModTime()) > time.Minute {
				t.Errorf("%s: cargo would not see it (%v)", step.name, err)
			}
		}
		if result.Ran() {
			k.built(t, before)
		}
		must(k.Ledger.Files.Save())
	}
}

func (k *keyed) stampNameChecked() string {
	b, _ := k.check()
	return b.stampName()
}

// TestRustSeesWhatChangesMeanwhile: a file that changed while cargo ran may or may not be in the program, so the next build asks cargo.
func TestRustSeesWhatChangesMeanwhile(t *testing.T) {
	t.Parallel()
	k := newKeyed(t)
	before, _ := k.look(t)
	writeFiles(t, k.root, map[string]string{"crates/app/src/main.rs": "meanwhile"})
	k.built(t, before)
	if _, result := k.look(t); !slices.Equal(result.Why, []string{"crates/app/src/main.rs changed"}) {
		t.Errorf("built because %q", result.Why)
	}
	before, _ = k.look(t)
	if err := os.Remove(filepath.Join(k.root, "crates", "link")); err != nil {
		t.Fatal(err)
	}
	k.built(t, before)
	if _, result := k.look(t); !slices.Equal(result.Why, []string{"crates/link removed"}) {
		t.Errorf("built because %q", result.Why)
	}
}
