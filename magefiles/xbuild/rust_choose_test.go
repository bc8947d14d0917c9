package xbuild

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	amd = "x86_64-unknown-linux-gnu"
	arm = "aarch64-unknown-linux-gnu"
)

// fakeRust is a machine with Rust on it: what its programs print, and folders
// of standard libraries that really exist.
type fakeRust struct {
	t        *testing.T
	root     string
	programs []string          // what look finds
	versions map[string]string // of rustc by its path
	host     string            // of all its compilers
	offline  bool              // rustup target add fails
	minimum  string            // rust-version of the crate
	mu       sync.Mutex
	ran      []string
}

func newFakeRust(t *testing.T, programs ...string) *fakeRust {
	if filepath.Separator != '/' {
		t.Skip("the machine that is made up has Unix paths")
	}
	return &fakeRust{t: t, root: t.TempDir(), programs: programs, versions: map[string]string{}, host: amd, minimum: "1.85"}
}

// rustc puts a compiler beside a cargo, with standard libraries.
func (f *fakeRust) rustc(dir, version string, std ...string) *fakeRust {
	f.programs = append(f.programs, dir+"/cargo", dir+"/rustc")
	f.versions[dir+"/rustc"] = version
	for _, triple := range std {
		f.addStd(dir, triple)
	}
	return f
}

func (f *fakeRust) libdir(dir, triple string) string {
	return filepath.Join(f.root, dir, "lib", "rustlib", triple, "lib")
}

func (f *fakeRust) addStd(dir, triple string) {
	f.t.Helper()
	for _, lib := range []string{"libcore-1.rlib", "libstd-2.rlib"} {
		f.write(filepath.Join(f.libdir(dir, triple), lib))
	}
}

func (f *fakeRust) write(name string) {
	f.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fakeRust) look(name string) (string, error) {
	for _, p := range f.programs {
		if p == name || !strings.Contains(name, "/") && filepath.Base(p) == name {
			return p, nil
		}
	}
	return "", errors.New("not found")
}

func (f *fakeRust) glob(pattern string) ([]string, error) {
	var out []string
	for _, p := range f.programs {
		if ok, _ := filepath.Match(pattern, p); ok {
			out = append(out, p)
		}
	}
	return out, nil
}

func (f *fakeRust) run(_ context.Context, c Cmd) error {
	dir := filepath.Dir(c.Name)
	args := strings.Join(c.Args, " ")
	f.mu.Lock()
	f.ran = append(f.ran, c.Name+" "+args)
	f.mu.Unlock()
	switch {
	case strings.HasSuffix(c.Name, "zig"):
		fmt.Fprintln(c.Stdout, "0.17.1")
	case strings.HasSuffix(c.Name, "cargo-zigbuild"):
		fmt.Fprintln(c.Stdout, "cargo-zigbuild 0.24.0")
	case strings.HasSuffix(c.Name, "rustup"):
		if f.offline {
			return &ToolError{Cmd: c, Err: errors.New("exit status 1"), Output: "info: syncing\nerror: could not download\n"}
		}
		for _, triple := range c.Args[2:] {
			f.addStd(dir, triple)
		}
	case args == "-vV":
		if f.versions[c.Name] == "broken" {
			return &ToolError{Cmd: c, Err: errors.New("exit status 1"), Output: "error: toolchain '1.80' is not installed\n"}
		}
		fmt.Fprintf(c.Stdout, "rustc %[1]s\nhost: %[2]s\nrelease: %[1]s\ncommit-hash: unknown\n", f.versions[c.Name], f.host)
	case args == "--print sysroot":
		fmt.Fprintln(c.Stdout, filepath.Join(f.root, dir))
	case strings.HasPrefix(args, "metadata --no-deps"):
		fmt.Fprintf(c.Stdout, `{"packages":[{"name":"app","rust_version":%q}]}`, f.minimum)
	}
	return nil
}

