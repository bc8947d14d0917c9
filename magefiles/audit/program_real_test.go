package audit

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Programs that the Go toolchain links for other systems, read by this package
// and by the standard library's, which knows nothing of each other.
func TestRealPrograms(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds programs for several platforms")
	}
	goTool := needTool(t, "go")
	folder := t.TempDir()
	source := filepath.Join(folder, "main.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() { println(1) }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	build := func(platform string, flags ...string) []byte {
		goos, goarch, _ := strings.Cut(platform, "/")
		out := filepath.Join(folder, goos+goarch+strings.Join(flags, ""))
		cmd := exec.CommandContext(t.Context(), goTool, append(append([]string{"build", "-o", out}, flags...), source)...)
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
		cmd.Dir = folder
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("building for %s: %v\n%s", platform, err, msg)
		}
		body, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	fits := func(body []byte, platform string) Program {
		t.Helper()
		p := mustRead(t, body)
		if found := CheckProgram(p, platform, Limits{Glibc: "2.17", MacOS: "12.0"}, "x"); len(found) != 0 {
			t.Errorf("%s: false alarm %v", platform, found)
		}
		return p
	}

	if p := fits(build("linux/amd64"), "linux/amd64"); !p.Static || p.Libraries != nil {
		t.Errorf("linux: %+v", p)
	}
	if p := fits(build("linux/amd64", "-buildmode=pie"), "linux/amd64"); p.Static || p.Interpreter != linuxInterpreter("amd64") {
		t.Errorf("linux, position-independent: %+v", p)
	}
	bsd := build("openbsd/amd64") // without cgo, and dynamic nevertheless
	if p := mustRead(t, bsd); p.Interpreter != "/usr/libexec/ld.so" || len(p.Libraries) == 0 {
		t.Errorf("openbsd: %+v", p)
	}
	compareELF(t, "openbsd", bsd)

	for _, platform := range []string{"windows/amd64", "windows/arm64"} {
		body := build(platform)
		f, err := pe.NewFile(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		symbols, err := f.ImportedSymbols()
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range symbols {
			_, symbols[i], _ = strings.Cut(s, ":")
		}
		if p := fits(body, platform); len(p.Libraries) == 0 || !slices.Equal(p.Libraries, tidy(symbols, true)) || p.MinOS == "" {
			t.Errorf("%s: libraries %q instead of %q, from Windows %q", platform, p.Libraries, tidy(symbols, true), p.MinOS)
		}
	}
	intel, arm := build("darwin/amd64"), build("darwin/arm64")
	for platform, body := range map[string][]byte{"darwin/amd64": intel, "darwin/arm64": arm} {
		f, err := macho.NewFile(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		libraries, _ := f.ImportedLibraries()
		if p := fits(body, platform); len(p.Libraries) == 0 || !slices.Equal(p.Libraries, tidy(libraries, false)) || p.MinOS == "" {
			t.Errorf("%s: libraries %q instead of %q, from macOS %q", platform, p.Libraries, libraries, p.MinOS)
		}
	}
	fat := machoUniversalFile(false, intel, arm)
	fits(fat, "darwin/amd64")
	fits(fat, "darwin/arm64")
	testRealSignature(t, arm)
}

// testRealSignature damages a program that Go's linker signed ad hoc.
func testRealSignature(t *testing.T, arm []byte) {
	le := binary.LittleEndian
	var command int
	for at, n := 32, le.Uint32(arm[16:]); n > 0; n-- {
		if le.Uint32(arm[at:]) == lcCodeSignature {
			command = at
		}
		at += int(le.Uint32(arm[at+4:]))
	}
	if command == 0 {
		t.Fatal("Go's linker signed nothing")
	}
	start := int(le.Uint32(arm[command+8:]))
	for name, c := range map[string]struct {
		at   int
		want string
	}{
		"untouched": {-1, AdHoc}, "one bit of the code": {start / 2, BrokenSignature}, "last byte before": {start - 1, BrokenSignature},
		"one bit of a hash": {start + 200, BrokenSignature}, "its command": {command, Unsigned},
	} {
		body := slices.Clone(arm)
		if c.at >= 0 {
			body[c.at] ^= 2
		}
		p := mustRead(t, body)
		found := CheckProgram(p, "darwin/arm64", Limits{}, "x")
		if p.Signature != c.want || (c.want == AdHoc) != (len(found) == 0) {
			t.Errorf("%s: got %s (%s), want %s; findings %v", name, p.Signature, p.SignatureFault, c.want, found)
		}
	}
}

// compareELF reads a file through debug/elf's eyes, which are on the section
// headers, and wants the same.
func compareELF(t *testing.T, name string, body []byte) (compared bool) {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(body))
	if err != nil || f.Type != elf.ET_EXEC && f.Type != elf.ET_DYN {
		return false
	}
	p, err := ReadProgram(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return false
	}
	libraries, _ := f.ImportedLibraries()
	if !slices.Equal(p.Libraries, tidy(libraries, false)) {
		t.Errorf("%s: libraries %q, want %q", name, p.Libraries, libraries)
	}
	for tag, got := range map[elf.DynTag]string{elf.DT_SONAME: p.Name, elf.DT_RPATH: strings.Join(p.RPath, ":"), elf.DT_RUNPATH: strings.Join(p.RunPath, ":")} {
		if want, _ := f.DynString(tag); got != strings.Join(want, "\n") {
			t.Errorf("%s: %s %q, want %q", name, tag, got, want)
		}
	}
	var needs []VersionNeed
	wanted, _ := f.DynamicVersionNeeds()
	for _, n := range wanted {
		for _, d := range n.Needs {
			needs = append(needs, VersionNeed{n.Name, d.Dep, d.Flags&elf.VER_FLG_WEAK != 0})
		}
	}
	if !reflect.DeepEqual(p.Needs, needs) {
		t.Errorf("%s: needs %v, want %v", name, p.Needs, needs)
	}
	var defines []string
	defined, _ := f.DynamicVersions()
	for _, d := range defined {
		if d.Flags&elf.VER_FLG_BASE == 0 {
			defines = append(defines, d.Name)
		}
	}
	if !slices.Equal(p.Defines, defines) {
		t.Errorf("%s: defines %v, want %v", name, p.Defines, defines)
	}
	return true
}

// The programs and libraries of the Linux that the test runs on: linkers of
// distributions make what no linker of Go's does.
func TestHostPrograms(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || testing.Short() {
		t.Skip("looks at the ELF files of a Linux")
	}
	const enough = 300
	compared := 0
	for _, pattern := range []string{"/usr/bin/*", "/usr/lib*/*.so*", "/usr/lib/*-linux-gnu*/*.so*"} {
		files, _ := filepath.Glob(pattern)
		for i, file := range files {
			if i >= enough {
				break
			}
			info, err := os.Stat(file)
			if err != nil || !info.Mode().IsRegular() || info.Size() > 16<<20 {
				continue
			}
			body, err := os.ReadFile(file)
			if errors.Is(err, os.ErrPermission) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if compareELF(t, file, body) {
				compared++
			}
		}
	}
	t.Logf("%d files compared", compared)
}
