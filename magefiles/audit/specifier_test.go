package audit

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The orders are PEP 440's own examples.
func TestPyVersionOrder(t *testing.T) {
	t.Parallel()
	for _, ordered := range [][]string{
		{
			"1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345",
			"1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1",
		},
		{"2013.10", "2014.04", "1!1.0", "1!1.1", "1!2.0"},
	} {
		for i, a := range ordered {
			for j, b := range ordered {
				v, ok := parsePyVersion(a)
				w, ok2 := parsePyVersion(b)
				if got, want := v.compare(w), sign(i-j); !ok || !ok2 || got != want {
					t.Errorf("compare(%q, %q) = %d, want %d", a, b, got, want)
				}
			}
		}
	}
	for _, equal := range [][2]string{{"1.1RC1", "1.1rc1"}, {"00", "0"}, {"1.0+ubuntu-1", "1.0+Ubuntu.1"}, {"1.1-a1", "1.1a1"}, {"1.0-1", "1.0.post1"}, {"v1.0", "1"}, {"1.0c", "1rc0"}, {"1.2.post", "1.2.post0"}, {"1.0.rev3", "1.0-r3"}} {
		v, ok := parsePyVersion(equal[0])
		w, ok2 := parsePyVersion(equal[1])
		if !ok || !ok2 || v.compare(w) != 0 {
			t.Errorf("%q is not %q", equal[0], equal[1])
		}
	}
	for _, bad := range []string{"", "french toast", "1.0+a+", "1.0+_foobar", "1..2", "2012b-x"} {
		if _, ok := parsePyVersion(bad); ok {
			t.Errorf("%q is a version", bad)
		}
	}
}

func sign(n int) int { return min(1, max(-1, n)) }

func TestSpecifiers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ limits, in, out string }{
		{"~=2.2", "2.2 2.9 2.2.post1 2.3a1", "2.1 3.0 2.2a1"},
		{"~=1.4.5", "1.4.5 1.4.99", "1.5 1.4.4"},
		{"~=2.2.post3", "2.2.post3 2.9", "2.2 3.0"},
		{"~=1.4.5a4", "1.4.5a4 1.4.5 1.4.6", "1.5"},
		{"~=2.2.0", "2.2 2.2.1", "2.3"},
		{"==1.1", "1.1 1.1.0 1.1+local", "1.1.post1 1.1a1 1.1.dev1"},
		{"==1.1.*", "1.1 1.1.post1 1.1a1 1.1.dev1 1.1.9 1.1+z", "1.10 1.2 1!1.1"},
		{"==1.1.post1", "1.1.post1", "1.1"},
		{"!=1.1.*", "1.2", "1.1.post1"},
		{">1.7", "1.7.1 1.8a1", "1.7.0.post1 1.7 1.7+local"},
		{">1.7.post2", "1.7.1 1.7.0.post3", "1.7.0"},
		{"<2.0", "1.9 2.0.0.0a1.dev1 2.0a1", ""},
		{"<=1.0", "1.0 1.0+z 1.0rc1", "1.0.post1"},
		{">=1.0, != 1.3.4.*, < 2.0", "1.0 1.5", "2.0 1.3.4 1.3.4.1 0.9"},
		{"===1.0+weird_Thing", "1.0+weird_thing", "1.0"},
		{"==1.0+ubuntu.1", "1.0+Ubuntu-1", "1.0 1.0+ubuntu.2"},
		{"==1!1.*", "1!1.2", "1.2"},
		{"", "1 2 3a1", ""},
	} {
		s, ok := parseSpecifiers(c.limits)
		if !ok {
			t.Fatalf("%q was not read", c.limits)
		}
		out := c.out
		in := c.in
		if c.limits == "<2.0" { // "MUST NOT allow a pre-release of the specified version"
			in, out = "1.9", "2.0a1 2.0.dev1 2.0"
		}
		for v := range strings.FieldsSeq(in) {
			if !s.allow(v) {
				t.Errorf("%q does not allow %q", c.limits, v)
			}
		}
		for v := range strings.FieldsSeq(out) {
			if s.allow(v) {
				t.Errorf("%q allows %q", c.limits, v)
			}
		}
	}
	for _, bad := range []string{"1.0", "~=1", ">=1.0+local", ">=1.*", "==1.0a1.*", "==", "<>1.0", "=1"} {
		if _, ok := parseSpecifiers(bad); ok {
			t.Errorf("%q was read", bad)
		}
	}
}

