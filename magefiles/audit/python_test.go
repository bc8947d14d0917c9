package audit

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

const testSite = "/opt/app/lib/python3.13/site-packages"

// wheelhouse is an image with Debian's Python, and packages of its own where
// PYTHONPATH says: nothing is wrong with it.
func wheelhouse() stage {
	s := newStage("linux/arm64").glibc("2.17", "2.36", "2.41")
	s.program("/usr/bin/python3.13", "arm64")
	s.text("/usr/lib/python3.13/os.py", "x")
	s.text("/usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO", "Name: six\nVersion: 1.16.0\n")
	s.text("/usr/lib/python3/dist-packages/blinker-1.9.dist-info/METADATA", "Name: blinker\nVersion: 1.9\nRequires-Dist: nowhere\n")
	s.Config.Env = []string{"PYTHONPATH=" + testSite}
	s.wheel(testSite, "numpy", "2.1.0", "cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64", "",
		map[string]string{"numpy/core.cpython-313-aarch64-linux-gnu.so": "arm64", "numpy/__init__.py": "", "numpy.libs/libblas-1234.so": "arm64"})
	s.wheel(testSite, "cryptography", "44.0", "cp39-abi3-manylinux_2_34_aarch64", "Requires-Dist: cffi>=1.12 ; platform_python_implementation != 'PyPy'\n", map[string]string{"cryptography/_rust.abi3.so": "arm64"})
	s.wheel(testSite, "cffi", "1.17.1", "cp313-cp313-manylinux_2_17_aarch64", "Requires-Dist: six\n", map[string]string{"_cffi.cpython-313-aarch64-linux-gnu.so": "arm64"})
	s.wheel(testSite, "pandas", "2.2.3", "py3-none-any", "Requires-Dist: numpy (>=1.26,<3)\nRequires-Dist: tzdata ; sys_platform == 'win32'\nRequires-Dist: pytest ; extra == 'test'\n", map[string]string{"pandas/__init__.py": ""})
	return s
}

// wheel installs a package with all its metadata. Contents of files are native
// code, or text if empty.
func (s stage) wheel(site, name, version, tag, metadata string, files map[string]string) {
	info := fmt.Sprintf("%s/%s-%s.dist-info", site, name, version)
	s.dir(info, 0o755)
	s.text(info+"/METADATA", "Metadata-Version: 2.1\nName: "+name+"\nVersion: "+version+"\n"+metadata+"\nDescription\nRequires-Dist: not-a-header\n")
	s.text(info+"/WHEEL", "Wheel-Version: 1.0\nTag: "+tag+"\n")
	s.text(info+"/INSTALLER", "uv\n")
	var record strings.Builder
	for p, what := range files {
		e := s.Files[s.install(site+"/"+p, what)]
		fmt.Fprintf(&record, "%s,sha256=%s,%d\n", p, base64.RawURLEncoding.EncodeToString(e.File.Sum[:]), e.File.Size)
	}
	fmt.Fprintf(&record, "%s/RECORD,,\n", strings.TrimPrefix(info, site+"/"))
	s.text(info+"/RECORD", record.String())
}

func (s stage) install(name, what string) string {
	if what == "" {
		s.text(name, "# "+name)
		return name
	}
	s.program(name, what).File.Sum = sha256.Sum256([]byte(name))
	return name
}

