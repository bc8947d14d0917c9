package targets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// setupLocalDev makes this checkout run on this machine.
func (j *job) setupLocalDev(ctx context.Context, ui bool) error {
	var without []string
	if !ui {
		without = append(without, "buildUI")
	}
	if err := j.needs("setupLocalDev", without...); err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	if ui {
		g.Go(func() error { return j.show.Step(gctx, "ui", j.makeUI) })
	}
	g.Go(func() error { return j.show.Step(gctx, "cli", j.hostCLI) })
	g.Go(func() error { return j.show.Step(gctx, "venv", j.makeVenv) })
	if err := g.Wait(); err != nil {
		return err
	}
	start := filepath.Join(".", filepath.FromSlash(j.CLI.Into[0]), j.host.Exe(j.CLI.Binary))
	fmt.Fprintf(j.out, "\nready: start it with .%c%s %s\n", filepath.Separator, start, j.Start)
	return nil
}

// hostCLI builds the CLI for this machine and puts it where people look for it.
func (j *job) hostCLI(ctx context.Context, s *report.Step) error {
	result, err := j.makeCLI(ctx, s, []xbuild.Platform{j.host}, "")
	if err != nil {
		return err
	}
	changed := false
	for _, dir := range j.CLI.Into {
		for _, b := range result.Binaries {
			fresh, err := put(b.Path, filepath.Join(j.path(dir), j.host.Exe(b.Name)))
			if err != nil {
				return err
			}
			changed = changed || fresh
		}
	}
	done(s, changed, "for "+j.host.String())
	return nil
}

// put copies a program unless the same one is there.
func put(from, to string) (changed bool, err error) {
	content, err := os.ReadFile(from)
	if err != nil {
		return false, err
	}
	if there, err := os.ReadFile(to); err == nil && slices.Equal(there, content) {
		return false, nil
	}
	return true, xbuild.WriteFile(to, content, 0o755)
}

// makeVenv makes .venv with the server and what it needs.
func (j *job) makeVenv(ctx context.Context, s *report.Step) error {
	built, version, err := j.venv(ctx, s, ".venv", j.Python.Lock)
	if err != nil {
		return err
	}
	done(s, built, "Python "+version)
	return nil
}

// venv makes an environment of the locked packages and the project itself.
func (j *job) venv(ctx context.Context, s *report.Step, dir, lock string) (built bool, version string, err error) {
	uv, err := j.uv(s)
	if err != nil {
		return false, "", err
	}
	python := xbuild.Find(ctx, j.run, j.python(nil), j.look())
	if python.Err != nil {
		return false, "", fmt.Errorf("%w; %s", python.Err, j.installLine(python.Tool))
	}
	uv.Python = python.Path
	env := xbuild.Venv{
		UV: uv, Dir: j.path(dir), Lock: j.path(lock), MinPython: j.Python.Minimum, Project: j.path(j.Python.Project), Host: j.host,
	}
	built, err = env.Install(ctx, j.run)
	return built, python.Version, err
}