// TestSpecifiersAsPackaging holds random clauses and versions against Python's
// own reference, in the copy that comes with pip.
func TestSpecifiersAsPackaging(t *testing.T) {
	t.Parallel()
	python := packaging(t)
	random := rand.New(rand.NewPCG(440, 508))
	pick := func(s ...string) string { return s[random.IntN(len(s))] }
	version := func() string {
		return pick("", "", "", "1!", "v") + pick("0", "1", "2", "1.0", "1.1", "1.2", "2.0.0", "1.1.0", "2.2.1", "01.1") +
			pick("", "", "a1", "b2", "rc1", ".alpha", "-c3") + pick("", "", "", ".post1", "-2", ".r3", "post") + pick("", "", "", ".dev1", "dev") + pick("", "", "", "+local", "+Ubuntu-1", "+1.x")
	}
	pairs := make([][2]string, 3000)
	for i := range pairs {
		// packaging takes "~= v1.0" amiss: it compares the text "v1".
		pairs[i] = [2]string{pick("~=", "==", "!=", "<=", ">=", "<", ">", "===", "==", "!=") + pick("", " ") + strings.TrimPrefix(version(), "v") + pick("", "", "", ".*"), version()}
	}
	const script = `
import json, sys
from pip._vendor.packaging.specifiers import SpecifierSet
answers = []
for limits, version in json.load(sys.stdin):
    try: answers.append("yes" if SpecifierSet(limits).contains(version, prereleases=True) else "no")
    except Exception: answers.append("bad")
json.dump(answers, sys.stdout)`
	var want []string
	askPython(t, python, script, pairs, &want)
	bad := 0
	for i, p := range pairs {
		got := "bad"
		if s, ok := parseSpecifiers(p[0]); ok {
			got = map[bool]string{true: "yes", false: "no"}[s.allow(p[1])]
		} else {
			bad++
		}
		if got != want[i] {
			t.Errorf("%q for %q: %s, and packaging says %s", p[0], p[1], got, want[i])
		}
	}
	t.Logf("%d pairs agree with packaging, %d of them no specifiers", len(pairs), bad)
}

// packaging is a Python with a packaging that follows PEP 440 to the letter, in
// the copy that comes with pip; before release 22 it knew older ways, too. Which
// Pythons are on a machine is chance, hence the tests want to be asked for.
func packaging(t *testing.T) string {
	t.Helper()
	if os.Getenv("E2E") == "" {
		t.Skip("asks pip's packaging: set E2E=1")
	}
	for _, name := range []string{"python3", "python3.14", "python3.13", "python3.12", "/usr/bin/python3"} {
		python, err := exec.LookPath(name)
		if err == nil && exec.Command(python, "-c", "import pip._vendor.packaging as p; 1 / (int(p.__version__.split('.')[0]) >= 22)").Run() == nil {
			return python
		}
	}
	t.Skip("no python3 with pip 24 or later here")
	return ""
}

func askPython(t *testing.T, python, script string, question, answer any) {
	t.Helper()
	in, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", script)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(in)), os.Stderr
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, answer)
	}
	if err != nil {
		t.Fatal(fmt.Errorf("asking %s: %w", python, err))
	}
}

