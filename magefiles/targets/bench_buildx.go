package targets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// buildxCommand is what a person types who has a Dockerfile. A cold build does
// every step anew, and keeps the base images that were pulled.
func (c *contender) buildxCommand(docker string, cold bool) (xbuild.Cmd, error) {
	file := c.Docker.File
	if c.emulates() {
		file = c.Docker.Emulated
	}
	args := []string{
		"buildx", "build", "--progress=plain", "--push", "--platform", c.platforms, "--file", filepath.Join(c.dir, filepath.FromSlash(file)),
		"--tag", c.address + "/" + c.repo() + "/" + c.Image + ":latest",
	}
	if c.builder != "" {
		args = append(args, "--builder", c.builder)
	}
	if cold {
		args = append(args, "--no-cache")
	}
	secrets, err := c.buildSecrets("")
	if err != nil {
		return xbuild.Cmd{}, err
	}
	for _, s := range secrets {
		args = append(args, "--secret", s)
	}
	for _, a := range c.buildArguments() {
		args = append(args, "--build-arg", a)
	}
	return xbuild.Cmd{Name: docker, Args: append(args, c.dir)}, nil
}

func (c *contender) buildArguments() []string {
	args := slices.Clone(c.args)
	if c.base != "" {
		args = append(args, c.Docker.BaseArg+"="+c.address+c.base) // the last one counts
	}
	return args
}

// forgetMounts empties the cache mounts that hold what was compiled; those with
// downloads stay.
func (c *contender) forgetMounts(ctx context.Context) error {
	docker, err := c.locate(c.docker())
	if err != nil {
		return err
	}
	args := []string{"buildx", "prune", "--all", "--force", "--filter", `description~="with id \"/[a-z-]*(-target|-zig)"`}
	if c.builder != "" {
		args = append(args, "--builder", c.builder)
	}
	return c.run(ctx, xbuild.Cmd{Name: docker, Args: args})
}

// newBase puts one file on the base image and publishes it as another, which is
// what a new version of a base is for BuildKit.
func (c *contender) newBase(ctx context.Context, n int) error {
	docker, err := c.locate(c.docker())
	if err != nil {
		return err
	}
	dir := c.dir + "-base"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text := "ARG BASE\nFROM ${BASE}\nCOPY changed /usr/share/bench-changed\n"
	for name, content := range map[string]string{"Dockerfile": text, "changed": fmt.Sprint(c.ID, n)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	base := ""
	for _, a := range slices.Concat(c.Docker.Args, c.args) {
		if value, ok := strings.CutPrefix(a, c.Docker.BaseArg+"="); ok {
			base = value
		}
	}
	c.base = fmt.Sprintf("/bench/base:%s-%d", c.ID, n)
	args := []string{
		"buildx", "build", "--provenance=false", "--push", "--platform", strings.Join(c.Platforms, ","),
		"--tag", c.address + c.base, "--build-arg", "BASE=" + base,
	}
	if c.builder != "" {
		args = append(args, "--builder", c.builder)
	}
	if err := c.run(ctx, xbuild.Cmd{Name: docker, Args: append(args, dir)}); err != nil {
		return err
	}
	return os.WriteFile(c.dir+".base", []byte(c.base), 0o644)
}
