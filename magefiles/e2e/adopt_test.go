//go:build e2e

package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// adoptingSays are the blocks of adopting.md that are marked to be run, and the
// project.go that it shows.
func adoptingSays(t *testing.T) (blocks []string, project string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(world.repo, "documentation/docs/development/adopting.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^<!-- run: TestAdopting -->\n\n((?:    .*\n)+)`).FindAllSubmatch(b, -1) {
		blocks = append(blocks, regexp.MustCompile(`(?m)^    `).ReplaceAllString(string(m[1]), ""))
	}
	_, rest, _ := strings.Cut(string(b), "```go\n")
	project, _, _ = strings.Cut(rest, "```\n")
	if len(blocks) != 4 || !strings.Contains(project, "func thisProject()") {
		t.Fatalf("adopting.md has %d blocks to run, and %d bytes of project.go: the test no longer fits it", len(blocks), len(project))
	}
	return blocks, project
}

// sh runs a block as somebody would paste it, and returns what they would see.
// The module is not published: a folder takes its place.
func (c checkout) sh(t *testing.T, block string) string {
	t.Helper()
	published := "go get github.com/noetl/noetl@latest"
	replaced := fmt.Sprintf("go mod edit '-replace=github.com/noetl/noetl=%s' -require=github.com/noetl/noetl@v0.0.0", world.main.dir)
	block = strings.Replace(block, published, replaced, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-euc", block)
	cmd.Dir, cmd.Env = c.dir, c.env
	began := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, block, out)
	}
	first, _, more := strings.Cut(block, "\n")
	if more {
		t.Logf("%s …: %.1f s", first, time.Since(began).Seconds())
	}
	return string(out)
}

