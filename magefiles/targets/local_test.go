package targets

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/xbuild"
)

func TestStartLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ platform, msystem, want string }{
		{"linux/amd64", "", "./bin/noetl server start"},
		{"darwin/arm64", "", "./bin/noetl server start"},
		{"windows/amd64", "", `.\bin\noetl.exe server start`},
		{"windows/arm64", "MINGW64", "./bin/noetl.exe server start"}, // Git Bash
	} {
		host, err := xbuild.ParsePlatform(c.platform)
		if err != nil {
			t.Fatal(err)
		}
		p := thisProject()
		if got := startLine(host, p.CLI, p.Start, func(string) string { return c.msystem }); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.platform, c.msystem, got, c.want)
		}
	}
}

func TestTranslated(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		host   xbuild.Platform
		goarch string
		warns  bool
	}{
		{xbuild.Platform{OS: "darwin", Arch: "arm64"}, "arm64", false},
		{xbuild.Platform{OS: "darwin", Arch: "arm64"}, "amd64", true},
		{xbuild.Platform{OS: "darwin", Arch: "amd64"}, "amd64", false},
		{xbuild.Platform{OS: "windows", Arch: "arm64"}, "amd64", false}, // many a Python there is for amd64 alone, and works
	} {
		if got := translated(c.host, c.goarch); (got != "") != c.warns {
			t.Errorf("%s with Go for %s: %q", c.host, c.goarch, got)
		}
	}
}

func TestLastly(t *testing.T) {
	t.Parallel()
	list := func(dirs ...string) string {
		for i := range dirs {
			dirs[i] = filepath.FromSlash(dirs[i])
		}
		return strings.Join(dirs, string(filepath.ListSeparator))
	}
	path := list("/v/bin", "/usr/bin", "/c", "/vv/bin", "/c/condabin", "/bin")
	if got, want := lastly(path, filepath.FromSlash("/v"), filepath.FromSlash("/c")), list("/usr/bin", "/vv/bin", "/bin", "/v/bin", "/c", "/c/condabin"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := lastly(path, "", ""); got != path {
		t.Errorf("without an environment: %q", got)
	}
}

// localJob is a machine with programs that say a version ("" fails) and do nothing else.
func localJob(t *testing.T, programs map[string]string) (*job, *xbuild.Recorder, func() string) {
	t.Helper()
	dir := t.TempDir()
	for name := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	j, rec, out := testJob(t, map[string]string{"PATH": dir})
	rec.Reply = func(_ context.Context, c xbuild.Cmd) error {
		version := programs[filepath.Base(c.Name)]
		if version == "" {
			return &xbuild.ToolError{Cmd: c, Output: "error: broken", Err: errors.New("exit status 1")}
		}
		_, err := io.WriteString(c.Stdout, version+"\n")
		return err
	}
	return j, rec, out.String
}

// TestLocalToolsMissing: what nothing works without is named at once, with its
// cure and before any work, also when it is there and will not do.
func TestLocalToolsMissing(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-ins for programs have no .exe")
	}
	j, rec, out := localJob(t, map[string]string{"python3": "Python 3.8.1", "npm": "11.0.0", "node": "v24.0.0"})
	err := j.setupLocalDev(t.Context(), true)
	if err == nil {
		t.Fatal("nothing is missing")
	}
	// /usr/bin/cargo is looked for by its path, and may be there.
	for _, want := range []string{"finding Python, which", "it is 3.8.1", "finding uv, which", "it is not installed; get it with: go tool mage bootstrap"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the message lacks %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "npm") || out() != "" {
		t.Errorf("it says more: %v\n%s", err, out())
	}
	for _, c := range rec.Cmds() {
		if !strings.Contains(strings.Join(c.Args, " "), "version") {
			t.Errorf("before the refusal it ran %s", c)
		}
	}
}

// TestNoUI: whatever is wrong with npm and Node.js, it is one sentence.
func TestNoUI(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-ins for programs have no .exe")
	}
	for name, c := range map[string]struct {
		programs map[string]string
		want     []string
	}{
		"both there": {map[string]string{"node": "v24.1.0", "npm": "11.1.0"}, nil},
		"neither":    {nil, []string{"node: it is not installed; npm: it is not installed", "the API works without it", "https://nodejs.org"}},
		"too old":    {map[string]string{"node": "v18.1.0", "npm": "11.1.0"}, []string{"it is 18.1.0", "the API works"}},
		"broken":     {map[string]string{"node": "v24.1.0", "npm": ""}, []string{"npm", "error: broken", "the API works"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j, _, _ := localJob(t, c.programs)
			tools, err := j.askLocalTools(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := tools.noUI(j)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q lacks %q", got, want)
				}
			}
			if c.want == nil && got != "" || strings.Contains(got, "\n") || strings.Count(got, "run this again") > 1 {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestServedUI: who builds no UI is told what is served.
func TestServedUI(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	write := func(name string) {
		t.Helper()
		if err := xbuild.WriteFile(j.path(name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(j.UI.Dir + "/package.json")
	if got := j.servedUI(); !strings.Contains(got, "API alone") {
		t.Errorf("with no UI: %q", got)
	}
	write(j.UI.Out + "/index.html")
	if got := j.servedUI(); !strings.Contains(got, "is served") || !strings.Contains(got, "older") {
		t.Errorf("with a UI that nothing vouches for: %q", got)
	}
}