func TestChoose(t *testing.T) {
	t.Parallel()
	zig := []string{"/t/cargo-zigbuild", "/t/zig"}
	rustup := func(t *testing.T, std ...string) *fakeRust {
		return newFakeRust(t, "/up/rustup").rustc("/up", "1.95.0", std...)
	}
	tests := []struct {
		name  string
		f     func(t *testing.T) *fakeRust
		with  string
		env   []string
		want  string // name, linker, cargo
		words []string
	}{
		{"rustup has both, zig links", func(t *testing.T) *fakeRust {
			f := rustup(t, amd, arm).rustc("/usr/bin", "1.96.0", amd, arm)
			f.programs = append(f.programs, zig...)
			return f
		}, "", nil, "cargo zigbuild /up/cargo", []string{"has the standard libraries", "zig 0.17.1 for glibc 2.28"}},
		{"rustup lacks one, the distribution has both", func(t *testing.T) *fakeRust {
			f := rustup(t, amd).rustc("/usr/bin", "1.96.0", amd, arm)
			f.programs = append(f.programs, zig...)
			return f
		}, "", nil, "cargo zigbuild /usr/bin/cargo", []string{"passed over: cargo with rustc 1.95.0 (/up/cargo): no standard library for " + arm}},
		{"the distribution's is too old", func(t *testing.T) *fakeRust {
			f := rustup(t, amd).rustc("/usr/bin", "1.63.0", amd, arm)
			f.programs = append(f.programs, zig...)
			return f
		}, "", nil, "rustup zigbuild /up/cargo", []string{"added by rustup", "rustc 1.63.0 is older than the 1.85 that package app asks for"}},
		{"CARGO comes first", func(t *testing.T) *fakeRust {
			f := rustup(t, amd, arm).rustc("/opt/rust", "1.97.0", amd, arm)
			f.programs = append(f.programs, zig...)
			return f
		}, "", []string{"CARGO=/opt/rust/cargo"}, "cargo zigbuild /opt/rust/cargo", nil},
		{"Ubuntu's versioned cargo", func(t *testing.T) *fakeRust {
			f := newFakeRust(t, zig...).rustc("/usr/bin", "1.75.0", amd).rustc("/usr/lib/rust-1.89/bin", "1.89.0", amd, arm)
			return f
		}, "", nil, "cargo zigbuild /usr/lib/rust-1.89/bin/cargo", nil},
		{"no zig: cc and the cross gcc", func(t *testing.T) *fakeRust {
			f := rustup(t, amd, arm)
			f.programs = append(f.programs, "/bin/cc", "/bin/aarch64-linux-gnu-gcc")
			return f
		}, "", nil, "cargo gcc /up/cargo", []string{"/bin/cc, /bin/aarch64-linux-gnu-gcc for this system's glibc"}},
		{"with=cargo leaves zig alone", func(t *testing.T) *fakeRust {
			f := rustup(t, amd, arm)
			f.programs = append(append(f.programs, zig...), "/bin/cc", "/bin/aarch64-linux-gnu-gcc")
			return f
		}, "cargo", nil, "cargo gcc /up/cargo", nil},
		{"offline rustup falls through to build-std", func(t *testing.T) *fakeRust {
			f := rustup(t, amd)
			f.offline = true
			f.write(filepath.Join(f.root, "/up/lib/rustlib/src/rust/library/Cargo.lock"))
			f.programs = append(f.programs, zig...)
			return f
		}, "", nil, "build-std zigbuild /up/cargo", []string{"could not download", "built from source"}},
		{"a broken rustup toolchain", func(t *testing.T) *fakeRust {
			f := newFakeRust(t, "/up/rustup").rustc("/up", "broken").rustc("/usr/bin", "1.96.0", amd, arm)
			f.programs = append(f.programs, zig...)
			return f
		}, "", nil, "cargo zigbuild /usr/bin/cargo", []string{"toolchain '1.80' is not installed"}},
	}
	for _, tt := range tests {
		f := tt.f(t)
		b, err := RustBuild{
			Dir: t.TempDir(), With: tt.with, Getenv: envOf(tt.env...),
			Platforms: []Platform{{"linux", "amd64", ""}, {"linux", "arm64", ""}},
		}.check()
		if err != nil {
			t.Fatal(err)
		}
		chosen, err := b.choose(t.Context(), (&Recorder{Reply: f.run}).Run, finder{f.look, f.glob})
		if err != nil || len(chosen) != 1 {
			t.Errorf("%s: %v, %v", tt.name, chosen, err)
			continue
		}
		tc := chosen[0]
		if tt.name == "rustup has both, zig links" && slices.ContainsFunc(f.ran, func(s string) bool { return strings.HasPrefix(s, "/usr/bin/") }) {
			t.Errorf("%s: the second was asked though the first will do: %q", tt.name, f.ran)
		}
		if got := strings.Join([]string{tc.Name, tc.Linker, tc.rustc.cargo}, " "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		for _, w := range tt.words {
			if !strings.Contains(tc.Reason, w) || strings.Contains(tc.Reason, "\n") {
				t.Errorf("%s: reason %q, want %q in one line", tt.name, tc.Reason, w)
			}
		}
	}
}

func TestChooseTellsOfAnIgnoredToolchainFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "crates", "app")
	f := newFakeRust(t, "/up/rustup", "/t/zig", "/t/cargo-zigbuild").rustc("/up", "1.80.0", amd).rustc("/usr/bin", "1.96.0", amd, arm)
	f.write(filepath.Join(filepath.Dir(dir), "rust-toolchain.toml"))
	for with, want := range map[string]bool{"/usr/bin/cargo": true, "/up/cargo": false} {
		f.addStd("/up", arm)
		f.minimum = "1.0"
		b, err := RustBuild{Dir: dir, Getenv: envOf("CARGO=" + with), Platforms: []Platform{{"linux", "amd64", ""}, {"linux", "arm64", ""}}}.check()
		if err != nil {
			t.Fatal(err)
		}
		tc, err := b.choose(t.Context(), (&Recorder{Reply: f.run}).Run, finder{f.look, f.glob})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(tc.Reason(), "rust-toolchain.toml is not obeyed"); got != want {
			t.Errorf("%s: %s", with, tc.Reason())
		}
	}
}

func TestChooseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		f     *fakeRust
		with  string
		words []string
		never string // must not have been run
	}{
		{
			"nothing here", newFakeRust(t, "/bin/apt-get"), "",
			[]string{"cargo: not on PATH", "rustup: not there", "install rustup", "libstd-rust-dev:arm64"},
			"",
		},
		{"rustup offline", func() *fakeRust {
			f := newFakeRust(t, "/up/rustup", "/t/zig", "/t/cargo-zigbuild").rustc("/up", "1.95.0", amd)
			f.offline = true
			return f
		}(), "", []string{"no standard library for " + arm, "could not download", "no rust-src", "rustup target add " + arm}, ""},
		{
			"no linker: nothing is downloaded", newFakeRust(t, "/up/rustup").rustc("/up", "1.95.0", amd), "",
			[]string{"no linker for " + arm + ": neither cargo-zigbuild with zig nor aarch64-linux-gnu-gcc"},
			"rustup target add",
		},
		{
			"only the linker is missing", newFakeRust(t, "/bin/cc").rustc("/up", "1.95.0", amd, arm), "zigbuild",
			[]string{"cargo-zigbuild with zig is not there", "pip install cargo-zigbuild ziglang", "gcc libc6-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross"},
			"",
		},
		{
			"doctor downloads nothing", newFakeRust(t, "/up/rustup", "/t/zig", "/t/cargo-zigbuild").rustc("/up", "1.95.0", amd), "",
			[]string{"it would have to download the standard library for " + arm, "rustup target add " + arm},
			"rustup target add",
		},
		{"cross", newFakeRust(t).rustc("/up", "1.95.0", amd, arm), "cross", []string{"cross: not there: cargo install cross --locked", "-with=auto"}, ""},
	}
	for _, tt := range tests {
		b, err := RustBuild{Dir: t.TempDir(), With: tt.with, NoInstall: strings.HasPrefix(tt.name, "doctor"), Platforms: []Platform{{"linux", "amd64", ""}, {"linux", "arm64", ""}}}.check()
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.choose(t.Context(), (&Recorder{Reply: tt.f.run}).Run, finder{tt.f.look, tt.f.glob})
		if err == nil {
			t.Errorf("%s: no error", tt.name)
			continue
		}
		for _, w := range tt.words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q is not in:\n%v", tt.name, w, err)
			}
		}
		if tt.never != "" && slices.ContainsFunc(tt.f.ran, func(s string) bool { return strings.Contains(s, tt.never) }) {
			t.Errorf("%s: ran %v", tt.name, tt.f.ran)
		}
	}
}
