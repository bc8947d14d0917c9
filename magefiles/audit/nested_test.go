package audit

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

type member struct {
	name string
	body []byte
}

func zipOf(t testing.TB, method uint16, members ...member) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, m := range members {
		w, err := z.CreateHeader(&zip.FileHeader{Name: m.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// Which native files in archives are wrong, and how wrong.
func TestNestedVerdicts(t *testing.T) {
	t.Parallel()
	good, bad := elfARM64(), elfAMD64()
	s390 := elfFile(22, 64, binary.BigEndian, 3, 0, 0)
	dll, mac := peFile(0x8664, coffDLL, 3, false), machoFile(6, 0x1000007)
	deflated := func(ms ...member) []byte { return zipOf(t, zip.Deflate, ms...) }
	pad := func(b []byte) []byte { return append(bytes.Clone(b), make([]byte, 3*HeadSize)...) }
	for name, c := range map[string]struct {
		files []entry
		want  string
	}{
		"wheel for another":     {[]entry{reg("x.whl", deflated(member{"p/y.so", bad}, member{"p/__init__.py", nil}))}, "error arch /x.whl!p/y.so@0"},
		"long, stored":          {[]entry{reg("x.whl", zipOf(t, zip.Store, member{"p/y.so", pad(bad)}))}, "error arch /x.whl!p/y.so@0"},
		"the name says nothing": {[]entry{reg("data.bin", deflated(member{"readme.txt", bad}))}, "error arch /data.bin!readme.txt@0"},
		"right":                 {[]entry{reg("x.whl", deflated(member{"p/y.so", good}))}, ""},
		"none":                  {[]entry{reg("x.whl", deflated(member{"p/y.py", []byte("x")}))}, ""},
		"jar for all":           {[]entry{reg("jna.jar", deflated(member{"linux-aarch64/j.so", good}, member{"linux-x86-64/j.so", bad}, member{"win/j.dll", dll}, member{"mac/j.dylib", mac}))}, "note arch /jna.jar!linux-x86-64/j.so@0"},
		"jar for others":        {[]entry{reg("jni.jar", deflated(member{"s390x/j.so", s390}, member{"linux64/j.so", bad}))}, "warning arch /jni.jar!linux64/j.so@0\nwarning arch /jni.jar!s390x/j.so@0"},
		"jar for another":       {[]entry{reg("n.jar", deflated(member{"x/j.so", bad}))}, "error arch /n.jar!x/j.so@0"},
		"jar and its twin":      {[]entry{reg("l/n-4.1-linux-x86_64.jar", deflated(member{"j.so", bad})), reg("l/n-4.1-linux-aarch_64.jar", deflated(member{"j.so", good}))}, "note arch /l/n-4.1-linux-x86_64.jar!j.so@0"},
		"another's twin":        {[]entry{reg("l/n-4.1.jar", deflated(member{"j.so", bad})), reg("l/m-4.1.jar", deflated(member{"j.so", good})), reg("n-4.1.jar", deflated(member{"j.so", good}))}, "error arch /l/n-4.1.jar!j.so@0"},
		"only for Windows":      {[]entry{reg("winp.jar", deflated(member{"winp.dll", dll}))}, "note format /winp.jar!winp.dll@0"},
		"one module of many":    {[]entry{reg("x.whl", deflated(member{"p/a.abi3.so", good}, member{"p/b.cpython-313-x86_64-linux-gnu.so", bad}))}, "error arch /x.whl!p/b.cpython-313-x86_64-linux-gnu.so@0"},
		"a module and its twin": {[]entry{reg("x.whl", deflated(member{"p/b.cpython-313-aarch64-linux-gnu.so", good}, member{"p/b.cpython-313-x86_64-linux-gnu.so", bad}))}, "note arch /x.whl!p/b.cpython-313-x86_64-linux-gnu.so@0"},
		"launchers":             {[]entry{reg("pip.whl", deflated(member{"pip/_vendor/distlib/t64.exe", peFile(0x8664, 0, 3, false)}))}, ""},
		"nested":                {[]entry{reg("app.war", deflated(member{"lib/b.jar", pad(deflated(member{"c.zip", deflated(member{"x.so", bad})}))}))}, "error arch /app.war!lib/b.jar!c.zip!x.so@0"},
		"nested too deep":       {[]entry{reg("a", deflated(member{"b", deflated(member{"c", deflated(member{"d", deflated(member{"x.so", bad})})})}))}, "warning archive-limit /a@0"},
		"hard links once":       {[]entry{reg("b.whl", deflated(member{"y.so", bad})), hard("a.whl", "b.whl")}, "error arch /a.whl!y.so@0"},
		"damaged":               {[]entry{reg("x.whl", deflated(member{"y.so", pad(bad)})[:90])}, ""},
		"no zip":                {[]entry{reg("x.whl", []byte("PK\x03\x04 and so on"))}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv, err := InspectImage(t.Context(), "linux/arm64", layers(tarOf(t, c.files...)), nil)
			if err != nil {
				t.Fatal(err)
			}
			findings := checkNested(inv)
			Sort(findings)
			if got := places(findings); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
			for _, f := range findings {
				if f.Message == "" || f.Cure == "" {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// Bombs end at a limit, with a finding, and soon.
func TestNestedBombs(t *testing.T) {
	t.Parallel()
	// Many names for one native file that unpacks to a thousand times its size.
	zeros := append(elfARM64(), make([]byte, 20<<20)...)
	var members []member
	for i := range 10 {
		members = append(members, member{fmt.Sprint(i), zeros})
	}
	unpacks := zipOf(t, zip.Deflate, members...)
	// A table of contents without end: real bytes, so that it cannot be told from a real one.
	var many bytes.Buffer
	z := zip.NewWriter(&many)
	for range (maxDirectory / 1000) + 100 {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: strings.Repeat("n", 1000)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	// An archive within that is too large for memory.
	large := zipOf(t, zip.Deflate, member{"in.zip", zipOf(t, zip.Store, member{"x", make([]byte, maxMember+1)})})
	for name, c := range map[string]struct {
		raw  []byte
		says string
	}{"unpacks": {unpacks, "far more than it is"}, "entries": {many.Bytes(), "table of contents"}, "large": {large, "archive of more than"}} {
		inv, err := InspectImage(t.Context(), "linux/arm64", layers(tarOf(t, reg("a.jar", c.raw))), nil)
		if err != nil {
			t.Fatal(err)
		}
		findings := checkNested(inv)
		if len(findings) != 1 || findings[0].ID != IDArchiveLimit || findings[0].Path != "/a.jar" || !strings.Contains(findings[0].Message, c.says) {
			t.Errorf("%s: %v", name, findings)
		}
	}
}

func TestFamily(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"/l/netty-tcnative-boringssl-static-2.0.61.Final-linux-x86_64.jar": "/l/netty-tcnative-boringssl-static",
		"/l/NumPy-2.1.0-cp313-cp313-manylinux_2_28_x86_64.whl":             "/l/numpy",
		"/l/jna.jar": "/l/jna.jar", "/l/-1": "/l/-1", "/": "/",
	} {
		if got := family(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
