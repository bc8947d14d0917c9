package audit

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// x86Property is a property note with the levels as bits, after one of another
// kind, as linkers write them.
func x86Property(bits uint32) []byte {
	le := binary.LittleEndian
	var list []byte
	for _, p := range [][2]uint32{{0xc0000002, 3}, {propertyX86Needs, bits}} { // the first: IBT and shadow stacks
		list = le.AppendUint32(le.AppendUint32(le.AppendUint32(le.AppendUint32(list, p[0]), 4), p[1]), 0)
	}
	note := le.AppendUint32(le.AppendUint32(le.AppendUint32(nil, 4), uint32(len(list))), noteProperties)
	return append(append(note, "GNU\x00"...), list...)
}

// withNotes is a 64-bit program of one segment, the notes.
func withNotes(notes []byte) []byte {
	le := binary.LittleEndian
	h := elfAMD64()
	le.PutUint64(h[32:], elfHeader64)
	le.PutUint16(h[54:], 56)
	le.PutUint16(h[56:], 1)
	segment := make([]byte, 56)
	le.PutUint32(segment, 4)
	le.PutUint64(segment[8:], elfHeader64+56)
	le.PutUint64(segment[32:], uint64(len(notes)))
	return append(append(h, segment...), notes...)
}

// withAttributes is a 32-bit arm program with one section, the attributes.
func withAttributes(list ...byte) []byte {
	le := binary.LittleEndian
	h := elfFile(40, 32, le, 3, 0x5000400, 0)[:elfHeader32]
	le.PutUint32(h[32:], elfHeader32)
	le.PutUint16(h[46:], 40)
	le.PutUint16(h[48:], 1)
	data := append([]byte("A\x00\x00\x00\x00aeabi\x00\x01\x00\x00\x00\x00"), list...)
	section := make([]byte, 40)
	le.PutUint32(section[4:], shtARMAttributes)
	le.PutUint32(section[16:], elfHeader32+40)
	le.PutUint32(section[20:], uint32(len(data)))
	return append(append(h, section...), data...)
}

func TestProgramCPU(t *testing.T) {
	t.Parallel()
	build := []byte{4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0, 1, 2, 3, 4} // a build ID first
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"baseline":       {withNotes(x86Property(1)), ""},
		"v2":             {withNotes(x86Property(3)), "v2"},
		"v3 alone":       {withNotes(x86Property(4)), "v3"},
		"v4":             {withNotes(x86Property(15)), "v4"},
		"cut":            {withNotes(x86Property(15)[:40]), ""},
		"other note":     {withNotes(build), ""},
		"no notes":       {withNotes(nil), ""},
		"huge note":      {withNotes([]byte{255, 255, 255, 255, 255, 255, 255, 255, 5, 0, 0, 0}), ""},
		"not for others": {bytes.Replace(withNotes(x86Property(15)), []byte{62, 0}, []byte{183, 0}, 1), ""},
		"arm v7":         {withAttributes(5, '7', '-', 'A', 0, 6, 10, 7, 'A'), "v7"},
		"arm v6":         {withAttributes(67, '2', '.', '0', '9', 0, 6, 9), "v6"},
		"arm v8":         {withAttributes(32, 1, 'x', 0, 6, 0x8e, 0), "v8"},
		"arm v5":         {withAttributes(8, 1, 6, 4), "v5"},
		"arm micro":      {withAttributes(6, 13), ""},
		"arm silent":     {withAttributes(8, 1), ""},
		"arm cut":        {withAttributes(5, '7'), ""},
		"arm cut number": {withAttributes(6, 0x80), ""},
	} {
		if p := mustRead(t, c.body); p.CPU != c.want {
			t.Errorf("%s: %q", name, p.CPU)
		}
	}
}

func TestCheckCPULevel(t *testing.T) {
	t.Parallel()
	v2, v3 := withNotes(x86Property(2)), withNotes(x86Property(4))
	arm7 := withAttributes(6, 10)
	var many []entry
	for i := range 12 {
		many = append(many, reg("usr/lib/"+string(rune('a'+i)), v3))
	}
	for name, c := range map[string]struct {
		platform string
		files    []entry
		want     string
	}{
		"amd64":            {"linux/amd64", []entry{reg("a", v2), reg("b", v3), reg("c", v2)}, "warning cpu-level /b@0\nnote cpu-level /a@0"},
		"amd64/v2":         {"linux/amd64/v2", []entry{reg("a", v2), reg("b", v3)}, "warning cpu-level /b@0"},
		"amd64/v3":         {"linux/amd64/v3", []entry{reg("a", v2), reg("b", v3)}, ""},
		"picked by loader": {"linux/amd64", []entry{reg("lib/glibc-hwcaps/x86-64-v3/l.so", v3)}, ""},
		"all of a system":  {"linux/amd64", many, "warning cpu-level /usr/lib/a@0"},
		"arm":              {"linux/arm", []entry{reg("a", arm7)}, ""},
		"arm/v7":           {"linux/arm/v7", []entry{reg("a", arm7)}, ""},
		"arm/v6":           {"linux/arm/v6", []entry{reg("a", arm7)}, "warning cpu-level /a@0"},
		"another machine":  {"linux/arm/v6", []entry{reg("a", v3)}, ""},
	} {
		inv, err := InspectImage(t.Context(), c.platform, layers(tarOf(t, c.files...)), nil)
		if err != nil {
			t.Fatal(err)
		}
		findings := checkCPULevel(inv)
		Sort(findings)
		if got := places(findings); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// What GCC and ld write is read as what it was told.
func TestRealCPULevels(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" || runtime.GOOS != "linux" {
		t.Skip("needs a compiler for x86-64")
	}
	gcc := needTool(t, "gcc")
	source := filepath.Join(t.TempDir(), "a.c")
	if err := os.WriteFile(source, []byte("int f(void) { return 1; }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for flags, want := range map[string]string{"-O": "", "-Wl,-z,x86-64-v2": "v2", "-Wl,-z,x86-64-v3": "v3", "-march=x86-64-v4 -mneeded": "v4"} {
		out := source + strings.ReplaceAll(flags, " ", "") + ".so"
		args := append([]string{"-shared", "-fPIC", "-o", out, source}, strings.Fields(flags)...)
		if msg, err := exec.CommandContext(t.Context(), gcc, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, msg)
		}
		body, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if p := mustRead(t, body); p.CPU != want {
			t.Errorf("%s: %q", flags, p.CPU)
		}
	}
}
