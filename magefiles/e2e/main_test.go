//go:build e2e

package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// place is where a run of these tests happens. Nothing outside of temp is
// changed, but for dist/e2e of this repository, which gets the photographs.
type place struct {
	repo string // this repository
	temp string // everything else; readable by other users
	main checkout

	registry string    // its address, once it runs
	pulled   sync.Once // the engine has something from it

	mu    sync.Mutex
	after []func() // what ends the things that several tests share, last one first
}

var world place

// TestMain makes the place and one fresh clone in a folder whose path has a
// space and letters beyond ASCII, as people's folders do.
func TestMain(m *testing.M) {
	code, err := 1, world.open()
	if err == nil {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
		go func() {
			<-stop
			world.close()
			os.Exit(130)
		}()
		prefetch()
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, "preparing the end-to-end tests:", err)
	}
	world.close()
	os.Exit(code)
}

// prefetch begins to compile, behind everything else, what takes minutes and is
// needed by tests that come late. Where only some tests are asked for, those
// that need it ask for it themselves.
func prefetch() {
	flag.Parse()
	if os.Getenv("CI") == "" || flag.Lookup("test.run").Value.String() != "" {
		return
	}
	go func() { // the tests that need them say why they are not there
		_, _ = buildkitTools()
		_, _ = clusterPrograms()
	}()
}

func (w *place) open() error {
	var err error
	if w.repo, err = filepath.Abs("../.."); err != nil {
		return err
	}
	if w.temp, err = os.MkdirTemp("", "noetl-e2e-"); err != nil {
		return err
	}
	w.later(func() { _ = exec.Command("rm", "-rf", w.temp).Run() }) // Go's module caches are read-only: rm as root gets them
	if err := os.Chmod(w.temp, 0o755); err != nil {
		return err
	}
	w.main = checkout{dir: filepath.Join(w.temp, "work in Zürich", "noetl"), env: cleanEnv(os.Environ())}
	if again := os.Getenv("NOETL_E2E_CLONE"); again != "" { // for work on these tests: minutes less
		w.main.dir = again
		w.main = w.main.with("NOETL_CACHE=" + again + "-cache")
		return nil
	}
	w.main = w.main.with("NOETL_CACHE=" + filepath.Join(w.temp, "cache"))
	if dirty, err := exec.Command("git", "-C", w.repo, "status", "--porcelain").Output(); err == nil && len(dirty) > 0 {
		fmt.Printf("note: what is tested is HEAD, without these changes:\n%s", dirty)
	}
	return clone(w.repo, w.main.dir)
}

func clone(from, to string) error {
	out, err := exec.Command("git", "clone", "--quiet", from, to).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cloning %q: %w: %s", from, err, out)
	}
	return nil
}

// cleanEnv leaves out what somebody may have set for builds of their own.
func cleanEnv(environ []string) []string {
	var out []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "NOETL_") || strings.HasPrefix(name, "MAGEFILE_") ||
			name == "SOURCE_DATE_EPOCH" || name == "GITHUB_ACTIONS" || name == "GITHUB_STEP_SUMMARY" || name == "CARGO_TARGET_DIR" {
			continue
		}
		out = append(out, pair)
	}
	return out
}

// later registers the end of something that outlives a test.
func (w *place) later(end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.after = append(w.after, end)
}

func (w *place) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.after) - 1; i >= 0; i-- {
		w.after[i]()
	}
	w.after = nil
}

// need skips the test on a machine that lacks something, and fails it in CI,
// where a test that does not run would be believed to have passed.
func need(t *testing.T, ok bool, format string, args ...any) {
	t.Helper()
	switch {
	case ok:
	case os.Getenv("CI") != "":
		t.Fatalf("this test needs "+format, args...)
	default:
		t.Skipf("this test needs "+format, args...)
	}
}

func needTools(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		_, err := exec.LookPath(name)
		need(t, err == nil, "%s: go tool mage e2e installs it", name)
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	need(t, os.Geteuid() == 0, "root")
}