// somebodyElse is the second project in a folder of its own, before it uses
// anything of ours. Downloads and pinned tools are those of the first.
func somebodyElse(t *testing.T) checkout {
	t.Helper()
	first := images(t)
	c := checkout{dir: filepath.Join(world.temp, "somebody else", "tidewatch"), env: cleanEnv(first.env)}
	c = c.with("TIDE_CACHE="+first.cache(""), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	if err := os.CopyFS(c.dir, os.DirFS("testdata/adopter")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(c.dir) })
	for _, err := range []error{
		os.RemoveAll(c.path("magefiles")), os.Mkdir(c.path(".tools"), 0o755), os.Symlink(first.path(".tools/py"), c.path(".tools/py")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c.sh(t, "git init --quiet && git add -A && git commit --quiet -m 'what there was'")
	return c
}

// TestAdopting: another project follows adopting.md, and gets an image that is
// its own in all that can be seen of it, and runs.
func TestAdopting(t *testing.T) {
	began := time.Now()
	c := somebodyElse(t)
	blocks, project := adoptingSays(t)
	said := c.sh(t, blocks[0])
	c.write(t, "magefiles/targets/project.go", project)
	said += c.sh(t, blocks[1])
	c.sh(t, "git add -A && git commit --quiet -m 'uses the build library'")
	said += c.sh(t, blocks[2])
	t.Logf("from nothing to an image: %.0f s", time.Since(began).Seconds())
	if dirty := c.sh(t, "git status --porcelain"); dirty != "" {
		t.Errorf("the builds change what is committed:\n%s", dirty)
	}
	if ours := named([]byte(said)); ours != "" {
		t.Errorf("what people read names us: %s", ours)
	}
	c.namesNobodyElse(t)
	made := decode[built](t, c.read(t, "dist/images/tide-station.json"))
	for i, platform := range platforms() {
		layers := made.Platforms[i].layers()
		if made.Platforms[i].Platform != platform || layers["tide CLI"] == "" || layers["web UI"] == "" || layers["tide-service package"] == "" {
			t.Errorf("platform %d is %+v", i, made.Platforms[i])
		}
	}
	if out := c.sh(t, "var/bin/tide --version"); !strings.Contains(out, "tide 7.3.0") {
		t.Errorf("the CLI of this machine says %q", out)
	}
	t.Run("runs", func(t *testing.T) { c.adopted(t) })
	t.Run("without UI", func(t *testing.T) {
		c.edit(t, "magefiles/targets/project.go", func(s string) string {
			return regexp.MustCompile(`uiPart\{.*\}`).ReplaceAllString(s, "uiPart{}")
		})
		c.must(t, "images", "-platforms=linux/"+runtime.GOARCH, "-output=dist/headless")
		layers, whole := decode[built](t, c.read(t, "dist/headless.json")).Platforms[0].layers(), made.Platforms[0].layers()
		if layers["web UI"] != "" || len(layers) != len(whole)-1 {
			t.Errorf("the layers are %v, and with the UI %v", layers, whole)
		}
		c.refused(t, []string{"this project has none"}, "buildUI")
	})
	t.Run("mistakes", func(t *testing.T) {
		c.edit(t, "magefiles/targets/project.go", func(s string) string {
			return strings.NewReplacer(`"tide-station"`, `"Tide:7"`, `Dir: "web"`, `Dir: "./web"`).Replace(s)
		})
		c.refused(t, []string{"reading project.go", "Image:", "UI.Dir:"}, "images")
	})
	t.Run("no lock", func(t *testing.T) {
		c.aside(t, "service/locked.txt")
		c.refused(t, []string{"Python.Lock:", "uv pip compile"}, "wheels")
	})
	t.Run("update", func(t *testing.T) {
		c.sh(t, blocks[3])
		if dirty := c.sh(t, "git status --porcelain; go tool mage -l >/dev/null"); dirty != "" {
			t.Errorf("getting the same again changes what is committed:\n%s", dirty)
		}
	})
}

// adopted runs the image of this machine's platform in a real engine.
func (c checkout) adopted(t *testing.T) {
	t.Helper()
	c.with(engine(t)...).must(t, "images", "-load", "-tag=adopted")
	t.Cleanup(func() { _, _ = dockerTry(t, "rmi", "--force", "tide-station:adopted") })
	id, _ := container(t, "--read-only", "--publish", "127.0.0.1::9470", "tide-station:adopted")
	address, _, _ := strings.Cut(docker(t, "port", id, "9470/tcp"), "\n")
	revision := strings.TrimSpace(c.sh(t, "git rev-parse HEAD"))
	err := await(t.Context(), 2*time.Minute, func(ctx context.Context) error {
		body, err := get(ctx, "http://"+address+"/healthz")
		if err == nil && (!strings.Contains(body, `"ok": true`) || !strings.Contains(body, revision)) {
			err = fmt.Errorf("it says %s", body)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if page, err := get(t.Context(), "http://"+address+"/"); err != nil || !strings.Contains(page, "<h1>Tidewatch</h1>") {
		t.Errorf("its page: %v\n%s", err, page)
	}
	stops(t, id)
}

// namesNobodyElse looks for our name in all that was made, layers included.
func (c checkout) namesNobodyElse(t *testing.T) {
	t.Helper()
	layers := 0
	for _, dir := range []string{"dist", "var", "build"} {
		err := filepath.WalkDir(c.path(dir), func(p string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			if z, zerr := gzip.NewReader(bytes.NewReader(content)); zerr == nil {
				layers++
				if content, err = io.ReadAll(z); err != nil {
					return err
				}
			}
			if ours := named(append(content, p[len(c.dir):]...)); ours != "" {
				t.Errorf("%s names us: %s", p, ours)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if layers < 10 { // seven for each of two platforms, four of them shared
		t.Errorf("%d layers were looked at", layers)
	}
}

// named is our name and what is around it, where it is not our module's path or
// that of these tests' folders.
func named(content []byte) string {
	content = bytes.ReplaceAll(content, []byte("github.com/noetl/noetl"), nil)
	content = bytes.ReplaceAll(content, []byte(world.main.dir), nil)
	content = bytes.ReplaceAll(content, []byte(world.temp), nil)
	return string(regexp.MustCompile(`(?i).{0,40}noetl.{0,40}`).Find(content))
}