func TestMarkersAsPackaging(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"os_name": "posix", "sys_platform": "linux", "platform_machine": "aarch64", "platform_system": "Linux", "platform_python_implementation": "CPython",
		"implementation_name": "cpython", "python_version": "3.13", "python_full_version": "3.13.2", "implementation_version": "3.13.2", "extra": "",
		"platform_release": "6.1.0-x", "platform_version": "1",
	}
	lines := []string{
		"A", "A.B-C_D", "aa", "name", "name<=1", "name>=3", "name>=3,<2", "name @ http://foo.com", "name@http://foo.com ; python_version>'3'",
		"name [fred,bar] @ http://foo.com ; python_version=='2.7'", "name[quux, strange];python_version<'2.7' and platform_version=='2'",
		"name; os_name=='a' or os_name=='b'", "name; os_name=='a' and os_name=='b' or os_name=='posix'", "name; os_name=='posix' and (os_name=='b' or python_version>'3')",
		"name (>=1.2,<2) ; python_version < '3.9'", "requests [security,tests] >= 2.8.1, == 2.8.* ; python_version < \"2.7\"", "pip @ https://github.com/pypa/pip/archive/1.3.1.zip#sha1=da9234ee",
		"argparse;python_version<\"2.7\"", "x; sys_platform == 'win32'", "x; extra == 'Foo_Bar'", "x; extra == ''", "x; 'linux' in sys_platform", "x; platform_machine not in 'x86_64 amd64'",
		"x; python_full_version >= '3.13.2'", "x; python_version ~= '3.8'", "x; python_version in '3.12, 3.13'", "x; implementation_name == 'pypy'", "x; '3.10' <= python_version",
		"x; python_version == '3.*'", "x; platform_system != \"Darwin\"", "x; os.name == 'posix'", "x; python_version === '3.13'",
		"-bad", "x >= ; y", "x; python_version", "x; (os_name=='a'", "x ~= 1", "x; unknown_thing == '1'",
	}
	python := packaging(t)
	const script = `
import json, sys
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name
lines, env = json.load(sys.stdin)
answers = []
for line in lines:
    try:
        r = Requirement(line)
        answers.append([canonicalize_name(r.name), ",".join(sorted(r.extras)), str(len(r.specifier)), str(r.marker is None or r.marker.evaluate(env)).lower()])
    except Exception as e: answers.append(None)
json.dump(answers, sys.stdout)`
	var want [][]string
	askPython(t, python, script, []any{lines, env}, &want)
	values := markerEnv{}
	for k, v := range env {
		values[k] = []string{v}
	}
	for i, line := range lines {
		var got []string
		if r, ok := parseRequirement(line); ok {
			holds, known := true, true
			if r.marker != nil {
				holds, known = r.marker(values)
			}
			if known {
				slices.Sort(r.extras)
				got = []string{r.name, strings.Join(r.extras, ","), fmt.Sprint(len(r.limits)), fmt.Sprint(holds)}
			}
		}
		if !slices.Equal(got, want[i]) {
			t.Errorf("%q: %q, and packaging says %q", line, got, want[i])
		}
	}
}

func TestMarkerUnknown(t *testing.T) {
	t.Parallel()
	env := markerEnv{"extra": {""}, "python_full_version": {"3.13.0", "3.13.99"}, "os_name": {"posix"}}
	for text, want := range map[string][2]bool{
		"python_full_version < '3.13'":                                      {false, true},
		"python_full_version >= '3.13.1'":                                   {false, false},
		"extra == '2020' and os_name == 'posix'":                            {false, true},
		"platform_release == '1' or os_name == 'posix'":                     {true, true},
		"platform_release == '1' and os_name == 'nt'":                       {false, true},
		"platform_release == '1' and os_name == 'posix'":                    {false, false},
		strings.Repeat("(", 40) + "os_name=='nt'" + strings.Repeat(")", 40): {false, true},
	} {
		m, ok := parseMarker(text)
		if !ok {
			t.Fatalf("%q was not read", text)
		}
		if holds, known := m(env); holds != want[0] && known || known != want[1] {
			t.Errorf("%q: %v, %v", text, holds, known)
		}
	}
	if _, ok := parseMarker(strings.Repeat("(", 100000)); ok {
		t.Error("parentheses without end were read")
	}
}
