package targets

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// TestReportOfFailure: a build that fails leaves a report that says why, and
// what it did not come to; an error of the build stays what it is.
func TestReportOfFailure(t *testing.T) {
	t.Parallel()
	j, _, out := testJob(t, nil)
	j.show = report.New(out, report.Options{LogDir: j.path("dist/logs")})
	o := order{platforms: xbuild.Platforms()[:2], tags: []string{"latest"}, output: j.path("dist/images/x")}
	cause := errors.New("no <linker> here")
	err := j.reported(t.Context(), o, func(ctx context.Context) error {
		return j.show.Step(ctx, "cli", func(_ context.Context, s *report.Step) error {
			fmt.Fprintln(s.Log(), "ld: <nothing> works")
			return cause
		})
	})
	if !errors.Is(err, cause) {
		t.Errorf("the error became %v", err)
	}
	html, err := os.ReadFile(j.path(reportFile))
	if err != nil {
		t.Fatal(err, out)
	}
	for _, want := range []string{"no &lt;linker&gt; here", "did not begin", "layers", "failed", "ld: &lt;nothing&gt; works", `href="logs/cli.log"`} {
		if !strings.Contains(string(html), want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if left, _ := filepath.Glob(j.path("dist/*")); len(left) != 2 {
		t.Errorf("there is more than the report and the logs: %v", left)
	}
}

// TestMeasureLayer: every byte of a layer is some package's, or nobody's, and counts
// once; a package's list may be in another layer than its files.
func TestMeasureLayer(t *testing.T) {
	t.Parallel()
	const site = "opt/lib/site-packages/"
	own := readLists(t, "own", [][2]string{
		{"usr/lib/libc.so", strings.Repeat("c", 100)}, // libc's list calls it /lib/libc.so
		{"usr/bin/python3", strings.Repeat("p", 50)},
		{"var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib\n/lib/libc.so\n"},
		{"var/lib/dpkg/info/python3.list", "/usr/bin/python3\n/lib/libc.so\n/usr/lib/os.py\n"},
		{"var/lib/dpkg/status", "Package: libc6\nVersion: 2.41-12\n\nPackage: python3\nVersion: 3.13\n\nPackage: tzdata\nVersion: 2026a\n"},
		{site + "a_b-1.0.dist-info/RECORD", "a/__init__.py,sha256=x,30\na_b-1.0.dist-info/RECORD,,\n"},
		{"etc/made-by-nobody", strings.Repeat("n", 7)},
	})
	shared := readLists(t, "shared", [][2]string{
		{"usr/lib/os.py", strings.Repeat("o", 20)},
		{"usr/share/zone", strings.Repeat("z", 5)},
		{"var/lib/dpkg/info/tzdata.list", "/usr/share/zone\n"},
		{site + "a/__init__.py", strings.Repeat("a", 30)},
	})
	for _, c := range []struct {
		layer layerLists
		want  string
		other int64
	}{
		{own, "Debian libc6 2.41-12 100, Debian python3 3.13 50, Python a-b 1.0 53", 169},
		{shared, "Debian python3 3.13 20, Debian tzdata 2026a 5, Python a-b 1.0 30", 16},
	} {
		m := shares(c.layer, []layerLists{own, shared})
		var got []string
		for _, p := range m.Packages {
			got = append(got, fmt.Sprintf("%s %s %s %d", p.Kind, p.Name, p.Version, p.Bytes))
		}
		if s := strings.Join(got, ", "); s != c.want || m.Other != c.other || m.Digest != c.layer.Digest {
			t.Errorf("layer %s: got %s and %d bytes of nobody, want %s and %d", m.Digest, s, m.Other, c.want, c.other)
		}
	}
}

func readLists(t *testing.T, digest string, files [][2]string) layerLists {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f[0], Size: int64(len(f[1])), Typeflag: tar.TypeReg, Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := listed(t.Context(), &b)
	if err != nil {
		t.Fatal(err)
	}
	found.Digest = digest
	return found
}

// TestLocateSource: files are found as tools name them, from where they run,
// and never outside of the repository.
func TestLocateSource(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	for _, file := range []string{"ui-src/src/App.tsx", "crates/noetlctl/src/main.rs", "noetl/server.py"} {
		if err := os.MkdirAll(filepath.Dir(j.path(file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(j.path(file), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "x.rs")
	if err := os.WriteFile(outside, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"src/App.tsx": "ui-src/src/App.tsx", "src/main.rs": "crates/noetlctl/src/main.rs", "noetlctl/src/main.rs": "crates/noetlctl/src/main.rs",
		"noetl/server.py": "noetl/server.py", j.path("noetl/server.py"): "noetl/server.py", `src\main.rs`: "crates/noetlctl/src/main.rs",
		"src/none.rs": "", outside: "", "../x.rs": "", "": "",
	} {
		if got, _ := j.locateSource(name); got != want {
			t.Errorf("%q is found as %q, want %q", name, got, want)
		}
	}
}

func TestPlainSigns(t *testing.T) {
	t.Parallel()
	if testing.Short() || filepath.Separator == '\\' {
		t.Skip("Windows goes by its terminals")
	}
	for locale, want := range map[string]bool{"": false, "C.UTF-8": false, "de_DE.utf8": false, "C": true, "de_DE.ISO-8859-1": true} {
		if got := plainSigns(func(name string) string { return map[string]string{"LANG": locale}[name] }); got != want {
			t.Errorf("%q: %v", locale, got)
		}
	}
}

// TestImageSteps: every step waits for ones that are in the plan.
func TestImageSteps(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	for _, o := range []order{{}, {beside: true, refs: []string{"x"}}, {engine: "linux/amd64", refs: []string{"x"}}} {
		known := map[string]bool{}
		for _, s := range j.imageSteps(o) {
			for _, after := range s.After {
				if !known[after] {
					t.Errorf("%s waits for %s, which does not come before it", s.Name, after)
				}
			}
			known[s.Name] = true
		}
		if known["push"] != (len(o.refs) > 0) || known["layout"] == o.beside {
			t.Errorf("%+v has the steps %v", o, known)
		}
	}
}

// TestStepSummary: GitHub's page of a job says what failed, and why.
func TestStepSummary(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "summary.md")
	j, _, _ := testJob(t, map[string]string{"GITHUB_STEP_SUMMARY": file})
	_ = j.reported(t.Context(), order{}, func(ctx context.Context) error {
		return j.show.Step(ctx, "cli", func(context.Context, *report.Step) error { return errors.New("no linker\ncure: get one") })
	})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{": not built", "    cli: no linker\n    cure: get one\n", "| cli | ❌ failed |"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
}
