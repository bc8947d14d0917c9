package targets

import (
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

// testJob is a job in an empty folder, whose commands are recorded.
func testJob(t *testing.T, env map[string]string) (*job, *xbuild.Recorder, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	rec := &xbuild.Recorder{}
	dir := t.TempDir()
	return &job{
		project: thisProject(), root: dir, run: rec.Run, out: &out, host: xbuild.Host(),
		env: func(name string) string {
			if value, ok := env[name]; ok || name != "NOETL_CACHE" {
				return value
			}
			return filepath.Join(dir, ".cache") // not the cache of whoever runs the tests
		},
		show: report.New(&out, report.Options{}),
	}, rec, &out
}

// TestRefusals: what cannot work is refused before anything runs.
func TestRefusals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		flags imageFlags
		env   map[string]string
		says  string
	}{
		{"unknown platform", imageFlags{platforms: "linux/sparc"}, nil, `"linux/sparc"`},
		{"malformed platform", imageFlags{platforms: "arm64"}, nil, `"arm64"`},
		{"other spelling", imageFlags{platforms: "linux/aarch64"}, nil, `spelled "linux/arm64"`},
		{"duplicate platform", imageFlags{platforms: "linux/arm64,linux/arm64"}, nil, "twice"},
		{"empty platform", imageFlags{platforms: "linux/arm64,"}, nil, "empty"},
		{"platform from the environment", imageFlags{}, map[string]string{"NOETL_PLATFORMS": "mars/amd64"}, "mars/amd64"},
		{"bad tag", imageFlags{tag: "a b"}, nil, `"a b"`},
		{"empty tag", imageFlags{tag: "1.2,,latest"}, nil, "an item is empty"},
		{"registry with scheme", imageFlags{registry: "https://ghcr.io/x", push: true}, nil, `without "https://"`},
		{"registry in capitals", imageFlags{registry: "ghcr.io/Owner", push: true}, nil, "lower case"},
		{"bad registry without push", imageFlags{registry: "ghcr.io/Owner"}, nil, "lower case"},
		{"push nowhere", imageFlags{push: true}, nil, "-registry="},
		{"bad base", imageFlags{base: "UPPER/case"}, nil, "lower case"},
		{"somebody's folder", imageFlags{}, nil, "it is no image layout"},
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	cases[len(cases)-1].flags.output = full
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j, rec, _ := testJob(t, c.env)
			err := j.images(t.Context(), c.flags)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want something with %q", err, c.says)
			}
			if n := len(rec.Cmds()); n != 0 {
				t.Errorf("%d commands ran before the refusal", n)
			}
		})
	}
}

// TestMissingTools: all of them are named at once, with their cures.
func TestMissingTools(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, map[string]string{"PATH": t.TempDir()})
	err := j.needs("images")
	if err == nil {
		t.Fatal("nothing is missing in an empty PATH")
	}
	for _, tool := range []string{"node", "npm", "Python", "uv", "cargo-zigbuild"} {
		if !strings.Contains(err.Error(), "finding "+tool+",") {
			t.Errorf("%s is not named: %v", tool, err)
		}
	}
}

func TestTold(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	cases := []struct {
		name   string
		ctx    context.Context
		err    error
		status int
	}{
		{"failure", t.Context(), errors.New("x"), 1},
		{"a tool's own status", t.Context(), &xbuild.ToolError{Err: errors.New("x")}, 1},
		{"interrupt", cancelled, errors.New("x"), 130},
		{"interrupt below", t.Context(), fmt.Errorf("x: %w", context.Canceled), 130},
	}
	for _, c := range cases {
		var f *failure
		if err := told(c.ctx, c.err); !errors.As(err, &f) || f.ExitStatus() != c.status {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := told(t.Context(), nil); err != nil {
		t.Errorf("success became %v", err)
	}
}

func TestSetting(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, map[string]string{"NOETL_TAG": "env"})
	for flag, want := range map[string]string{"flag": "flag", "": "env"} {
		if got := j.setting(flag, "TAG", "fallback"); got != want {
			t.Errorf("flag %q: %q, want %q", flag, got, want)
		}
	}
	if got := j.setting("", "REGISTRY", "fallback"); got != "fallback" {
		t.Errorf("got %q", got)
	}
}

func TestPut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "new", "to")
	if err := os.WriteFile(from, []byte("program"), 0o644); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} {
		if changed, err := put(from, to); err != nil || changed != want {
			t.Errorf("call %d: changed %v, %v", i, changed, err)
		}
	}
}

// TestAuditJSON: a program that reads it gets a list, also when it is empty.
func TestAuditJSON(t *testing.T) {
	t.Parallel()
	j, _, out := testJob(t, nil)
	if err := j.audit(t.Context(), auditFlags{image: t.TempDir(), platform: "linux/amd64", json: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"findings": []`) {
		t.Errorf("got %s", out)
	}
}

// TestPlatforms: what somebody asks for by the environment takes nothing away
// from what is resolved for the whole project; a host that nothing can be built
// for can still build.
func TestPlatforms(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, map[string]string{"NOETL_PLATFORMS": "linux/arm64"})
	armv7 := xbuild.Platform{OS: "linux", Arch: "arm", Variant: "v7"}
	all, err := j.everyPlatform([]xbuild.Platform{armv7, {OS: "linux", Arch: "arm64"}})
	if got := xbuild.Join(all); err != nil || got != "linux/amd64,linux/arm64,linux/arm/v7" {
		t.Errorf("every platform is %s (%v)", got, err)
	}
	j, _, _ = testJob(t, nil)
	j.host = xbuild.Platform{OS: "linux", Arch: "riscv64"}
	all, err = j.everyPlatform(j.hostToo())
	if got := xbuild.Join(all); err != nil || got != "linux/amd64,linux/arm64" {
		t.Errorf("on %s the project's platforms are %s (%v)", j.host, got, err)
	}
	all, err = j.rustPlatforms("")
	if err != nil || len(all) != len(j.CLI.Platforms) {
		t.Errorf("the CLI is built for %s (%v), want %s", xbuild.Join(all), err, j.CLI.Platforms)
	}
}

// TestFolders: a slash at the end of -output is no other folder, and a relative
// cache is the project's, wherever a tool runs.
func TestFolders(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, map[string]string{"NOETL_CACHE": "some/cache"})
	if got, want := j.cache(), filepath.Join(j.root, "some", "cache"); got != want {
		t.Errorf("the cache is %q, want %q", got, want)
	}
	o, _ := j.order(t.Context(), imageFlags{output: filepath.Join(j.root, "out") + "/"}) // whatever tools are missing
	if want := filepath.Join(j.root, "out"); o.output != want {
		t.Errorf("-output is %q, want %q", o.output, want)
	}
}

// TestWithoutUI: who leaves the UI out needs no npm.
func TestWithoutUI(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, map[string]string{"PATH": t.TempDir()})
	err := j.needs("setupLocalDev", "buildUI")
	if err == nil || !strings.Contains(err.Error(), "finding uv,") {
		t.Errorf("uv is not missed: %v", err)
	}
	for _, tool := range []string{"node", "npm"} {
		if err != nil && strings.Contains(err.Error(), "finding "+tool+",") {
			t.Errorf("%s is missed: %v", tool, err)
		}
	}
}
