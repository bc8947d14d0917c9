package audit

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestReadELF(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		machine uint16
		bits    int
		order   byteOrder
	}{
		{62, 64, binary.LittleEndian},
		{40, 32, binary.LittleEndian},
		{22, 64, binary.BigEndian},
		{20, 32, binary.BigEndian},
	} {
		spec := elfSpec{
			machine: c.machine, bits: c.bits, order: c.order, kind: 3,
			interpreter: "/lib/ld.so", soname: "libx.so.1", rpath: "/opt/lib:$ORIGIN", runpath: "$ORIGIN/../lib",
			libraries: []string{"libm.so.6", "libc.so.6", "libm.so.6"},
			needs: []VersionNeed{
				{"libm.so.6", "GLIBC_2.29", false},
				{"libc.so.6", "GLIBC_2.4", false},
				{"libc.so.6", "GLIBC_2.34", true},
				{"libc.so.6", "GLIBC_PRIVATE", false},
				{"libstdc++.so.6", "GLIBCXX_3.4.9", false},
				{"libstdc++.so.6", "GLIBCXX_3.4.21", false},
				{"libstdc++.so.6", "CXXABI_1.3", false},
			},
			defines: []string{"X_1.0", "X_1.1"},
		}
		p := mustRead(t, spec.bytes())
		want := map[string]string{"GLIBC": "2.29", "GLIBC_PRIVATE": "", "GLIBCXX": "3.4.21", "CXXABI": "1.3"}
		if !maps.Equal(p.Versions, want) {
			t.Errorf("%s: versions %v, want %v", p, p.Versions, want)
		}
		if !slices.Equal(p.Needs, spec.needs) || !slices.Equal(p.Defines, spec.defines) {
			t.Errorf("%s: needs %v, defines %v", p, p.Needs, p.Defines)
		}
		got := []string{p.Interpreter, p.Name, strings.Join(p.Libraries, " "), strings.Join(p.RPath, " "), strings.Join(p.RunPath, " ")}
		if w := []string{"/lib/ld.so", "libx.so.1", "libc.so.6 libm.so.6", "/opt/lib $ORIGIN", "$ORIGIN/../lib"}; !slices.Equal(got, w) {
			t.Errorf("%s: got %q, want %q", p, got, w)
		}
		if p.Static || p.MinOS != "" || p.Signature != "" {
			t.Errorf("%s: %+v", p, p)
		}
	}
}

func TestStatic(t *testing.T) {
	t.Parallel()
	loaded := elfProgram("amd64")
	linked := elfProgram("amd64", "libc.so.6")
	linked.interpreter = ""
	library, pie, fixed := loaded, loaded, loaded
	library.interpreter, pie.interpreter, fixed.interpreter = "", "", ""
	pie.flags1 = elf.DF_1_PIE
	fixed.kind, fixed.noDynamic = 2, true
	for name, c := range map[string]struct {
		spec elfSpec
		want bool
	}{
		"has a loader": {loaded, false}, "has a library": {linked, false}, "library without needs": {library, false},
		"static-pie": {pie, true}, "fixed address": {fixed, true},
	} {
		if got := mustRead(t, c.spec.bytes()).Static; got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestMalformedELF(t *testing.T) {
	t.Parallel()
	good := elfProgram("amd64", "libc.so.6")
	good.needs = []VersionNeed{{"libc.so.6", "GLIBC_2.34", false}}
	change := func(at int, with ...byte) []byte {
		b := good.bytes()
		copy(b[at:], with)
		return b
	}
	dynamic := 64 + 2*56 // its program header
	for name, body := range map[string][]byte{
		"cut in the program headers":  good.bytes()[:100],
		"cut in the dynamic table":    good.bytes()[:len(good.bytes())-17],
		"odd size of program headers": change(54, 55),
		"program headers far away":    change(32, 0, 0, 0, 0, 0, 0, 0, 0x7f),
		"interpreter far away":        change(64+56+8, 0xff, 0xff, 0xff),
		"interpreter at 2^64-1":       change(64+56+8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"dynamic table not loaded":    change(dynamic+16, 0, 0, 0),
		"dynamic table endless":       change(dynamic+32, 0, 0, 0, 0, 0, 0, 0, 0xff),
		"header only":                 append(elfAMD64()[:56], 9, 0, 0, 0, 0, 0, 0, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantMalformed(t, body)
		})
	}
}

// Lists of versions must end, whatever their links say. Links lead forward
// only, so what remains are links out of the file and more records than any
// version index could name.
func TestEndlessVersions(t *testing.T) {
	t.Parallel()
	s := elfProgram("amd64", "libc.so.6")
	s.needs = []VersionNeed{{"libc.so.6", "GLIBC_2.2.5", false}, {"libc.so.6", "GLIBC_2.34", false}}
	b := s.bytes()
	at := bytes.Index(b, []byte{1, 0, 2, 0}) // vn_version, vn_cnt
	if at < 0 {
		t.Fatal("no record of needed versions")
	}
	for _, link := range []int{12, 16 + 12} {
		hostile := slices.Clone(b)
		binary.LittleEndian.PutUint32(hostile[at+link:], 1<<32-1) // far outside
		wantMalformed(t, hostile)
	}
	many := s
	many.needs = nil
	for range maxSteps + 1 {
		many.needs = append(many.needs, VersionNeed{"libc.so.6", "A", false})
	}
	wantMalformed(t, many.bytes())
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"GLIBC_2.28": {"GLIBC", "2.28"}, "GLIBC_PRIVATE": {"GLIBC_PRIVATE", ""}, "GLIBC_ABI_DT_RELR": {"GLIBC", "2.36"},
		"OPENSSL_1_1_0": {"OPENSSL", "1.1.0"}, "CXXABI_TM_1": {"CXXABI_TM", "1"}, "CXXABI_FLOAT128": {"CXXABI_FLOAT128", ""},
		"OPENSSL_1_1_0d": {"OPENSSL", "1.1.0d"}, "LIBXML2_2.4.30": {"LIBXML2", "2.4.30"}, "Qt_5_PRIVATE_API": {"Qt_5_PRIVATE_API", ""},
		"": {"", ""}, "_1": {"_1", ""},
	} {
		if family, version := SplitVersion(name); family != want[0] || version != want[1] {
			t.Errorf("%q: got %q %q", name, family, version)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"2.4", "2.28", -1},
		{"2.28", "2.28", 0},
		{"11", "11.0", 0},
		{"10.15.7", "11.0", -1},
		{"", "2.0", -1},
		{"", "", 0},
		{"2.2.5", "2.2", 1},
		{"1.1.0d", "1.1.0", 1},
		{"99999999999999999999.1", "100000000000000000000.0", -1},
		{"02.28", "2.28", 0},
	} {
		if got := CompareVersions(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: got %d, want %d", c.a, c.b, got, c.want)
		}
		if got := CompareVersions(c.b, c.a); got != -c.want {
			t.Errorf("%q and %q: got %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}

// What "objcopy --only-keep-debug" leaves has the headers of a program, and
// nothing behind them.
func TestCompanions(t *testing.T) {
	t.Parallel()
	elf := elfProgram("amd64", "libc.so.6")
	elf.hollow = true
	pe := peProgram(0x8664, []string{"a.dll"}, nil)
	binary.LittleEndian.PutUint32(pe[132+coffSize+240+16:], 0) // size of the section in the file
	for platform, body := range map[string][]byte{"linux/amd64": elf.bytes(), "windows/amd64": pe} {
		if p := mustRead(t, body); p.Kind != Object || p.Libraries != nil {
			t.Errorf("%s: %+v", platform, p)
		}
	}
}
