package targets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/noetl/noetl/magefiles/bench"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// contender is an engine with its own clone, caches and repository.
type contender struct {
	*benchmark
	bench.Engine
	dir, cacheDir string
	platforms     string
	base          string // the image that BuildKit builds on, when it has been replaced
}

func (b *benchmark) contender(id string) (*contender, error) {
	for _, e := range bench.Engines() {
		if e.ID != id {
			continue
		}
		c := &contender{benchmark: b, Engine: e, dir: filepath.Join(b.dir, id), cacheDir: filepath.Join(b.dir, id+"-cache")}
		c.platforms = c.usual()
		if base, err := os.ReadFile(c.dir + ".base"); err == nil {
			c.base = string(base)
		}
		return c, nil
	}
	return nil, fmt.Errorf("measuring builds: %q builds nothing", id)
}

func (c *contender) ours() bool     { return strings.HasPrefix(c.ID, "oci") }
func (c *contender) emulates() bool { return strings.HasPrefix(c.ID, "emulated") }
func (c *contender) marker() string { return c.dir + ".built" }
func (c *contender) built() bool    { return exists(c.marker()) }
func (c *contender) repo() string   { return "bench/" + c.ID }

func (c *contender) usual() string {
	if c.Single {
		return c.host.OS + "/" + c.host.Arch // without emulation, whoever builds
	}
	return strings.Join(c.Platforms, ",")
}

// clone makes the checkout of the commit, if it is not there.
func (c *contender) clone(ctx context.Context) error {
	if exists(c.dir) {
		return nil
	}
	if c.ID == "ko" {
		return c.koProgram(ctx)
	}
	if err := os.MkdirAll(c.benchmark.dir, 0o755); err != nil {
		return err
	}
	if err := c.run(ctx, c.git("clone", "--quiet", "--no-hardlinks", c.root, c.dir)); err != nil {
		return err
	}
	if !c.ours() {
		return nil
	}
	// Downloads are kept: the pinned tools, and the Debian packages.
	exclude := filepath.Join(c.dir, ".git", "info", "exclude")
	if err := os.WriteFile(exclude, []byte("/.tools\n"), 0o644); err != nil {
		return err
	}
	if tools := c.path(".tools"); exists(tools) {
		if err := os.Symlink(tools, filepath.Join(c.dir, ".tools")); err != nil {
			return err
		}
	}
	if packages := filepath.Join(c.cache(), "debian"); exists(packages) {
		if err := os.CopyFS(filepath.Join(c.cacheDir, "debian"), os.DirFS(packages)); err != nil {
			return err
		}
	}
	// Ours is there, compiled, as BuildKit is.
	cmd := c.ownCommand()
	cmd.Args = []string{"tool", "mage", "clean"}
	return c.run(ctx, cmd)
}

// forget removes what builds have left, but for downloads.
func (c *contender) forget(ctx context.Context) error {
	if err := os.RemoveAll(filepath.Join(c.registry.Dir, filepath.FromSlash(c.repo()))); err != nil {
		return err
	}
	if !c.ours() {
		return c.forgetMounts(ctx)
	}
	entries, err := os.ReadDir(c.cacheDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != "debian" {
			if err := os.RemoveAll(filepath.Join(c.cacheDir, e.Name())); err != nil {
				return err
			}
		}
	}
	return c.run(ctx, xbuild.Cmd{Name: "git", Args: []string{"clean", "-xdffq", "-e", "/.tools", "-e", "/magefiles/.mage"}, Dir: c.dir})
}

// timed is the build that counts. Its peak is measured only if asked for: then
// the program runs without "go tool" around it.
func (c *contender) timed(ctx context.Context, s *report.Step, cold, watch bool) (peak int64, err error) {
	if !watch {
		return c.build(ctx, s, cold)
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := c.ownCommand()
	cmd.Name, cmd.Args = self, cmd.Args[2:]
	m, err := c.measureCmd(ctx, cmd)
	return m.peak, err
}

// build builds and publishes.
func (c *contender) build(ctx context.Context, s *report.Step, cold bool) (int64, error) {
	var cmd xbuild.Cmd
	switch {
	case c.ours():
		cmd = c.ownCommand()
	case c.ID == "ko":
		cmd = c.koCommand()
	default:
		docker, err := c.locate(c.docker())
		if err != nil {
			return 0, err
		}
		if _, err := c.buildxVersion(ctx, docker); err != nil {
			return 0, err
		}
		if cmd, err = c.buildxCommand(docker, cold); err != nil {
			return 0, err
		}
	}
	cmd.Stdout, cmd.Stderr = s.Log(), s.Log()
	return 0, c.run(ctx, cmd)
}

func (c *contender) ownCommand() xbuild.Cmd {
	return xbuild.Cmd{
		Name: "go", Args: []string{"tool", "mage", "images", "-push", "-registry=" + c.address + "/" + c.repo(), "-platforms=" + c.platforms},
		Dir: c.dir, Env: []string{c.EnvPrefix + "CACHE=" + c.cacheDir},
	}
}
