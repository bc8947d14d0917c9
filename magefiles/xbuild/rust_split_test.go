package xbuild

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	macAmd = "x86_64-apple-darwin"
	macArm = "aarch64-apple-darwin"
	winAmd = "x86_64-pc-windows-gnu"
	winArm = "aarch64-pc-windows-gnullvm"
)

// platformsOf reads a list; "six" are all that a laptop may be.
func platformsOf(t *testing.T, list string) []Platform {
	t.Helper()
	if list == "" {
		return nil
	}
	if list == "six" {
		list = "darwin/amd64,darwin/arm64,linux/amd64,linux/arm64,windows/amd64,windows/arm64"
	}
	out, err := ParsePlatforms(list)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// summary is what was chosen, one "name linker cargo: platforms" for each.
func summary(chosen Toolchains) string {
	var out []string
	for _, tc := range chosen {
		out = append(out, tc.Name+" "+tc.Linker+" "+tc.rustc.cargo+": "+Join(tc.Platforms))
	}
	return strings.Join(out, " | ")
}

func (f *fakeRust) choose(t *testing.T, b RustBuild) (Toolchains, error) {
	t.Helper()
	b.Dir = t.TempDir()
	b, err := b.check()
	if err != nil {
		t.Fatal(err)
	}
	return b.choose(t.Context(), (&Recorder{Reply: f.run}).Run, finder{f.look, f.glob})
}

func (f *fakeRust) with(programs ...string) *fakeRust {
	f.programs = append(f.programs, programs...)
	return f
}

// rustSrc puts the source of the standard library into a sysroot.
func (f *fakeRust) rustSrc(dir string) *fakeRust {
	f.write(filepath.Join(f.root, dir, "lib/rustlib/src/rust/library/Cargo.lock"))
	return f
}

func TestChooseSplits(t *testing.T) {
	t.Parallel()
	zig := []string{"/t/cargo-zigbuild", "/t/zig"}
	debian := func(t *testing.T, std ...string) *fakeRust {
		return newFakeRust(t, zig...).rustc("/usr/bin", "1.96.0", std...)
	}
	rustup := func(t *testing.T, std ...string) *fakeRust {
		return newFakeRust(t, zig...).with("/up/rustup").rustc("/up", "1.95.0", std...)
	}
	const linux, others = "linux/amd64,linux/arm64", "darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"
	tests := []struct {
		name        string
		f           *fakeRust
		asked, held string // platforms; held are the stable ones
		noInstall   bool
		want        string
		words       []string // in the reasons
	}{
		{
			"rustup has all", rustup(t, amd, arm, macAmd, macArm, winAmd, winArm), "six", linux, false,
			"cargo zigbuild /up/cargo: darwin/amd64,darwin/arm64,linux/amd64,linux/arm64,windows/amd64,windows/arm64", nil,
		},
		{
			"rustup adds what is missing, in one invocation", rustup(t, amd, arm), "six", linux, false,
			"rustup zigbuild /up/cargo: darwin/amd64,darwin/arm64,linux/amd64,linux/arm64,windows/amd64,windows/arm64", nil,
		},
		{
			"Debian's, and the rest from source", debian(t, amd, arm).rustSrc("/usr/bin"), "six", linux, false,
			"build-std zigbuild /usr/bin/cargo: " + others + " | cargo zigbuild /usr/bin/cargo: " + linux,
			[]string{"linux/amd64, linux/arm64: cargo with rustc 1.96.0", "darwin/amd64, darwin/arm64, windows/amd64, windows/arm64: cargo with rustc 1.96.0 (/usr/bin/cargo), standard library built from source"},
		},
		{
			"one that can do all wins over a split", debian(t, amd, arm).rustSrc("/usr/bin"), "six", "", false,
			"build-std zigbuild /usr/bin/cargo: darwin/amd64,darwin/arm64,linux/amd64,linux/arm64,windows/amd64,windows/arm64", nil,
		},
		{
			"who takes most takes it", debian(t, amd, arm).rustc("/usr/lib/rust-1.89/bin", "1.89.0", amd, macAmd, macArm), "darwin/amd64,darwin/arm64,linux/amd64,linux/arm64", "", false,
			"cargo zigbuild /usr/lib/rust-1.89/bin/cargo: darwin/amd64,darwin/arm64,linux/amd64 | cargo zigbuild /usr/bin/cargo: linux/arm64", nil,
		},
		{
			"the stable ones are not moved by others", debian(t, amd, arm).rustc("/usr/lib/rust-1.89/bin", "1.89.0", amd, macAmd, macArm), "darwin/amd64,linux/amd64", linux, false,
			"cargo zigbuild /usr/lib/rust-1.89/bin/cargo: darwin/amd64 | cargo zigbuild /usr/bin/cargo: linux/amd64", nil,
		},
		{
			"nor does it matter that they are not asked for", debian(t, amd).rustc("/usr/lib/rust-1.89/bin", "1.89.0", amd, arm), "linux/amd64", linux, false,
			"cargo zigbuild /usr/lib/rust-1.89/bin/cargo: linux/amd64", nil,
		},
		{
			"a stable one that nobody can build for is forgotten", debian(t, amd), "linux/amd64", "linux/amd64,darwin/arm64", false,
			"cargo zigbuild /usr/bin/cargo: linux/amd64", nil,
		},
		{
			"others join the one that is used already", rustup(t, amd, arm, macArm).rustc("/usr/bin", "1.96.0", amd, arm, macArm), "darwin/arm64,linux/arm64", linux, false,
			"cargo zigbuild /up/cargo: darwin/arm64,linux/arm64", nil,
		},
		{"nothing is added that was not asked for", rustup(t, amd), "linux/amd64", linux, false, "rustup zigbuild /up/cargo: linux/amd64", nil},
		{
			"a doctor adds nothing", rustup(t, amd).rustc("/usr/bin", "1.96.0", arm), "linux/amd64,linux/arm64", "", true,
			"cargo zigbuild /up/cargo: linux/amd64 | cargo zigbuild /usr/bin/cargo: linux/arm64", nil,
		},
		{
			"no zig: what mingw can link", newFakeRust(t, "/bin/cc", "/bin/x86_64-w64-mingw32-gcc").rustc("/usr/bin", "1.96.0", amd).rustSrc("/usr/bin"), "linux/amd64,windows/amd64", "linux/amd64", false,
			"cargo gcc /usr/bin/cargo: linux/amd64 | build-std gcc /usr/bin/cargo: windows/amd64",
			[]string{"linked by /bin/x86_64-w64-mingw32-gcc"},
		},
	}
	for _, tt := range tests {
		chosen, err := tt.f.choose(t, RustBuild{Platforms: platformsOf(t, tt.asked), Stable: platformsOf(t, tt.held), NoInstall: tt.noInstall})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := summary(chosen); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
		for _, w := range tt.words {
			if !strings.Contains(chosen.Reason(), w) {
				t.Errorf("%s: %q is not in\n%s", tt.name, w, chosen.Reason())
			}
		}
		for _, ran := range tt.f.ran {
			if strings.Contains(ran, "target add") && (tt.noInstall || tt.asked == "linux/amd64") {
				t.Errorf("%s: ran %s", tt.name, ran)
			}
		}
	}
}

func TestChooseSplitRefuses(t *testing.T) {
	t.Parallel()
	zig := []string{"/t/cargo-zigbuild", "/t/zig"}
	tests := []struct {
		name  string
		f     *fakeRust
		with  string
		words []string
		not   []string
	}{
		{
			"no std and no source", newFakeRust(t, zig...).rustc("/usr/bin", "1.96.0", amd, arm), "",
			[]string{"none can build for darwin/amd64,darwin/arm64,windows/amd64,windows/arm64\n", "no standard library for " + macAmd + ", " + macArm, "rustup target add " + macAmd, "rust-src"},
			[]string{"for " + amd, "libstd-rust"},
		},
		{
			"no linker for some", newFakeRust(t, "/up/rustup", "/bin/cc", "/bin/aarch64-linux-gnu-gcc", "/bin/x86_64-w64-mingw32-gcc").rustc("/up", "1.95.0", amd, arm, winAmd), "",
			[]string{"none can build for darwin/amd64,darwin/arm64,windows/arm64\n", "no linker for " + macAmd + ", " + macArm, "cargo-zigbuild with zig is not there", "aarch64-w64-mingw32-gcc is there"},
			[]string{winAmd},
		},
		{
			"with=cargo has no linker for macOS", newFakeRust(t, zig...).with("/bin/cc", "/bin/aarch64-linux-gnu-gcc", "/bin/x86_64-w64-mingw32-gcc").rustc("/up", "1.95.0", amd, arm, macAmd, macArm, winAmd, winArm), "cargo",
			[]string{"-with=cargo leaves that alone", "aarch64-w64-mingw32-gcc is not there"},
			nil,
		},
		{
			"build-std without source", newFakeRust(t, zig...).rustc("/up", "1.95.0", amd), "build-std",
			[]string{"none can build for any of them", "no rust-src in", "rustup component add rust-src"},
			nil,
		},
	}
	for _, tt := range tests {
		_, err := tt.f.choose(t, RustBuild{Platforms: platformsOf(t, "six"), Stable: platformsOf(t, "linux/amd64,linux/arm64"), With: tt.with})
		if err == nil {
			t.Errorf("%s: no error", tt.name)
			continue
		}
		for _, w := range tt.words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q is not in:\n%v", tt.name, w, err)
			}
		}
		for _, w := range tt.not {
			if strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q is in:\n%v", tt.name, w, err)
			}
		}
		if slices.ContainsFunc(tt.f.ran, func(s string) bool { return strings.Contains(s, "target add") }) {
			t.Errorf("%s: downloaded before the refusal", tt.name)
		}
	}
}

