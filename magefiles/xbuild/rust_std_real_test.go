package xbuild

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBuildStdForReal compiles the standard library for platforms that the
// cargo here has none for, out of Debian's rust-src, with a crate that has a
// dependency from the registry. It takes minutes.
func TestBuildStdForReal(t *testing.T) {
	online(t)
	const cargo = "/usr/bin/cargo"
	if !isFile("/usr/lib/rustlib/src/rust/library/Cargo.lock") || !isFile(cargo) {
		if os.Getenv("CI") != "" {
			t.Fatal("Debian's rust-src (on Debian 12: rust-web-src) and cargo are not installed")
		}
		t.Skip("needs Debian's cargo and rust-src")
	}
	run := Exec(withoutRust(os.Environ()))
	dir := filepath.Join(t.TempDir(), "ü b")
	crate(t, dir)
	manifest, err := os.ReadFile(filepath.Join(dir, "Cargo.toml"))
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, filepath.Join(dir, "Cargo.toml"), string(manifest)+"panic = \"abort\"\n[dependencies]\nmemchr = \"=2.7.4\"\n")
	writeText(t, filepath.Join(dir, "src", "main.rs"), "fn main() { println!(\"hello {:?}\", memchr::memchr(b'o', b\"hello\")); }\n")
	if err := run(t.Context(), Cmd{Name: cargo, Args: []string{"generate-lockfile"}, Dir: dir, Env: []string{"RUSTC=/usr/bin/rustc"}}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, linker string
		platforms    string
		tools        []string
	}{
		{"zig", "zigbuild", "darwin/arm64,windows/amd64", []string{"../../.tools/py/bin"}},
		{"mingw", "gcc", "windows/amd64", nil},
	}
	magic := map[string]string{"darwin": "\xcf\xfa\xed\xfe", "windows": "MZ"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			platforms, err := ParsePlatforms(tt.platforms)
			if err != nil {
				t.Fatal(err)
			}
			getenv := envOf("CARGO="+cargo, "PATH=/usr/bin:/bin", "HOME="+os.Getenv("HOME"), "CARGO_HOME="+os.Getenv("CARGO_HOME"))
			var tools []string
			for _, d := range tt.tools {
				abs, err := filepath.Abs(d)
				if err != nil {
					t.Fatal(err)
				}
				tools = append(tools, abs)
			}
			var log bytes.Buffer
			b := RustBuild{
				Dir: dir, Out: filepath.Join(t.TempDir(), "out"), Platforms: platforms, With: "build-std", NoInstall: true,
				ToolDirs: tools, Getenv: getenv, CacheDir: t.TempDir(), Log: &log,
			}
			r, err := b.Build(t.Context(), run)
			if err != nil {
				t.Fatalf("%v\n%s", err, log.String())
			}
			if len(r.Binaries) != len(platforms) || len(r.Toolchains) != 1 || r.Toolchains[0].Linker != tt.linker {
				t.Fatalf("%v made %+v", r.Toolchains, r.Binaries)
			}
			for _, bin := range r.Binaries {
				text, err := os.ReadFile(bin.Path)
				if err != nil {
					t.Fatal(err)
				}
				if want := magic[bin.Platform.OS]; !strings.HasPrefix(string(text), want) {
					t.Errorf("%s begins with %q", bin.Path, text[:4])
				}
				for _, folder := range []string{dir, "/usr/lib/rustlib", "/usr/src"} {
					if bytes.Contains(text, []byte(folder)) {
						t.Errorf("%s has %q in it", bin.Path, folder)
					}
				}
				t.Logf("%s: %d bytes with %s", bin.Platform, bin.Size, bin.Toolchain)
				if keep := os.Getenv("KEEP"); keep != "" {
					if _, _, err := installFile(bin.Path, filepath.Join(keep, tt.name, bin.Platform.Slug(), bin.Platform.Exe(bin.Name)), 0o755); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}
