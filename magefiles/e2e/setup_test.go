//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// laptop runs the CLI as somebody would in their checkout, on a port of its own.
type laptop struct {
	checkout
	port int
}

func newLaptop(t *testing.T, c checkout) laptop {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	l := laptop{checkout: c.with(fmt.Sprintf("NOETL_PORT=%d", port), "NOETL_STATE_DIR="+t.TempDir()), port: port}
	t.Cleanup(func() {
		if _, code := l.noetl(t, "server", "status"); code == 0 {
			_, _ = l.noetl(t, "server", "stop")
		}
	})
	return l
}

func (l laptop) noetl(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	cmd := exec.Command(filepath.Join(l.dir, "bin", "noetl"), args...)
	cmd.Dir, cmd.Env = l.dir, l.env
	b, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatalf("noetl %v: %v", args, err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

func (l laptop) want(t *testing.T, code int, args ...string) string {
	t.Helper()
	out, got := l.noetl(t, args...)
	if got != code {
		t.Errorf("noetl %v: exit code %d, want %d\n%s", args, got, code, out)
	}
	return out
}

func (l laptop) url() string { return fmt.Sprintf("http://127.0.0.1:%d", l.port) }

// TestLaptop: the README's way from a clone to a running server with its UI.
func TestLaptop(t *testing.T) {
	c := images(t)
	r := c.says(t, "./bin/noetl server start", "setupLocalDev")
	t.Logf("setupLocalDev after images: %.1f s", r.took.Seconds())
	again := c.must(t, "setupLocalDev")
	t.Logf("setupLocalDev again: %.1f s", again.took.Seconds())
	if again.took > 20*time.Second {
		t.Errorf("without a change it took %s", again.took)
	}
	l, here := newLaptop(t, c), "linux/"+runtime.GOARCH
	l.want(t, 0, "server", "start", "--detach")
	facts := getJSON[runtimeFacts](t, l.url()+"/api/runtime")
	if facts.Platform.Platform != here || facts.CLI.Platform != here || !facts.Fits || !facts.Server.UI {
		t.Errorf("it says of itself %+v", facts)
	}
	seesUI(t, l.url(), here, "laptop")
	if out := l.want(t, 0, "server", "status"); !contains(out, l.url()) {
		t.Errorf("status does not say where: %s", out)
	}
	l.want(t, 0, "runtime")
	l.want(t, 0, "server", "stop")
	l.want(t, 3, "server", "status")
	if _, err := get(t.Context(), l.url()+"/api/health"); err == nil {
		t.Error("it answers after it was stopped")
	}
}

// TestLaptopWithoutUI: the API alone, and no UI is built.
func TestLaptopWithoutUI(t *testing.T) {
	c := images(t)
	c.aside(t, "noetl/core/ui")
	c.must(t, "setupLocalDev", "-ui=false")
	if entries, err := os.ReadDir(c.path("noetl/core/ui")); err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == "index.html" }) {
		t.Error("the UI was built all the same")
	}
	l := newLaptop(t, c)
	l.want(t, 0, "server", "start", "--detach")
	if facts := getJSON[runtimeFacts](t, l.url()+"/api/runtime"); facts.Server.UI || !facts.Fits {
		t.Errorf("it says of itself %+v", facts)
	}
	if page, err := get(t.Context(), l.url()+"/"); err == nil {
		t.Errorf("there is a page all the same: %s", page)
	}
	l.want(t, 0, "server", "stop")
}