// TestChooseNative: a laptop with MSVC or musl builds for itself what it can.
func TestChooseNative(t *testing.T) {
	t.Parallel()
	msvc, musl := "x86_64-pc-windows-msvc", "x86_64-unknown-linux-musl"
	tests := []struct {
		name, host string
		std        []string
		platform   string
		native     bool
		want       string // triple, linker
	}{
		{"Windows with MSVC", msvc, []string{msvc}, "windows/amd64", true, msvc + " own"},
		{"Windows with MSVC and MinGW", msvc, []string{msvc, winAmd}, "windows/amd64", true, winAmd + " zigbuild"},
		{"Windows on arm", "aarch64-pc-windows-msvc", []string{"aarch64-pc-windows-msvc"}, "windows/arm64", true, "aarch64-pc-windows-msvc own"},
		{"Windows with clang", "x86_64-pc-windows-gnullvm", []string{"x86_64-pc-windows-gnullvm"}, "windows/amd64", true, "x86_64-pc-windows-gnullvm own"},
		{"Alpine", musl, []string{musl}, "linux/amd64", true, musl + " own"},
		{"Linux", amd, []string{amd}, "linux/amd64", true, amd + " zigbuild"},
		{"an image needs ours", musl, []string{musl}, "linux/amd64", false, ""},
		{"another machine's is not the host's", musl, []string{musl}, "linux/arm64", true, ""},
	}
	for _, tt := range tests {
		f := newFakeRust(t, "/t/cargo-zigbuild", "/t/zig").rustc("/up", "1.95.0", tt.std...)
		f.host = tt.host
		chosen, err := f.choose(t, RustBuild{Platforms: platformsOf(t, tt.platform), Stable: platformsOf(t, "linux/amd64,linux/arm64"), Native: tt.native})
		got := ""
		if err == nil {
			got = chosen[0].triples[0] + " " + chosen[0].Linker
		}
		if got != tt.want {
			t.Errorf("%s: %q (%v), want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestProbeGoesPastRustup(t *testing.T) {
	t.Parallel()
	f := newFakeRust(t, "/up/rustup", "/t/cargo-zigbuild", "/t/zig").rustc("/up", "1.95.0", amd)
	own := filepath.Join(f.root, "up", "bin", "rustc")
	f.with(own).versions[own] = "1.95.0"
	chosen, err := f.choose(t, RustBuild{Platforms: platformsOf(t, "linux/amd64")})
	if err != nil || chosen[0].rustc.rustc != own || chosen[0].String() != "cargo 1.95.0 + zig" {
		t.Errorf("%+v, %v", chosen, err)
	}
	if n := len(slices.DeleteFunc(f.ran, func(s string) bool { return !strings.HasPrefix(s, "/up/rustc") })); n != 1 {
		t.Errorf("rustup's stand-in was asked %d times: %q", n, f.ran)
	}
}
