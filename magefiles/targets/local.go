package targets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// setupLocalDev makes this checkout run on this machine. What is missing is
// told before any work; what did not change is not made again.
func (j *job) setupLocalDev(ctx context.Context, ui bool) error {
	tools, err := j.askLocalTools(ctx)
	if err != nil {
		return err
	}
	if err := tools.missing(j); err != nil {
		return err
	}
	if why := translated(j.host, runtime.GOARCH); why != "" {
		j.show.Warn(why)
	}
	noUI := ""
	if ui {
		noUI = tools.noUI(j)
	}
	g, gctx := errgroup.WithContext(ctx)
	ui = ui && j.hasUI()
	g.Go(func() error {
		if !j.hasUI() {
			return nil
		}
		return j.show.Step(gctx, "ui", func(ctx context.Context, s *report.Step) error {
			switch {
			case !ui:
				s.Skip("left out; " + j.servedUI())
			case noUI != "":
				s.Skip("cannot be built here; " + j.servedUI())
			default:
				return j.makeUI(ctx, s)
			}
			return nil
		})
	})
	g.Go(func() error { return j.show.Step(gctx, "cli", j.hostCLI) })
	g.Go(func() error { return j.show.Step(gctx, "venv", j.makeVenv) })
	if err := g.Wait(); err != nil {
		return err
	}
	if noUI != "" {
		fmt.Fprintln(j.out)
		j.show.Warn(noUI)
	}
	fmt.Fprintf(j.out, "\nready: start it with %s (in %s)\n", startLine(j.host, j.CLI, j.Start, j.env), j.root)
	return nil
}

// startLine is what to type in the project's folder. cmd and PowerShell want
// backslashes; the shells of Git and MSYS2 on Windows take them for something
// else.
func startLine(host xbuild.Platform, cli cliPart, start string, env func(string) string) string {
	line := "./" + cli.Into[0] + "/" + host.Exe(cli.Binary)
	if host.OS == "windows" && env("MSYSTEM") == "" {
		line = `.\` + strings.ReplaceAll(cli.Into[0], "/", `\`) + `\` + host.Exe(cli.Binary)
	}
	return line + " " + start
}

// servedUI says what a server will show when no UI is built now.
func (j *job) servedUI() string {
	there, current, err := xbuild.BuiltUI(xbuild.UI{Dir: j.path(j.UI.Dir), Out: j.path(j.UI.Out), State: j.path("dist/ui"), Ledger: j.ledger()})
	switch {
	case err == nil && there && current:
		return "the web UI that was built before is served"
	case there:
		return "the web UI that was built before is served, and is older than its sources"
	}
	return "the server serves its API alone"
}

// translated warns of Rosetta: what is built is for the machine, and a Python
// of both architectures takes after whoever starts it.
func translated(host xbuild.Platform, goarch string) string {
	if host.OS != "darwin" || host.Arch == goarch {
		return ""
	}
	return fmt.Sprintf("this is an %s Mac, and this Go, or the shell that it runs in, is for %s: the CLI is built for %s all the same,"+
		" but Python packages may come out for %s; with Go for %s in an ordinary terminal both agree", host.Arch, goarch, host.Arch, goarch, host.Arch)
}

// hostCLI builds the CLI for this machine and puts it where people look for it.
func (j *job) hostCLI(ctx context.Context, s *report.Step) error {
	result, err := j.makeHostCLI(ctx, s)
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
		return false, fmt.Errorf("reading what was built: %w", err)
	}
	return xbuild.WriteProgram(to, content)
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

// venv makes an environment of the locked packages and the project itself. The
// version has a remark behind it when an older environment was replaced.
func (j *job) venv(ctx context.Context, s *report.Step, dir, lock string) (built bool, version string, err error) {
	uv, err := j.uv(s)
	if err != nil {
		return false, "", err
	}
	env := xbuild.Venv{
		UV: uv, Dir: j.path(dir), Lock: j.path(lock), MinPython: j.Python.Minimum, Project: j.path(j.Python.Project), Host: j.host,
	}
	if !env.Ready() { // asking for a Python takes longer than all the rest
		python := xbuild.Find(ctx, j.run, j.python(nil), j.lookOutside())
		if python.Err != nil {
			return false, "", fmt.Errorf("%w; %s", python.Err, j.installLine(python.Tool))
		}
		env.UV.Python = python.Path
	}
	made, err := env.Install(ctx, j.run)
	version = made.Python
	if made.Replaced != "" {
		version += fmt.Sprintf("; the old %s was replaced: %s", dir, made.Replaced)
	}
	return made.Built, version, err
}
