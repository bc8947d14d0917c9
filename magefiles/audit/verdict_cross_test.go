package audit

import (
	"encoding/binary"
	"testing"
)

// What cross compilers bring along is for others by intent, if it is for those
// that the folder is named after.
func TestCrossCompilers(t *testing.T) {
	t.Parallel()
	arm, dll := elfARM64(), peFile(0x8664, coffDLL, 3, false)
	for name, c := range map[string]struct {
		file entry
		want string
	}{
		"Debian's libraries":  {reg("usr/aarch64-linux-gnu/lib/libc.so.6", arm), ""},
		"GCC's objects":       {reg("usr/lib/gcc-cross/aarch64-linux-gnu/14/crtbegin.o", elfFile(183, 64, binary.LittleEndian, 1, 0, 0)), ""},
		"mingw's":             {reg("usr/lib/gcc/x86_64-w64-mingw32/14-win32/libgcc_s_seh-1.dll", dll), ""},
		"Rust's":              {reg("root/.rustup/toolchains/stable/lib/rustlib/aarch64-unknown-linux-gnu/lib/libstd.so", arm), ""},
		"crosstool's":         {reg("opt/x-tools/aarch64-unknown-linux-gnu/sysroot/lib/libc.so.6", arm), ""},
		"Go's objects":        {reg("go/src/runtime/race/race_linux_arm64.syso", elfFile(183, 64, binary.LittleEndian, 1, 0, 0)), ""},
		"testdata":            {reg("go/src/debug/elf/testdata/arm64-exec", arm), "note arch /go/src/debug/elf/testdata/arm64-exec@0"},
		"of tests":            {reg("app/tests/helper.so", arm), "warning arch /app/tests/helper.so@0"},
		"of tests, Windows'":  {reg("app/tests/helper.dll", dll), "note format /app/tests/helper.dll@0"},
		"not what it says":    {reg("usr/s390x-linux-gnu/lib/libc.so.6", arm), "error arch /usr/s390x-linux-gnu/lib/libc.so.6@0"},
		"not Windows'":        {reg("usr/aarch64-linux-gnu/lib/x.dll", dll), "warning format /usr/aarch64-linux-gnu/lib/x.dll@0"},
		"not in a folder so":  {reg("app/aarch64-linux-gnu/lib/libc.so.6", arm), "error arch /app/aarch64-linux-gnu/lib/libc.so.6@0"},
		"multiarch is loaded": {reg("usr/lib/aarch64-linux-gnu/libx.so", arm), "error arch /usr/lib/aarch64-linux-gnu/libx.so@0"},
		"no triplet":          {reg("usr/local/arm64-tools/x", arm), "error arch /usr/local/arm64-tools/x@0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings, _, err := findingsOfImage(t.Context(), "linux/amd64", layers(tarOf(t, c.file)))
			if err != nil {
				t.Fatal(err)
			}
			if got := places(findings); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// An image for amd64 with a loader for 32-bit programs is meant to run them.
func Test386(t *testing.T) {
	t.Parallel()
	old := elfFile(3, 32, binary.LittleEndian, 3, 0, 0)
	alone := tarOf(t, reg("usr/lib32/libz.so.1", old))
	both := tarOf(t, reg("usr/lib32/ld-linux.so.2", old), soft("lib/ld-linux.so.2", "/usr/lib32/ld-linux.so.2"), reg("usr/lib32/libz.so.1", old))
	for _, c := range []struct {
		tar  []byte
		want string
	}{
		{alone, "error arch /usr/lib32/libz.so.1@0"},
		{both, "note arch /usr/lib32/ld-linux.so.2@0\nnote arch /usr/lib32/libz.so.1@0"},
	} {
		findings, _, err := findingsOfImage(t.Context(), "linux/amd64", layers(c.tar))
		if err != nil {
			t.Fatal(err)
		}
		if got := places(findings); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// Wine runs Windows' programs, and brings more of them than anybody reads of.
func TestWine(t *testing.T) {
	t.Parallel()
	dll := peFile(0x8664, coffDLL, 3, false)
	files := []entry{reg("opt/b.dll", dll), reg("opt/a.dll", dll)}
	wine := reg("usr/lib/x86_64-linux-gnu/wine/x86_64-unix/ntdll.so", elfAMD64())
	for want, entries := range map[string][]entry{
		"warning format /opt/a.dll@0\nwarning format /opt/b.dll@0": files,
		"note format /opt/a.dll@0":                                 append(files[:2:2], wine),
	} {
		findings, _, err := findingsOfImage(t.Context(), "linux/amd64", layers(tarOf(t, entries...)))
		if err != nil {
			t.Fatal(err)
		}
		if got := places(findings); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
