package targets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// someDiagnosis has a check of each kind.
func someDiagnosis() diagnosis {
	everybody := []string{"crossRust", "images", "setupLocalDev", "test", "e2e", "lint"}
	return newDiagnosis("linux/amd64", "apt", []string{"images", "test"}, []check{
		{
			ID: "docker", Section: sectionContainers, Title: "docker", State: stateInfo, Why: "runs images", NeededBy: []string{"images -load", "e2e"},
			Problem: "not found; it runs images", Cure: "sudo apt-get install -y --no-install-recommends docker.io",
		},
		{ID: "tool.go", Section: sectionTools, Title: "go", State: stateOK, Found: "1.26.8", Where: "/usr/local/go/bin/go", Wanted: ">=1.26", Why: "runs the targets", NeededBy: everybody},
		{
			ID: "tool.node", Section: sectionTools, Title: "node", State: stateMissing, Found: "21.0.0", Where: "/usr/bin/node", Wanted: "^20.19.0 || ^22.13.0 || >=24.0.0",
			Why: "builds the web UI", NeededBy: everybody, Problem: "/usr/bin/node: it is 21.0.0, needed is ^20.19.0 || ^22.13.0 || >=24.0.0", Cure: "https://nodejs.org",
		},
		{
			ID: "tool.uv", Section: sectionTools, Title: "uv", State: stateMissing, Wanted: ">=0.8", Why: "lays out Python packages", NeededBy: everybody,
			Problem: "not found; it lays out Python packages", Cure: pinnedAdvice,
		},
		{
			ID: "disk.cache", Section: sectionMachine, Title: "disk of the cache", State: stateWarning, Found: "1.20 GB free",
			Where: "/home/somebody with a long name/.cache/of-the-build", Wanted: ">=2.00 GB", Why: "room for builds",
			Problem: "1.20 GB are free", Cure: "make room: go tool mage clean removes what was built",
		},
	})
}

func goldenText(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.ReplaceAll(string(want), "\r\n", "\n"); text != got {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, text)
	}
}

// TestDoctorTable: the same facts at two widths, and none is too wide.
func TestDoctorTable(t *testing.T) {
	t.Parallel()
	d := someDiagnosis()
	for _, tt := range []struct {
		golden  string
		columns int
		glyphs  bool
	}{{"doctor-80.golden", 80, false}, {"doctor-120.golden", 120, true}} {
		j, _, out := testJob(t, nil)
		j.showDiagnosis(d, tt.columns, tt.glyphs)
		goldenText(t, tt.golden, out.String())
		table, _, _ := strings.Cut(out.String(), "\nworth a look")
		for line := range strings.Lines(table) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > tt.columns {
				t.Errorf("%s: %d columns: %s", tt.golden, n, line)
			}
			if strings.HasSuffix(line, " \n") {
				t.Errorf("%s: blanks at the end of %q", tt.golden, line)
			}
		}
	}
}

func TestDoctorJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := someDiagnosis().writeJSON(&out); err != nil {
		t.Fatal(err)
	}
	goldenText(t, "doctor.json.golden", out.String())
}

func TestDoctorVerdict(t *testing.T) {
	t.Parallel()
	err := someDiagnosis().verdict()
	if err == nil {
		t.Fatal("nothing is missing")
	}
	for _, want := range []string{"for images, test", "uv: not found", "      go tool mage bootstrap", "node: /usr/bin/node: it is 21.0.0", "https://nodejs.org"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the verdict lacks %q: %v", want, err)
		}
	}
	for _, other := range []string{"docker", "disk"} {
		if strings.Contains(err.Error(), other) {
			t.Errorf("%s is no reason to fail: %v", other, err)
		}
	}
	for id, want := range map[string]bool{"tool.node": true, "rust.linux-arm64": true, "registry.push": false, "disk.project": false} {
		err := newDiagnosis("linux/amd64", "", nil, []check{{ID: id, Section: sectionTools, State: stateMissing}}).verdict()
		if err == nil || strings.Contains(err.Error(), pinnedAdvice) != want {
			t.Errorf("bootstrap is advised for a missing %s: %v, want %v", id, err, want)
		}
	}
	for _, state := range []checkState{stateOK, stateInfo, stateWarning} {
		d := newDiagnosis("linux/amd64", "", nil, []check{{Section: sectionTools, State: state}})
		if err := d.verdict(); err != nil || !d.OK {
			t.Errorf("%s makes it fail: %v", state, err)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 5, ""}, {"one two", 7, "one two"}, {"one two", 6, "one|two"}, {"a /long/path b", 5, "a|/long|/path|b"}, {"zürich ö", 6, "zürich|ö"},
	} {
		if got := strings.Join(wrap(tt.text, tt.width), "|"); got != tt.want {
			t.Errorf("%q in %d: %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}

func TestLacks(t *testing.T) {
	t.Parallel()
	c := check{NeededBy: []string{"images", "deploy", "images -load"}}
	for asked, want := range map[string]checkState{"images": stateMissing, "deploy": stateMissing, "test": stateInfo, "image": stateInfo} {
		if got := c.lacks("gone", []string{asked}); got.State != want || got.Problem != "gone" {
			t.Errorf("%s: %+v", asked, got)
		}
	}
	if c := (check{NeededBy: []string{"images -load"}}); c.lacks("gone", []string{"images"}).State != stateInfo || !concerns(c.NeededBy, "images") {
		t.Error("what a flag needs is not told apart from what its target needs")
	}
}

func TestUnknownTarget(t *testing.T) {
	t.Parallel()
	j, rec, out := testJob(t, map[string]string{"PATH": t.TempDir()})
	err := j.doctor(t.Context(), doctorFlags{target: "imgaes", json: true})
	if err == nil || !strings.Contains(err.Error(), "buildUI, crossRust") || len(rec.Cmds()) != 0 {
		t.Errorf("got %v", err)
	}
	var d diagnosis
	if json.Unmarshal(out.Bytes(), &d) != nil || d.OK || !strings.Contains(d.Error, "imgaes") || d.Checks == nil {
		t.Errorf("the JSON is %s", out)
	}
}

// TestHangingTool: a tool that says nothing costs its patience, and no more.
func TestHangingTool(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the fake is a shell script")
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "docker"), []byte("#!/bin/sh\nsleep 600\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	j, _, _ := testJob(t, map[string]string{"PATH": bin})
	j.run = xbuild.Exec(append(os.Environ(), "HOME="+t.TempDir()))
	checks, err := diagnose(t.Context(), []probe{
		{nil, 200 * time.Millisecond, func(ctx context.Context) []check { return j.checkDocker(ctx, core()) }},
		{nil, time.Minute, func(context.Context) []check { return []check{{ID: "other", State: stateOK}} }},
	}, "")
	if err != nil || len(checks) < 2 {
		t.Fatalf("%+v, %v", checks, err)
	}
	if c := checks[0]; c.ID != "docker" || c.State != stateInfo || c.Problem != "it does not answer" {
		t.Errorf("the hanging docker is %+v", c)
	}
	if c := checks[len(checks)-1]; c.State != stateOK {
		t.Errorf("the probe beside it is %+v", c)
	}
}

func TestDoctorInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	j, _, out := testJob(t, map[string]string{"PATH": t.TempDir()})
	if err := j.doctor(ctx, doctorFlags{}); !errors.Is(err, context.Canceled) || out.Len() > 0 {
		t.Errorf("%v, printed %q", err, out)
	}
}
