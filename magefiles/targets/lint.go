package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// linter is the pinned golangci-lint; it is built once, into .tools/bin.
const linter = "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0"

// lintCheck are the commands of one language.
type lintCheck struct {
	name  string
	ready func(context.Context, *report.Step) error
	cmds  []xbuild.Cmd
}

// lint runs every language's own checks, and all of them even if one fails.
func (j *job) lint(ctx context.Context) error {
	if err := j.needs("lint"); err != nil {
		return err
	}
	cargo, err := j.tool("cargo")
	if err != nil {
		return err
	}
	crates := j.path(j.CLI.Dir)
	vet := func(goos string) xbuild.Cmd {
		return xbuild.Cmd{Name: "go", Args: []string{"vet", "./magefiles/..."}, Dir: j.root, Env: []string{"GOOS=" + goos, "CGO_ENABLED=0"}}
	}
	portable, err := j.portable()
	if err != nil {
		return err
	}
	static := func(goos string) xbuild.Cmd { // each system has files that the others do not compile
		return xbuild.Cmd{Name: j.golangciPath(), Args: append([]string{"run"}, portable...), Dir: j.root, Env: []string{"GOOS=" + goos, "CGO_ENABLED=0"}}
	}
	checks := []lintCheck{
		{"go vet", nil, []xbuild.Cmd{vet("linux"), vet("darwin"), vet("windows")}},
		{"golangci-lint", j.golangci, []xbuild.Cmd{
			{Name: j.golangciPath(), Args: []string{"run", "./..."}, Dir: j.root}, static("darwin"), static("windows"),
		}},
		{"rustfmt and clippy", nil, []xbuild.Cmd{
			{Name: cargo, Args: []string{"fmt", "--check"}, Dir: crates},
			{Name: cargo, Args: []string{"clippy", "--locked", "--all-targets", "--", "-D", "warnings"}, Dir: crates},
		}},
	}
	if j.hasUI() {
		npm, err := j.tool("npm")
		if err != nil {
			return err
		}
		ui := j.path(j.UI.Dir)
		checks = append(checks, lintCheck{"ui lint", j.npmReady, []xbuild.Cmd{
			{Name: npm, Args: []string{"run", "lint"}, Dir: ui},
			{Name: npm, Args: []string{"run", "typecheck"}, Dir: ui},
		}})
	}
	if j.Python.DevLock != "" {
		python := j.venvPython(testVenv)
		checks = append(checks, lintCheck{"ruff", j.testVenv, []xbuild.Cmd{ // the project's own settings say which files
			{Name: python, Args: []string{"-m", "ruff", "check", j.Python.Project, j.Python.Tests}, Dir: j.root},
			{Name: python, Args: []string{"-m", "ruff", "format", "--check", j.Python.Project, j.Python.Tests}, Dir: j.root},
		}})
	}
	var failures []error
	for _, c := range checks {
		failures = append(failures, j.show.Step(ctx, c.name, func(ctx context.Context, s *report.Step) error {
			return j.check(ctx, s, c.ready, c.cmds)
		}))
	}
	return errors.Join(failures...)
}

func (j *job) check(ctx context.Context, s *report.Step, ready func(context.Context, *report.Step) error, cmds []xbuild.Cmd) error {
	if ready != nil {
		if err := ready(ctx, s); err != nil {
			return err
		}
	}
	var failures []error
	for _, c := range cmds {
		c.Stdout, c.Stderr = s.Log(), s.Log()
		failures = append(failures, j.run(ctx, c))
	}
	return errors.Join(failures...)
}

// portable are the packages for every system: all but the end-to-end tests.
func (j *job) portable() ([]string, error) {
	entries, err := os.ReadDir(j.path("magefiles"))
	if err != nil {
		return nil, fmt.Errorf("listing what to lint: %w", err)
	}
	var packages []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "e2e" {
			packages = append(packages, "./magefiles/"+e.Name()+"/...")
		}
	}
	return packages, nil
}

func (j *job) golangciPath() string {
	return filepath.Join(j.path(".tools/bin"), j.host.Exe("golangci-lint"))
}

// golangci builds the linter: a binary of it knows only the Go that built it.
func (j *job) golangci(ctx context.Context, s *report.Step) error {
	version, err := xbuild.Output(ctx, j.run, xbuild.Cmd{Name: "go", Args: []string{"env", "GOVERSION"}})
	if err != nil {
		return err
	}
	stamp := filepath.Join(j.path(".tools/bin"), "golangci-lint.key")
	key := linter + " " + version
	if there, err := os.ReadFile(stamp); err == nil && string(there) == key && exists(j.golangciPath()) {
		return nil
	}
	s.Detail("building " + linter)
	err = j.run(ctx, xbuild.Cmd{
		Name: "go", Args: []string{"install", linter}, Dir: j.root,
		Env: []string{"GOBIN=" + j.path(".tools/bin"), "GOFLAGS="}, Stdout: s.Log(), Stderr: s.Log(),
	})
	if err != nil {
		return fmt.Errorf("installing the linter: %w", err)
	}
	return xbuild.WriteFile(stamp, []byte(key), 0o644)
}
