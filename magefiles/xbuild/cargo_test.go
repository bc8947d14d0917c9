package xbuild

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// golden compares got with testdata/NAME.golden, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test -update rewrites it. Got:\n%s\nwant:\n%s", file, got, want)
	}
}

// lines shows a command with one argument or variable a line.
func lines(c Cmd) string {
	out := []string{"dir " + c.Dir, "run " + c.Name}
	for _, a := range c.Args {
		out = append(out, "  "+a)
	}
	for _, e := range c.Env {
		out = append(out, "env "+strings.ReplaceAll(e, flagSeparator, "<US>"))
	}
	return strings.Join(out, "\n") + "\n"
}

func envOf(list ...string) func(string) string {
	return func(key string) string { return getenv(list, key) }
}

func someMetadata(t *testing.T) metadata {
	t.Helper()
	var m metadata
	if err := json.Unmarshal([]byte(`{"packages": [
		{"name":"app","manifest_path":"/home/ü b/crates/app/Cargo.toml","source":null,"rust_version":"1.85"},
		{"name":"near","manifest_path":"/home/ü b/near/Cargo.toml","source":null},
		{"name":"ring","manifest_path":"/home/me/.cargo/registry/src/mirror-1/ring-0.17.14/Cargo.toml","source":"registry+https://example.org/index"},
		{"name":"libc","manifest_path":"/home/me/.cargo/registry/src/mirror-1/libc-0.2.0/Cargo.toml","source":"registry+https://example.org/index"},
		{"name":"fork","manifest_path":"/home/me/.cargo/git/checkouts/fork-1f/abc/Cargo.toml","source":"git+https://example.org/fork#abc"}],
		"workspace_root": "/home/ü b/crates", "target_directory": "/var/target"}`), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBuildCmd(t *testing.T) {
	t.Parallel()
	if filepath.Separator != '/' {
		t.Skip("the golden files have Unix paths")
	}
	both := []Platform{{"linux", "amd64", ""}, {"linux", "arm64", ""}}
	r := rustc{cargo: "/usr/bin/cargo", rustc: "/usr/bin/rustc", version: "1.96.0", commit: "c0ffee", host: "x86_64-unknown-linux-gnu", sysroot: "/usr"}
	z := &zig{zigbuild: "/t/py/bin/cargo-zigbuild", zig: "/t/py/zig", version: "0.17.1"}
	zigs := map[string]linker{"x86_64-unknown-linux-gnu": {kind: "zig"}, "aarch64-unknown-linux-gnu": {kind: "zig"}, "aarch64-apple-darwin": {kind: "zig"}}
	gccs := map[string]linker{"x86_64-unknown-linux-gnu": {kind: "cc"}, "aarch64-unknown-linux-gnu": {kind: "gcc", cc: "/usr/bin/aarch64-linux-gnu-gcc", ar: "/usr/bin/aarch64-linux-gnu-ar"}}
	var withFlags cargoConfig
	if err := json.Unmarshal([]byte(`{"build":{"rustflags":"-C target-cpu=native"},"target":{"aarch64-unknown-linux-gnu":{"rustflags":["-C","link-arg=-s"]}}}`), &withFlags); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		b      RustBuild
		tc     Toolchain
		config cargoConfig
	}{
		{"zigbuild", RustBuild{Platforms: both, Bins: []string{"app"}, CacheDir: "/cache", Getenv: envOf("HOME=/home/me")}, Toolchain{Name: "cargo", rustc: r, zig: z, linkers: zigs}, cargoConfig{}},
		{"gcc", RustBuild{Platforms: both, Profile: "dist", Features: []string{"a", "b"}, NoDefaultFeatures: true}, Toolchain{Name: "cargo", rustc: r, linkers: gccs}, withFlags},
		{"caller", RustBuild{Platforms: both, Glibc: "2.31", Getenv: envOf(
			"RUSTFLAGS=-C  debuginfo=1", "HOME=/home/me", "CARGO_HOME=/ch", "CC_aarch64_unknown_linux_gnu=mycc", "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=mycc")}, Toolchain{Name: "cargo", rustc: r, linkers: gccs}, withFlags},
		{"buildstd", RustBuild{MacOS: "11.0", Platforms: []Platform{{"linux", "arm64", ""}, {"darwin", "arm64", ""}}}, Toolchain{Name: "build-std", rustc: r, zig: z, linkers: zigs}, cargoConfig{}},
	}
	for _, tt := range tests {
		tt.b.Dir = "/home/ü b/crates/app"
		b, err := tt.b.check()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range b.Platforms {
			triple, _ := p.Triple()
			tt.tc.triples = append(tt.tc.triples, triple)
		}
		golden(t, "cargo-"+tt.name, lines(buildCmd(b, tt.tc, someMetadata(t), tt.config)))
	}
}

func TestRustflagsKeepTheCallers(t *testing.T) {
	t.Parallel()
	config := func(s string) (c cargoConfig) {
		if err := json.Unmarshal([]byte(s), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	tests := []struct {
		name   string
		env    []string
		config cargoConfig
		want   string
	}{
		{"none", nil, config(`{}`), `--config target.T.rustflags=["--ours=\"x\""]`},
		{"encoded wins", []string{"CARGO_ENCODED_RUSTFLAGS=-a\x1fb c", "RUSTFLAGS=-no"}, config(`{}`), "CARGO_ENCODED_RUSTFLAGS=-a\x1fb c\x1f--ours=\"x\""},
		{"RUSTFLAGS", []string{"RUSTFLAGS=-a  b"}, config(`{}`), "CARGO_ENCODED_RUSTFLAGS=-a\x1fb\x1f--ours=\"x\""},
		{"build as array", nil, config(`{"build":{"rustflags":["-a","b"]}}`), `--config target.T.rustflags=["-a","b","--ours=\"x\""]`},
		{"build as string", nil, config(`{"build":{"rustflags":"-a b"}}`), `--config target.T.rustflags=["-a","b","--ours=\"x\""]`},
		{"CARGO_BUILD_RUSTFLAGS", []string{"CARGO_BUILD_RUSTFLAGS=-a"}, config(`{}`), `--config target.T.rustflags=["-a","--ours=\"x\""]`},
		{"target's hide build's", nil, config(`{"build":{"rustflags":"-a"},"target":{"T":{"rustflags":["-b"]}}}`), `--config target.T.rustflags=["--ours=\"x\""]`},
		{"target's as string", nil, config(`{"build":{"rustflags":"-a"},"target":{"T":{"rustflags":"-b c"}}}`), `--config target.T.rustflags="-b c --ours=\"x\""`},
		{"cfg hides build's", nil, config(`{"build":{"rustflags":"-a"},"target":{"cfg(unix)":{"rustflags":"-b"}}}`), `--config target.T.rustflags=["--ours=\"x\""]`},
		{"another target's do not", nil, config(`{"build":{"rustflags":"-a"},"target":{"U":{"rustflags":"-b"}}}`), `--config target.T.rustflags=["-a","--ours=\"x\""]`},
		{"target's from the environment", []string{"CARGO_TARGET_T_RUSTFLAGS=-b"}, config(`{"build":{"rustflags":"-a"}}`), `--config target.T.rustflags=["--ours=\"x\""]`},
	}
	for _, tt := range tests {
		env, args := rustflags(envOf(tt.env...), tt.config, []string{"T"}, []string{`--ours="x"`}, func(string) []string { return nil })
		if got := strings.Join(append(env, args...), " "); got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

func TestCargoMessages(t *testing.T) {
	t.Parallel()
	stream := `{"reason":"compiler-artifact","target":{"name":"libc","kind":["lib"]},"executable":null}
{"reason":"compiler-artifact","target":{"name":"build-script-build","kind":["custom-build"]},"executable":"/t/release/build/x/build-script-build"}
{"reason":"compiler-artifact","target":{"name":"app","kind":["bin"]},"executable":"/x86_64-unknown-linux-gnu/t/aarch64-unknown-linux-gnu/release/app"}
not json
{"reason":"compiler-artifact","target":{"name":"app","kind":["bin"]},"executable":"C:\\t\\x86_64-pc-windows-gnu\\release\\app.exe"}
{"reason":"build-finished","success":true}
`
	want := []executable{
		{"app", "/x86_64-unknown-linux-gnu/t/aarch64-unknown-linux-gnu/release/app"},
		{"app", `C:\t\x86_64-pc-windows-gnu\release\app.exe`},
	}
	for _, size := range []int{1, 7, len(stream)} {
		var log bytes.Buffer
		m := &cargoMessages{log: &log}
		for chunk := range slices.Chunk([]byte(stream), size) {
			if n, err := m.Write(chunk); n != len(chunk) || err != nil {
				t.Fatal(n, err)
			}
		}
		if !slices.Equal(m.made, want) || log.String() != "not json\n" {
			t.Errorf("in pieces of %d: %v, log %q", size, m.made, log.String())
		}
	}
	triples := []string{"x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"}
	if got := tripleOf(want[0].path, triples); got != "aarch64-unknown-linux-gnu" {
		t.Errorf("triple %q", got)
	}
	if got := tripleOf("/t/release/app", triples); got != "" {
		t.Errorf("triple %q of a path without", got)
	}
}

// TestLoaderPath: the toolchain's own libraries are found by what strips programs for macOS, where that needs to be told.
func TestLoaderPath(t *testing.T) {
	t.Parallel()
	bundled, system := t.TempDir(), t.TempDir()
	writeFiles(t, bundled, map[string]string{"lib/libLLVM.so.22.1-rust": ""})
	lib := filepath.Join(bundled, "lib")
	const mac, linux = "aarch64-apple-darwin", "x86_64-unknown-linux-gnu"
	for _, test := range []struct {
		name, host, sysroot, set, triple, want string
	}{
		{"for macOS", linux, bundled, "", mac, lib},
		{"besides others", linux, bundled, "/mine", mac, lib + string(filepath.ListSeparator) + "/mine"},
		{"there already", linux, bundled, lib, mac, ""},
		{"not for macOS", linux, bundled, "", linux, ""},
		{"the system's LLVM", linux, system, "", mac, ""},
		{"on macOS", mac, bundled, "", mac, ""},
	} {
		b := RustBuild{Getenv: func(name string) string {
			if name == "LD_LIBRARY_PATH" {
				return test.set
			}
			return ""
		}}
		if got := loaderPath(b, Toolchain{rustc: rustc{host: test.host, sysroot: test.sysroot}}, []string{linux, test.triple}); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
