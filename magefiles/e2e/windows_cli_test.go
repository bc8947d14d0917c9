//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// windowsPrompt is the CLI for Windows and where it is run, with a port of its own.
type windowsPrompt struct {
	windows
	folder, cli string
	env         []string
	base        string // of the server's URLs
}

func (w windows) prompt(t *testing.T, folder, cli string, env ...string) windowsPrompt {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	own := []string{fmt.Sprintf("NOETL_PORT=%d", port), "NOETL_STATE_DIR=" + w.path(folder+"/state"), "NOETL_START_TIMEOUT=120"}
	return windowsPrompt{windows: w, folder: folder, cli: cli, env: append(own, env...), base: fmt.Sprintf("http://127.0.0.1:%d", port)}
}

// noetl runs the CLI, which has to say all the words, separated by bars.
func (p windowsPrompt) noetl(t *testing.T, code int, words string, args ...string) {
	t.Helper()
	out, got := p.run(t, p.folder, p.env, p.cli, args...)
	if got != code {
		t.Errorf("noetl %v: exit code %d, want %d", args, got, code)
	}
	for _, word := range strings.Split(words, "|") {
		if !strings.Contains(out, word) {
			t.Errorf("noetl %v does not say %q", args, word)
		}
	}
	if t.Failed() {
		t.Fatalf("noetl %v:\n%s", args, out)
	}
}

// serves starts a server in the background, asks it what it is, and stops it.
func (p windowsPrompt) serves(t *testing.T, python string) {
	t.Helper()
	p.noetl(t, 0, p.base+"|Python 3.13|"+python, "server", "start", "--detach")
	healthy(t, p.base, time.Minute)
	windowsFacts(t, getJSON[runtimeFacts](t, p.base+"/api/runtime"))
	if page, err := get(t.Context(), p.base+"/"); err != nil || !strings.Contains(page, "<html") {
		t.Errorf("the UI: %v: %s", err, page)
	}
	p.noetl(t, 0, `running|state\server-`, "server", "status")
	p.noetl(t, 0, "windows/amd64|everything fits", "runtime")
	// Wine's C runtime knows no SIGBREAK, by which Python would be asked: it has to be killed.
	p.noetl(t, 0, "noetl server on "+p.base, "server", "stop", "--timeout", "1")
	p.noetl(t, 3, "not running", "server", "status")
	p.noetl(t, 3, "not running", "server", "stop")
	if _, err := get(t.Context(), p.base+"/api/health"); err == nil {
		t.Error("it answers after it was stopped")
	}
}

// TestWindowsCLI: the CLI that was built here for Windows runs there, finds a
// real Python, and starts and stops the server.
func TestWindowsCLI(t *testing.T) {
	c, w := images(t), onWindows(t)
	const work = "Users/Jürgen & Co/my project"
	site := filepath.Join(w.disk, work, "site")
	p := w.prompt(t, work, windowsCLI(t, c, w), "PYTHONPATH="+w.path(work+"/site"), "WINEPATH="+strings.TrimSuffix(w.python(t), `\python.exe`))
	windowsSite(t, c, site)
	p.noetl(t, 0, "0.1.0|windows/amd64", "version")
	p.noetl(t, 3, "not running", "server", "status")
	p.noetl(t, 3, "no server answers|windows/amd64", "runtime")
	t.Run("in the background", func(t *testing.T) { p.serves(t, `W:\Program Files\Python313\python.exe`) })
	t.Run("in the foreground", func(t *testing.T) {
		cmd := w.in(work, p.cli, p.env...).command(t.Context(), "server", "start")
		cmd.Dir = w.disk
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		healthy(t, p.base, time.Minute)
		p.noetl(t, 1, "already running", "server", "start")
		p.noetl(t, 0, "noetl server on "+p.base, "server", "stop", "--timeout", "1")
		if err := cmd.Wait(); err == nil || !strings.Contains(out.String(), "listening on "+p.base) {
			t.Errorf("a server that was killed ended with %v:\n%s", err, &out)
		}
	})
	t.Run("without the server", func(t *testing.T) {
		if err := os.Rename(site, site+".aside"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Rename(site+".aside", site) })
		p.noetl(t, 1, `Scripts\python.exe|not there|python.exe|No module named|hint`, "server", "start")
	})
}

// windowsCLI is the CLI for Windows, built by the main clone.
func windowsCLI(t *testing.T, c checkout, w windows) string {
	t.Helper()
	const rel = "Users/Jürgen & Co/my project/noetl.exe"
	if _, err := os.Stat(filepath.Join(w.disk, rel)); err != nil {
		c.must(t, "crossRust", "-platforms=windows/amd64")
		w.put(t, c.path("dist/cli/windows-amd64/noetl.exe"), rel)
	}
	return w.path(rel)
}

// windowsSite lays out the packages for Windows, as crossRust's counterpart for
// Python does, with the server and its UI.
func windowsSite(t *testing.T, c checkout, site string) {
	t.Helper()
	c.must(t, "wheels", "-platforms=windows/amd64")
	for _, tree := range [][2]string{{"dist/wheels/windows-amd64", site}, {"noetl", filepath.Join(site, "noetl")}} {
		if out, err := exec.Command("cp", "-rT", c.path(tree[0]), tree[1]).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}

func windowsFacts(t *testing.T, facts runtimeFacts) {
	t.Helper()
	const want = "windows/amd64"
	if facts.Platform.Platform != want || facts.CLI.Platform != want || !facts.Fits || !facts.Server.UI {
		t.Errorf("it says of itself %+v", facts)
	}
	native := 0
	for _, d := range facts.Distributions {
		if d.Native {
			native++
		}
	}
	if native < 3 {
		t.Errorf("%d distributions with native modules of %d: the check has not looked", native, len(facts.Distributions))
	}
}
