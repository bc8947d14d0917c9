//go:build e2e

package e2e

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCommands runs every command of the README and the documentation that is
// not marked otherwise (see docCommand), in their order, in the clone that has
// been built, with what stands for the reader's own names put in.
func TestCommands(t *testing.T) {
	commands := documents(t)
	needTools(t, "skopeo", "jq")
	c := images(t)
	made := c.result(t)
	stand := strings.NewReplacer(
		"docker://ghcr.io/YOU", "--tls-verify=false docker://"+registry(t)+"/docs",
		"ghcr.io/YOU", registry(t)+"/docs",
		"ghcr.io/you", registry(t)+"/docs",
		"localhost:5000", registry(t),
		"sha256-HEX", strings.Replace(made.Digest, ":", "-", 1),
		"-image=app.tar", "-image=dist/images/"+product,
	)
	c = c.with(docsEnv(t)...)
	defer c.tidied(t)()
	marked, began := 0, time.Now()
	for _, d := range commands {
		if d.by != nil || d.not != "" {
			marked++
			continue
		}
		line := stand.Replace(d.text)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		cmd := exec.CommandContext(ctx, "bash", "-e", "-o", "pipefail", "-c", line)
		cmd.Dir, cmd.Env, cmd.WaitDelay = c.dir, c.env, 5*time.Second
		start := time.Now()
		out, err := cmd.CombinedOutput()
		cancel()
		t.Logf("%4.1f s  %s:%d: %s", time.Since(start).Seconds(), d.file, d.line, d.text)
		if err != nil {
			t.Errorf("%s:%d: %q, run as %q: %v; mend it, or mark it (see docscan_test.go)\n%s", d.file, d.line, d.text, line, err, out)
		}
	}
	t.Logf("%d commands: %d run here in %.0f s, %d marked", len(commands), len(commands)-marked, time.Since(began).Seconds(), marked)
	if len(commands)-marked < 10 {
		t.Error("fewer than ten commands were run: the scan does not find them")
	}
}

// docsEnv is what readers have on their machines: kubectl, an engine, and a buildx
// that knows no builder yet.
func docsEnv(t *testing.T) []string {
	t.Helper()
	env := append(buildx(t), engine(t)...)
	if _, err := exec.LookPath("kubectl"); err != nil {
		programs, err := clusterPrograms()
		if err != nil {
			t.Fatal(err)
		}
		env = append(env, "PATH="+os.Getenv("PATH")+string(os.PathListSeparator)+programs)
	}
	return env
}

// tidied returns what puts back what the commands have made in the clone.
func (c checkout) tidied(t *testing.T) (putBack func()) {
	t.Helper()
	top := func() map[string]bool {
		entries, err := os.ReadDir(c.dir)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, e := range entries {
			out[e.Name()] = true
		}
		return out
	}
	files, names := c.state(t), top()
	digest := c.result(t).Digest
	return func() {
		for name := range top() { // first: with files that nobody has committed, the image says so
			if !names[name] {
				_ = os.RemoveAll(c.path(name))
			}
		}
		c.must(t, "images")
		if again := c.result(t).Digest; again != digest {
			t.Errorf("the image was %s, and is %s now", digest, again)
		}
		for _, name := range slices.Sorted(maps.Keys(c.state(t))) {
			if _, there := files[name]; !there {
				_ = os.RemoveAll(c.path(name))
			}
		}
	}
}
