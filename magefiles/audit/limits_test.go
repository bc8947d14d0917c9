package audit

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCheckProgram(t *testing.T) {
	t.Parallel()
	dylib := func(names ...string) [][]byte {
		var commands [][]byte
		for _, n := range names {
			commands = append(commands, machoString(lcLoadDylib, n))
		}
		return commands
	}
	mac := func(cpu uint32, minor uint32, names ...string) []byte {
		return machoProgram(cpu, append(dylib(names...), machoNumbers(lcBuildVersion, 1, minor, minor, 0))...)
	}
	linux := func(change func(*elfSpec)) []byte {
		s := elfProgram("arm64", "libc.so.6", "libgcc_s.so.1", "ld-linux-aarch64.so.1")
		change(&s)
		return s.bytes()
	}
	glibc := func(version string, weak bool) []byte {
		return linux(func(s *elfSpec) { s.needs = []VersionNeed{{"libc.so.6", version, weak}} })
	}
	soft := elfProgram("arm64", "libc.so.6")
	soft.machine, soft.bits, soft.interpreter = 40, 32, "/lib/ld-linux.so.3"
	limits := Limits{Glibc: "2.28", MacOS: "11.0"}
	for name, c := range map[string]struct {
		platform string
		body     []byte
		limits   Limits
		want     string
	}{
		"plain":                {"linux/arm64", linux(func(*elfSpec) {}), limits, ""},
		"other machine":        {"linux/amd64", glibc("GLIBC_2.34", false), limits, "error arch"},
		"other format":         {"windows/amd64", linux(func(*elfSpec) {}), limits, "warning format"},
		"unknown platform":     {"plan9/mips", linux(func(*elfSpec) {}), limits, "error arch"},
		"glibc":                {"linux/arm64", glibc("GLIBC_2.34", false), limits, "error glibc-floor"},
		"glibc, three numbers": {"linux/arm64", glibc("GLIBC_2.28.1", false), limits, "error glibc-floor"},
		"glibc is enough":      {"linux/arm64", glibc("GLIBC_2.28", false), limits, ""},
		"glibc 2.4":            {"linux/arm64", glibc("GLIBC_2.4", false), limits, ""},
		"glibc is weak":        {"linux/arm64", glibc("GLIBC_2.34", true), limits, ""},
		"packed relocations":   {"linux/arm64", glibc("GLIBC_ABI_DT_RELR", false), limits, "error glibc-floor"},
		"private glibc":        {"linux/arm64", glibc("GLIBC_PRIVATE", false), limits, "error glibc-floor"},
		"no limit for glibc":   {"linux/arm64", glibc("GLIBC_2.99", false), Limits{}, ""},
		"library":              {"linux/arm64", linux(func(s *elfSpec) { s.libraries = []string{"libssl.so.3", "libstdc++.so.6"} }), limits, "error library, error library"},
		"allowed library":      {"linux/arm64", linux(func(s *elfSpec) { s.libraries = []string{"libssl.so.3"} }), Limits{Libraries: []string{"libssl.so.3"}}, ""},
		"crypt is split off":   {"linux/arm64", linux(func(s *elfSpec) { s.libraries = []string{"libcrypt.so.1"} }), limits, "error library"},
		"musl": {"linux/arm64", linux(func(s *elfSpec) {
			s.interpreter, s.libraries = "/lib/ld-musl-aarch64.so.1", []string{"libc.musl-aarch64.so.1"}
		}), limits, "error library, error library"},
		"nix":                  {"linux/arm64", linux(func(s *elfSpec) { s.interpreter = "/nix/store/x-glibc/lib/ld-linux-aarch64.so.1" }), limits, "error library"},
		"allowed loader":       {"linux/arm64", linux(func(s *elfSpec) { s.interpreter = "/opt/ld.so" }), Limits{Libraries: []string{"ld.so"}}, ""},
		"loader of soft float": {"linux/arm/v5", soft.bytes(), limits, ""},
		"companion":            {"linux/arm64", linux(func(s *elfSpec) { s.hollow, s.libraries = true, []string{"libssl.so.3"} }), limits, ""},
		"object file":          {"linux/arm64", elfFile(183, 64, binary.LittleEndian, 1, 0, 0), limits, ""},

		"macOS":               {"darwin/amd64", mac(cpuAMD64, 10<<16|15<<8, "/usr/lib/libSystem.B.dylib", "/System/Library/Frameworks/Security.framework/Versions/A/Security"), limits, ""},
		"macOS too new":       {"darwin/amd64", mac(cpuAMD64, 11<<16|3<<8), limits, "error macos-floor"},
		"macOS without limit": {"darwin/amd64", mac(cpuAMD64, 99<<16), Limits{}, ""},
		"brew":                {"darwin/amd64", mac(cpuAMD64, 11<<16, "/usr/local/opt/openssl@3/lib/libssl.3.dylib", "@rpath/libz.dylib", "/usr/lib/../local/lib/x.dylib"), limits, "error library, error library, error library"},
		"allowed dylib":       {"darwin/amd64", mac(cpuAMD64, 11<<16, "@rpath/libz.dylib"), Limits{Libraries: []string{"libz.dylib"}}, ""},
		"weak dylib":          {"darwin/amd64", machoProgram(cpuAMD64, machoString(lcWeakDylib, "@rpath/libz.dylib")), limits, "warning library"},
		"unsigned on arm64":   {"darwin/arm64", mac(cpuARM64, 11<<16), limits, "error signature"},
		"arm64 began with 11": {"darwin/arm64", mac(cpuARM64, 11<<16), Limits{MacOS: "10.13"}, "error signature"},
		"signed":              {"darwin/arm64", signed(signSpec{}), limits, ""},
		"broken":              {"darwin/arm64", append(signed(signSpec{})[:5000], signed(signSpec{certificate: []byte("x")})[5000:]...), limits, "error signature"},
		"for phones":          {"darwin/arm64", machoProgram(cpuARM64, machoNumbers(lcBuildVersion, 2, 11<<16, 0, 0)), limits, "error os"},
		"universal, this one": {"darwin/amd64", machoUniversalFile(false, mac(cpuAMD64, 12<<16), signed(signSpec{})), limits, "error macos-floor"},
		"universal, that one": {"darwin/arm64", machoUniversalFile(false, mac(cpuAMD64, 12<<16), signed(signSpec{})), limits, ""},
		"universal, neither":  {"darwin/arm64", machoUniversalFile(false, mac(cpuAMD64, 12<<16)), limits, "error arch"},
		"universal for phone": {"darwin/arm64", machoUniversalFile(false, machoProgram(cpuARM64, machoNumbers(lcBuildVersion, 2, 11<<16, 0, 0))), limits, "error os"},

		"windows":          {"windows/amd64", peProgram(0x8664, []string{"KERNEL32.dll", "api-ms-win-crt-heap-l1-1-0.dll", "ntdll.dll", "OPENGL32.dll", "WINSPOOL.DRV"}, []string{"dbghelp.dll"}), limits, ""},
		"opengl on arm64":  {"windows/arm64", peProgram(0xaa64, []string{"OPENGL32.dll"}, nil), limits, "error library"},
		"redistributable":  {"windows/amd64", peProgram(0x8664, []string{"VCRUNTIME140.dll", "MSVCP140.dll"}, nil), limits, "error library, error library"},
		"mingw":            {"windows/amd64", peProgram(0x8664, []string{"libgcc_s_seh-1.dll", "libwinpthread-1.dll", "libunwind.dll", "libstdc++-6.dll"}, nil), limits, "error library, error library, error library, error library"},
		"delay-loaded":     {"windows/amd64", peProgram(0x8664, nil, []string{"nvcuda.dll"}), limits, "warning library"},
		"allowed DLL":      {"windows/amd64", peProgram(0x8664, []string{"Python3.dll"}, nil), Limits{Libraries: []string{"python3.DLL"}}, ""},
		"emulated machine": {"windows/arm64", peProgram(0x8664, []string{"VCRUNTIME140.dll"}, nil), limits, "warning arch"},
		"managed":          {"windows/arm64", peFile(0x14c, 0, 3, true), limits, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range CheckProgram(mustRead(t, c.body), c.platform, c.limits, "bin/x") {
				got = append(got, f.Severity+" "+f.ID)
				if f.Message == "" || f.Cure == "" || f.Path != "bin/x" || f.Platform != c.platform || f.LayerIndex != -1 {
					t.Errorf("incomplete: %+v", f)
				}
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What people read is pinned down, finding by finding.
func TestProgramMessages(t *testing.T) {
	t.Parallel()
	linux := elfProgram("arm64", "libc.so.6", "libssl.so.3", "libstdc++.so.6", "libz.so.1")
	linux.needs = []VersionNeed{{"libc.so.6", "GLIBC_2.34", false}, {"libc.so.6", "GLIBC_2.17", false}, {"libm.so.6", "GLIBC_2.29", false}, {"libc.so.6", "GLIBC_PRIVATE", false}}
	musl := elfProgram("amd64", "libc.musl-x86_64.so.1")
	musl.interpreter = "/lib/ld-musl-x86_64.so.1"
	nix := elfProgram("amd64", "libc.so.6")
	nix.interpreter = "/nix/store/x/ld.so"
	broken := signed(signSpec{})
	broken[5000] ^= 1
	var out strings.Builder
	for _, c := range []struct {
		platform string
		body     []byte
	}{
		{"linux/arm64", linux.bytes()},
		{"linux/amd64", linux.bytes()},
		{"linux/amd64", musl.bytes()},
		{"linux/amd64", nix.bytes()},
		{"darwin/arm64", machoProgram(cpuARM64, machoString(lcLoadDylib, "@rpath/x.dylib"), machoString(lcLoadDylib, "/opt/homebrew/lib/libssl.3.dylib"), machoNumbers(lcBuildVersion, 1, 15<<16, 15<<16, 0))},
		{"darwin/arm64", broken},
		{"windows/amd64", peProgram(0x8664, []string{
			"VCRUNTIME140.dll", "ucrtbased.dll", "libgcc_s_seh-1.dll", "libwinpthread-1.dll", "libstdc++-6.dll", "libunwind.dll",
			"cygwin1.dll", "python312.dll", "libssl-3-x64.dll",
		}, []string{"nvcuda.dll"})},
	} {
		fmt.Fprintf(&out, "%s on %s\n", mustRead(t, c.body), c.platform)
		for _, f := range CheckProgram(mustRead(t, c.body), c.platform, Limits{Glibc: "2.28", MacOS: "11.0"}, "bin/x") {
			fmt.Fprintf(&out, "%s\n", f)
		}
	}
	golden(t, "program", out.String())
}

func TestProgramError(t *testing.T) {
	t.Parallel()
	_, text := ReadProgram(strings.NewReader("#!/bin/sh\n"), 10)
	_, cut := ReadProgram(strings.NewReader("\x7fELF"), 4)
	_, short := ReadProgram(strings.NewReader("MZ"), 100) // the reader is shorter than its size
	var got []string
	for _, err := range []error{text, cut, short} {
		f, ok := ProgramError(err, "linux/amd64", "bin/x")
		got = append(got, fmt.Sprint(ok, f.ID, f.Severity, f.Cure != ""))
	}
	if want := []string{fmt.Sprint(true, IDFormat, Error, true), fmt.Sprint(true, IDMalformed, Error, true), fmt.Sprint(false, "", "", false)}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
