//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// without is a machine that lacks programs: in a mount namespace of the
// command's own, something that cannot be executed lies over each of them.
func (c checkout) without(t *testing.T, patterns ...string) checkout {
	t.Helper()
	needRoot(t)
	need(t, exec.Command("unshare", "--mount", "true").Run() == nil, "mount namespaces")
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	// /usr/bin/cargo is looked for by its path, too: see tools.go.
	var hide []string
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/bin") {
		for _, pattern := range patterns {
			found, _ := filepath.Glob(filepath.Join(dir, pattern))
			for _, file := range found {
				if real, err := filepath.EvalSymlinks(file); err == nil && !slices.Contains(hide, real) {
					hide = append(hide, real)
				}
			}
		}
	}
	if len(hide) == 0 {
		return c
	}
	script := `empty=$1; shift; while [ "$1" != -- ]; do mount --bind "$empty" "$1" || exit 99; shift; done; shift; exec "$@"`
	wrap := append([]string{"unshare", "--mount", "sh", "-c", script, "sh", empty}, hide...)
	return c.under(append(wrap, "--")...)
}

// TestMissingTools: all that is missing is named at once, with how to get it,
// before any work.
func TestMissingTools(t *testing.T) {
	c := images(t)
	for _, missing := range []struct {
		name   string
		hide   []string
		pinned bool // the tools in .tools are missing as well
		words  []string
		args   []string
	}{
		{"npm", []string{"npm"}, false, []string{"npm", "Node.js"}, []string{"images"}},
		{"cargo", []string{"cargo"}, false, []string{"cargo", "CLI"}, []string{"images"}},
		{"uv", []string{"uv"}, true, []string{"uv", "go tool mage bootstrap"}, []string{"images"}},
		{"python", []string{"python", "python[0-9]*", "py"}, true, []string{"python", "uv"}, []string{"setupLocalDev"}},
		{"two at once", []string{"npm", "cargo"}, false, []string{"npm", "cargo"}, []string{"images"}},
		{"for doctor", []string{"npm", "uv"}, true, []string{"npm", "uv", "bootstrap"}, []string{"doctor"}},
	} {
		t.Run(missing.name, func(t *testing.T) {
			c.unchanged(t)
			if missing.pinned {
				c.aside(t, ".tools")
			}
			c.without(t, missing.hide...).refused(t, missing.words, missing.args...)
		})
	}
}

// TestNoGit: without git, without a repository and before the first commit the
// image is built all the same, and says what it lacks.
func TestNoGit(t *testing.T) {
	c := images(t)
	want := c.result(t)
	for kind, prepare := range map[string]func(*testing.T) checkout{
		"no git":        func(t *testing.T) checkout { return c.without(t, "git") },
		"no repository": func(t *testing.T) checkout { c.aside(t, ".git"); return c },
		"no commit yet": func(t *testing.T) checkout {
			c.aside(t, ".git")
			if out, err := exec.Command("git", "init", "--quiet", c.dir).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			return c
		},
	} {
		t.Run(kind, func(t *testing.T) {
			c.unchanged(t)
			out := filepath.Join(t.TempDir(), "layout")
			r := prepare(t).says(t, "no commit", "images", "-output="+out)
			b, err := os.ReadFile(out + ".json")
			if err != nil {
				t.Fatalf("%v\n%s", err, r.out)
			}
			got := decode[built](t, string(b))
			for i, p := range got.Platforms {
				for layer, digest := range p.layers() {
					if digest != want.Platforms[i].layers()[layer] {
						t.Errorf("%s: layer %q hangs on git", p.Platform, layer)
					}
				}
			}
		})
	}
}
