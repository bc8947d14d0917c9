package audit

import (
	"strings"
	"testing"
)

func TestTagUnfit(t *testing.T) {
	t.Parallel()
	py := &pythonAudit{inv: &Inventory{Platform: "linux/arm64"}, libc: "glibc", glibc: "2.36"}
	py.w, _ = parsePlatform("linux/arm64")
	gil, free, pypy := python{minor: "3.13"}, python{minor: "3.13", free: true}, python{minor: "3.10", pypy: true}
	for tag, want := range map[string]string{ // who takes it: g, f, p
		"py3-none-any": "gfp", "py2-none-any": "", "py313-none-any": "gf", "py314-none-any": "", "py38-none-any": "gfp",
		"cp313-cp313-manylinux_2_17_aarch64": "g", "cp313-cp313t-manylinux_2_17_aarch64": "f", "cp38-abi3-manylinux2014_aarch64": "g", "cp314-abi3-manylinux2014_aarch64": "",
		"cp312-cp312-manylinux2014_aarch64": "", "cp313-none-manylinux2014_aarch64": "gf", "cp312-none-manylinux2014_aarch64": "",
		"pp310-pypy310_pp73-manylinux_2_28_aarch64": "p", "py3-none-linux_aarch64": "gfp", "py3-none-manylinux_2_36_aarch64": "gfp", "py3-none-manylinux_2_39_aarch64": "",
		"py3-none-musllinux_1_2_aarch64": "", "py3-none-manylinux1_x86_64": "", "py3-none-manylinux_2_17_armv7l": "", "py3-none-macosx_11_0_arm64": "", "py3-none-macosx_10_9_universal2": "",
		"py3-none-win_arm64": "", "py3-none-win32": "", "py3-none-ios_13_0_arm64_iphoneos": "",
	} {
		got := ""
		for letter, p := range map[string]python{"g": gil, "f": free, "p": pypy} {
			if py.tagUnfit(tag, []python{p}) == "" {
				got += letter
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %q take it, want %q", tag, got, want)
		}
		for _, letter := range want {
			if !strings.ContainsRune(got, letter) {
				t.Errorf("%s: %q take it, want %q", tag, got, want)
			}
		}
	}
}

func TestParseExtension(t *testing.T) {
	t.Parallel()
	gil, free := []python{{minor: "3.13"}}, []python{{minor: "3.13", free: true}}
	w, err := parsePlatform("linux/arm64")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ ok, gil, free, musl bool }{
		"a/x.so":                                 {true, true, true, true},
		"a/x.abi3.so":                            {true, true, false, true},
		"a/x.cpython-313-aarch64-linux-gnu.so":   {true, true, false, false},
		"a/x.cpython-313-aarch64-linux-musl.so":  {true, false, false, true},
		"a/x.cpython-313t-aarch64-linux-gnu.so":  {true, false, true, false},
		"a/x.cpython-313d-aarch64-linux-gnu.so":  {true, false, false, false},
		"a/x.cpython-312-aarch64-linux-gnu.so":   {true, false, false, false},
		"a/x.cpython-36m-aarch64-linux-gnu.so":   {true, false, false, false},
		"a/x.cpython-313-x86_64-linux-gnu.so":    {true, false, false, false},
		"a/x.cpython-313-arm-linux-gnueabihf.so": {true, false, false, false},
		"a/x.cpython-313-darwin.so":              {true, false, false, false},
		"a/x.cpython-313.so":                     {true, true, false, true},
		"a/x.pypy310-pp73-aarch64-linux-gnu.so":  {true, false, false, false},
		"a/x.cp313-win_arm64.pyd":                {true, false, false, false},
		"a/x.pyd":                                {true, false, false, false},
		"a/libblas.so.3":                         {},
		"a/libx-1.2.so":                          {},
	} {
		x, ok := parseExtension(name)
		if ok != c.ok {
			t.Errorf("%s: read %v", name, ok)
		}
		if !ok {
			continue
		}
		for what, check := range map[string]struct {
			libc  string
			users []python
			want  bool
		}{"with the lock": {"glibc", gil, c.gil}, "free-threaded": {"glibc", free, c.free}, "musl": {"musl", gil, c.musl}, "unknown": {"", nil, x.os == "" || x.os == "linux" && (x.arch == "" || x.arch == "arm64")}} {
			if reason, _ := x.unfit(w, check.libc, check.users); (reason == "") != check.want {
				t.Errorf("%s, %s: %q", name, what, reason)
			}
		}
	}
}

func TestRecordRewritten(t *testing.T) {
	t.Parallel()
	const in = testSite + "/"
	s := wheelhouse()
	info := in + "x-1.dist-info/"
	s.wheel(testSite, "x", "1", "py3-none-any", "", map[string]string{"x/__init__.py": ""})
	record := s.Files[info+"RECORD"].File
	record.Text = append(record.Text, `../../../bin/x,sha256=AAAA,12
x/__pycache__/x.cpython-313.pyc,,
x-1.dist-info/INSTALLER,sha256=AAAA,4
x-1.dist-info/direct_url.json,sha256=AAAA,4
"x/with, comma.txt",sha256=AAAA,
x/other.txt,md5=AAAA,
x/tests/data.txt,sha256=AAAA,1
`...)
	s.script("/opt/app/bin/x", "#!/opt/app/bin/python\n")
	s.text(in+"x/other.txt", "other")
	s.text(in+"x/with, comma.txt", "other")
	var got []Finding
	for _, f := range checkPython(s.Inventory) {
		if f.ID == IDRecord {
			got = append(got, f)
		}
	}
	expect(t, got, "warning record "+in+"x/with, comma.txt", "note record "+in+"x-1.dist-info")
	// Another package that has the same path, and the file's hash, owns it.
	s.wheel(testSite, "y", "1", "py3-none-any", "", map[string]string{"x/__init__.py": "arm64"})
	if got := briefs(checkPython(s.Inventory)); len(got) == 0 {
		t.Error("nothing found")
	} else {
		for _, line := range got {
			if line == "warning record "+in+"x/__init__.py" {
				t.Error(line)
			}
		}
	}
}