func TestCheckPython(t *testing.T) {
	t.Parallel()
	const in = testSite + "/"
	metadata := func(name string) string { return in + name + ".dist-info/METADATA" }
	files := func(p, what string) map[string]string { return map[string]string{p: what} }
	for name, c := range map[string]struct {
		change func(stage)
		want   []string
	}{
		"clean": {func(stage) {}, []string{"note requirement /usr/lib/python3/dist-packages/blinker-1.9.dist-info/METADATA"}},
		"another release": {
			func(s stage) {
				s.wheel(testSite, "uvloop", "1", "cp311-cp311-manylinux_2_17_aarch64", "", files("uvloop/loop.cpython-311-aarch64-linux-gnu.so", "arm64"))
			},
			[]string{"error python-abi " + in + "uvloop/loop.cpython-311-aarch64-linux-gnu.so", "error wheel-tag " + in + "uvloop-1.dist-info/WHEEL"},
		},
		"another machine": {
			func(s stage) {
				s.wheel(testSite, "uvloop", "1", "cp313-cp313-manylinux_2_17_x86_64", "", files("uvloop/loop.cpython-313-x86_64-linux-gnu.so", "amd64"))
			},
			[]string{"error wheel-tag " + in + "uvloop-1.dist-info/WHEEL"},
		},
		"musl": {
			func(s stage) {
				s.wheel(testSite, "uvloop", "1", "cp313-cp313-musllinux_1_2_aarch64", "", files("uvloop/loop.cpython-313-aarch64-linux-musl.so", "arm64 musl"))
			},
			[]string{"error python-abi " + in + "uvloop/loop.cpython-313-aarch64-linux-musl.so", "error wheel-tag " + in + "uvloop-1.dist-info/WHEEL"},
		},
		"macOS": {
			func(s stage) {
				s.wheel(testSite, "uvloop", "1", "cp313-cp313-macosx_11_0_arm64", "", files("uvloop/loop.cpython-313-darwin.so", "darwin"))
			},
			[]string{"error python-abi " + in + "uvloop/loop.cpython-313-darwin.so", "error wheel-tag " + in + "uvloop-1.dist-info/WHEEL"},
		},
		"Windows": {
			func(s stage) {
				s.wheel(testSite, "uvloop", "1", "cp313-cp313-win_amd64", "", files("uvloop/loop.cp313-win_amd64.pyd", "windows"))
			},
			[]string{"error python-abi " + in + "uvloop/loop.cp313-win_amd64.pyd", "error wheel-tag " + in + "uvloop-1.dist-info/WHEEL"},
		},
		"free-threaded": {
			func(s stage) {
				s.wheel(testSite, "uvloop", "1", "cp313-cp313t-manylinux_2_17_aarch64", "", files("uvloop/loop.cpython-313t-aarch64-linux-gnu.so", "arm64"))
			},
			[]string{"error python-abi " + in + "uvloop/loop.cpython-313t-aarch64-linux-gnu.so", "error wheel-tag " + in + "uvloop-1.dist-info/WHEEL"},
		},
		"PyPy": {
			func(s stage) {
				s.wheel(testSite, "uvloop", "1", "pp310-pypy310_pp73-manylinux_2_17_aarch64", "", files("uvloop/loop.pypy310-pp73-aarch64-linux-gnu.so", "arm64"))
			},
			[]string{"error python-abi " + in + "uvloop/loop.pypy310-pp73-aarch64-linux-gnu.so", "error wheel-tag " + in + "uvloop-1.dist-info/WHEEL"},
		},
		"glibc too old": {
			func(s stage) {
				s.wheel(testSite, "uvloop", "1", "cp313-cp313-manylinux_2_42_aarch64", "", files("uvloop/loop.cpython-313-aarch64-linux-gnu.so", "arm64"))
			},
			[]string{"warning wheel-tag " + in + "uvloop-1.dist-info/WHEEL"},
		},
		"static program for musl": {func(s stage) {
			s.wheel(testSite, "ruff", "1", "py3-none-musllinux_1_2_aarch64", "", files("bin/ruff", "arm64"))
			s.Files[in+"bin/ruff"].File.Program.Libraries = nil
		}, []string{"warning wheel-tag " + in + "ruff-1.dist-info/WHEEL"}},
		"several platforms in one": {func(s stage) {
			s.wheel(testSite, "debugpy", "1", "py2.py3-none-any", "", map[string]string{
				"debugpy/attach_linux_aarch64.so": "arm64", "debugpy/attach_linux_amd64.so": "amd64", "debugpy/attach.dylib": "darwin", "debugpy/inject.dll": "windows",
				"debugpy/x.cpython-313-aarch64-linux-gnu.so": "arm64", "debugpy/x.cpython-313-x86_64-linux-gnu.so": "amd64", "debugpy/x.cpython-312-aarch64-linux-gnu.so": "arm64", "debugpy/x.cp313-win_amd64.pyd": "windows",
			})
		}, []string{"note wheel-tag-lies *"}},
		"none-any, fits":    {func(s stage) { s.wheel(testSite, "x", "1", "py3-none-any", "", files("x/x.so", "arm64")) }, []string{"warning wheel-tag-lies " + in + "x/x.so"}},
		"none-any, foreign": {func(s stage) { s.wheel(testSite, "x", "1", "py3-none-any", "", files("x/x.so", "amd64")) }, []string{"error wheel-tag-lies " + in + "x/x.so"}},
		"launchers": {func(s stage) {
			s.wheel(testSite, "setuptools", "1", "py3-none-any", "", files("setuptools/cli-64.exe", "windows"))
		}, nil},
		"pure Python instead": {func(s stage) { s.install(in+"y.cpython-312-aarch64-linux-gnu.so", "arm64"); s.install(in+"y.py", "") }, []string{"warning python-abi " + in + "y.cpython-312-aarch64-linux-gnu.so"}},
		"missing":             {func(s stage) { s.wheel(testSite, "x", "1", "py3-none-any", "Requires-Dist: Foo_Bar >=1\n", nil) }, []string{"error requirement " + metadata("x-1")}},
		"missing, partial": {func(s stage) {
			s.wheel(testSite, "x", "1", "py3-none-any", "Requires-Dist: foo\n", nil)
			s.Partial = true
		}, nil},
		"out of range": {func(s stage) { s.wheel(testSite, "x", "1", "py3-none-any", "Requires-Dist: NumPy ~=1.26\n", nil) }, []string{"warning requirement " + metadata("x-1")}},
		"of an extra":  {func(s stage) { s.wheel(testSite, "x", "1", "py3-none-any", "Requires-Dist: pandas[test]\n", nil) }, []string{"warning requirement " + metadata("pandas-2.2.3")}},
		"nobody knows": {func(s stage) {
			s.wheel(testSite, "x", "1", "py3-none-any", "Requires-Dist: foo; platform_release > '5'\nRequires-Dist: foo; python_full_version < '3.13.4'\n", nil)
		}, nil},
		"more folders": {func(s stage) {
			s.wheel(testSite, "x", "1", "py3-none-any", "Requires-Dist: foo\n", nil)
			s.text(in+"more.pth", "/srv/lib\n")
		}, nil},
		"twice":    {func(s stage) { s.wheel(testSite, "pandas", "2.2.4", "py3-none-any", "", nil) }, []string{"warning requirement " + in + "pandas-2.2.3.dist-info"}},
		"changed":  {func(s stage) { s.text(in+"numpy/__init__.py", "# changed") }, []string{"warning record " + in + "numpy/__init__.py"}},
		"stripped": {func(s stage) { s.program(in+"numpy.libs/libblas-1234.so", "arm64").File.Sum[0]++ }, []string{"warning record " + in + "numpy.libs/libblas-1234.so"}},
		"stripped by the distribution": {func(s stage) {
			s.wheel("/usr/lib/python3/dist-packages", "x", "1", "cp313-cp313-linux_aarch64", "", files("x/x.cpython-313-aarch64-linux-gnu.so", "arm64"))
			s.Files["/usr/lib/python3/dist-packages/x/x.cpython-313-aarch64-linux-gnu.so"].File.Sum[0]++
		}, nil},
		"gone":          {func(s stage) { delete(s.Files, in+"numpy/__init__.py") }, []string{"warning record " + in + "numpy-2.1.0.dist-info"}},
		"gone, partial": {func(s stage) { delete(s.Files, in+"numpy/__init__.py"); s.Partial = true }, nil},
		"Python gone":   {func(s stage) { delete(s.Files, "/usr/bin/python3.13"); delete(s.Files, "/usr/lib/python3.13/os.py") }, []string{"warning python-abi " + testSite}},
		"Python is another": {func(s stage) {
			delete(s.Files, "/usr/bin/python3.13")
			delete(s.Files, "/usr/lib/python3.13/os.py")
			s.program("/usr/bin/python3.12", "arm64")
		}, []string{
			"error python-abi " + in + "_cffi.cpython-313-aarch64-linux-gnu.so", "error python-abi " + in + "numpy/core.cpython-313-aarch64-linux-gnu.so",
			"error wheel-tag " + in + "cffi-1.17.1.dist-info/WHEEL", "error wheel-tag " + in + "numpy-2.1.0.dist-info/WHEEL",
		}},
		"Python is free-threaded": {func(s stage) {
			delete(s.Files, "/usr/bin/python3.13")
			delete(s.Files, "/usr/lib/python3.13/os.py")
			s.program("/usr/bin/python3.13t", "arm64")
		}, []string{
			"error python-abi " + in + "_cffi.cpython-313-aarch64-linux-gnu.so", "error python-abi " + in + "cryptography/_rust.abi3.so", "error python-abi " + in + "numpy/core.cpython-313-aarch64-linux-gnu.so",
			"error wheel-tag " + in + "cffi-1.17.1.dist-info/WHEEL", "error wheel-tag " + in + "cryptography-44.0.dist-info/WHEEL", "error wheel-tag " + in + "numpy-2.1.0.dist-info/WHEEL",
		}},
		"Debian's other release": {
			func(s stage) { s.install("/usr/lib/python3/dist-packages/z.cpython-312-aarch64-linux-gnu.so", "arm64") },
			[]string{"warning python-abi /usr/lib/python3/dist-packages/z.cpython-312-aarch64-linux-gnu.so"},
		},
		"venv without its Python": {func(s stage) {
			s.text("/venv/pyvenv.cfg", "home = /usr/local/bin\nversion = 3.13.1\n")
			s.link("/venv/bin/python", "/usr/local/bin/python3")
			s.wheel("/venv/lib/python3.13/site-packages", "x", "1", "py3-none-any", "", nil)
		}, []string{"error python-abi /venv/bin/python"}},
		"venv is closed": {func(s stage) {
			s.Config.Env = nil
			s.text("/venv/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
			s.link("/venv/bin/python", "/usr/bin/python3.13")
			s.wheel("/venv/lib/python3.13/site-packages", "x", "1", "py3-none-any", "Requires-Dist: numpy\n", nil)
		}, []string{"error requirement /venv/lib/python3.13/site-packages/x-1.dist-info/METADATA"}},
		"vendored": {func(s stage) {
			s.wheel(testSite+"/setuptools/_vendor", "x", "1", "py3-none-any", "Requires-Dist: foo\n", nil)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := wheelhouse()
			c.change(s)
			var got []Finding
			for _, f := range checkPython(s.Inventory) {
				if name == "clean" || !strings.Contains(f.Path, "blinker") {
					if strings.Contains(f.Path, "/debugpy/") {
						f.Path = "*" // any of its files
					}
					got = append(got, f)
				}
			}
			expect(t, got, c.want...)
		})
	}
}
