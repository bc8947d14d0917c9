//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

var freshClone struct {
	sync.Once
	checkout
	err error
}

// fresh is a clone in a folder of its own, with the tools of another checkout
// (fetching them takes longer than copying), and with an environment that an
// upgrade of the system has broken: its Python is gone.
func fresh(t *testing.T) checkout {
	t.Helper()
	from := world.main
	freshClone.Do(func() {
		from.must(t, "bootstrap")
		c := from
		c.dir = filepath.Join(world.temp, "my laptop", "noetl")
		if freshClone.err = clone(from.dir, c.dir); freshClone.err != nil {
			return
		}
		if out, err := exec.Command("cp", "-a", from.path(".tools"), c.path(".tools")).CombinedOutput(); err != nil {
			t.Fatalf("copying the tools: %v: %s", err, out)
		}
		if err := errors.Join(os.MkdirAll(c.path(".venv/bin"), 0o755), os.Symlink("/opt/gone/bin/python3.12", c.path(".venv/bin/python"))); err != nil {
			t.Fatal(err)
		}
		c.write(t, ".venv/pyvenv.cfg", "home = /opt/gone/bin\nversion_info = 3.12.1\n")
		freshClone.checkout = c
	})
	if freshClone.err != nil || freshClone.dir == "" {
		t.Fatalf("there is no fresh clone: %v", freshClone.err)
	}
	return freshClone.checkout
}

// step is what was said of one step: done or skip, and the remark.
func (r result) step(t *testing.T, name string) (state, remark string) {
	t.Helper()
	m := regexp.MustCompile(`(?m)^(done|skip)\s+` + name + `\s+(.*)$`).FindStringSubmatch(r.out)
	if m == nil {
		t.Fatalf("nothing is said of step %s:\n%s", name, r.out)
	}
	return m[1], m[2]
}

func (r result) wantStep(t *testing.T, what, name, want string) {
	t.Helper()
	if state, remark := r.step(t, name); state != want {
		t.Errorf("%s: step %s is %q (%s), want %q", what, name, state, remark, want)
	}
}

func (r result) wantSteps(t *testing.T, what, ui, cli, venv string) {
	t.Helper()
	for name, want := range map[string]string{"ui": ui, "cli": cli, "venv": venv} {
		r.wantStep(t, what, name, want)
	}
}

// TestLocalWithoutNpm comes first: a clone without npm and Node.js gets all but
// the UI, with one sentence about it; an environment that is broken is replaced.
func TestLocalWithoutNpm(t *testing.T) {
	c := fresh(t)
	r := c.without(t, "npm", "node").must(t, "setupLocalDev")
	r.wantSteps(t, "without npm", "skip", "done", "done")
	if n := strings.Count(r.out, "the API works without it"); n != 1 || !contains(r.out, "https://nodejs.org") {
		t.Errorf("it says %d times that the API works:\n%s", n, r.out)
	}
	if _, remark := r.step(t, "venv"); !contains(remark, "replaced: the Python in /opt/gone/bin that it was made with is gone") {
		t.Errorf("of the environment it says %q", remark)
	}
	l := newLaptop(t, c)
	l.want(t, 0, "server", "start", "--detach")
	if facts := getJSON[runtimeFacts](t, l.url()+"/api/runtime"); facts.Server.UI || !facts.Fits {
		t.Errorf("the server says of itself %+v", facts)
	}
	l.want(t, 0, "server", "stop")
}

// TestLocalByScript: the wrapper, called from another folder, adds the UI, and
// the server has it.
func TestLocalByScript(t *testing.T) {
	c := fresh(t)
	cmd := exec.Command("sh", c.path("scripts/setup_local_dev.sh"))
	cmd.Dir, cmd.Env = t.TempDir(), c.with("VIRTUAL_ENV=/nowhere", "PYTHONPATH=/nowhere", "CONDA_PREFIX=/nowhere").env
	if out, err := cmd.CombinedOutput(); err != nil || !contains(string(out), "(in "+c.dir+")") {
		t.Fatalf("%v\n%s", err, out)
	}
	l := newLaptop(t, c)
	l.want(t, 0, "server", "start", "--detach")
	if facts := getJSON[runtimeFacts](t, l.url()+"/api/runtime"); !facts.Server.UI || !facts.Fits {
		t.Errorf("the server says of itself %+v", facts)
	}
	if page, err := get(t.Context(), l.url()+"/"); err != nil || !contains(page, "<!doctype html>") {
		t.Errorf("the page: %v\n%s", err, page)
	}
	// A program that was spoilt is put back, and the server goes on.
	c.write(t, "bin/noetl", "not a program")
	c.must(t, "setupLocalDev", "-ui=false").wantSteps(t, "a spoilt program", "skip", "done", "skip")
	l.want(t, 0, "server", "status")
	l.want(t, 0, "server", "stop")
}

// TestLocalByContent: other times are no change, other content is.
func TestLocalByContent(t *testing.T) {
	c := fresh(t)
	c.must(t, "setupLocalDev")
	again := c.must(t, "setupLocalDev")
	t.Logf("setupLocalDev without a change: %.1f s", again.took.Seconds())
	again.wantSteps(t, "again", "skip", "skip", "skip")
	c.touch(t)
	touched := c.must(t, "setupLocalDev")
	t.Logf("setupLocalDev with new times: %.1f s", touched.took.Seconds())
	touched.wantSteps(t, "new times", "skip", "skip", "skip")

	c.edit(t, "ui-src/index.html", func(s string) string { return strings.Replace(s, "</head>", "<!-- x --></head>", 1) })
	left := c.must(t, "setupLocalDev", "-ui=false")
	if state, remark := left.step(t, "ui"); state != "skip" || !contains(remark, "older than its sources") {
		t.Errorf("-ui=false with a UI from before: %q, %q", state, remark)
	}
	c.edit(t, "requirements.lock", func(s string) string { return s + "# the same packages\n" })
	c.must(t, "setupLocalDev").wantSteps(t, "other content", "done", "skip", "done")
	c.with("VITE_ANYTHING=1").must(t, "buildUI").wantStep(t, "a variable for Vite", "ui", "done")
}

// touch gives every tracked file a new time, as a new checkout does.
func (c checkout) touch(t *testing.T) {
	t.Helper()
	now := time.Now()
	for _, name := range c.tracked(t) {
		if err := os.Chtimes(c.path(name), now, now); err != nil {
			t.Fatal(err)
		}
	}
}

func (c checkout) tracked(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "-C", c.dir, "ls-files", "-z").Output()
	if err != nil || len(out) == 0 {
		t.Fatalf("git ls-files: %v", err)
	}
	return strings.Split(string(bytes.TrimSuffix(out, []byte{0})), "\x00")
}

// TestNamesOnEveryDisk: no two files of the repository are one where capitals do
// not count, and each has a name that Windows can have.
func TestNamesOnEveryDisk(t *testing.T) {
	seen := map[string]string{}
	never := regexp.MustCompile(`(?i)[<>:"|?*\\]|[. ](/|$)|(^|/)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|/|$)`)
	for _, name := range world.main.tracked(t) {
		folded := strings.ToLower(name)
		if other := seen[folded]; other != "" {
			t.Errorf("%s and %s are one file on macOS and Windows", name, other)
		}
		if seen[folded] = name; never.MatchString(name) || !fs.ValidPath(name) {
			t.Errorf("Windows can have no file %s", name)
		}
	}
}
