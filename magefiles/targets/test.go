package targets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// suite is the tests of one language.
type suite struct {
	name  string
	ready func(context.Context, *report.Step) error // what has to be there first
	cmd   xbuild.Cmd
	lines *regexp.Regexp // the lines that count tests; nil: go test -json
	slow  int            // so many of the slowest tests are named in the end
}

// test runs every suite, one after the other: each uses all cores by itself.
// A failing one does not keep the rest from running.
func (j *job) test(ctx context.Context) error {
	if err := j.needs("test"); err != nil {
		return err
	}
	suites, err := j.suites()
	if err != nil {
		return err
	}
	return j.runSuites(ctx, suites, 1)
}

// runSuites runs so many at once, and counts the tests of all.
func (j *job) runSuites(ctx context.Context, suites []suite, atOnce int) error {
	totals, failures := make([]counts, len(suites)), make([]error, len(suites))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, s := range suites {
		g.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			failures[i] = j.show.Step(ctx, s.name, func(ctx context.Context, step *report.Step) error {
				var err error
				totals[i], err = j.runSuite(ctx, step, s)
				step.Detail(totals[i].String())
				return err
			})
			return nil
		})
	}
	_ = g.Wait()
	if ctx.Err() != nil {
		return ctx.Err() // also when a suite was done just before
	}
	var total counts
	for i, c := range totals {
		if failures[i] != nil && c.failed == 0 {
			c.failed = 1 // it did not come so far as to run its tests
		}
		total = total.add(c)
	}
	fmt.Fprintf(j.out, "\n%s\n", total)
	return errors.Join(failures...)
}

func (j *job) runSuite(ctx context.Context, step *report.Step, s suite) (counts, error) {
	if s.ready != nil {
		if err := s.ready(ctx, step); err != nil {
			return counts{}, err
		}
	}
	if s.lines == nil {
		return j.goTest(ctx, step, s)
	}
	var out bytes.Buffer
	s.cmd.Stdout = io.MultiWriter(&out, step.Log())
	s.cmd.Stderr = step.Log()
	err := j.run(ctx, s.cmd)
	c := wordCounts(out.String(), s.lines)
	if err == nil && c == (counts{}) {
		err = errors.New("running tests: not one was found")
	}
	return c, err
}

// goTest shows each test that fails as it happens, and keeps the rest quiet.
func (j *job) goTest(ctx context.Context, step *report.Step, s suite) (counts, error) {
	r, w := io.Pipe()
	cmd := s.cmd
	var c counts
	var slow slowest
	read := make(chan error, 1)
	go func() {
		var err error
		c, err = goCounts(r, step.Log(), watched{
			begun: func(c counts, test string) { step.Detail(fmt.Sprintf("%d passed, in %s", c.passed, test)) },
			ended: slow.add,
		})
		_ = r.CloseWithError(err) // or go test would wait for ever to be read
		read <- err
	}()
	cmd.Stdout, cmd.Stderr = w, step.Log()
	err := j.run(ctx, cmd)
	_ = w.Close()
	if rerr := <-read; err == nil {
		err = rerr
	}
	if s.slow > 0 {
		fmt.Fprintln(j.out, slow.String(s.slow))
	}
	var tool *xbuild.ToolError
	if errors.As(err, &tool) {
		err = fmt.Errorf("running %q: %w", cmd.Name+" "+cmd.Args[0], tool.Err) // its output is JSON, and in the log as text
	}
	return c, err
}

func (j *job) suites() ([]suite, error) {
	cargo, err := j.tool("cargo")
	if err != nil {
		return nil, err
	}
	suites := []suite{
		{name: "go tests", cmd: xbuild.Cmd{Name: "go", Args: []string{"test", "-json", "./magefiles/..."}, Dir: j.root}},
		{
			name: "rust tests", lines: regexp.MustCompile(`^test result:`),
			cmd: xbuild.Cmd{Name: cargo, Args: []string{"test", "--locked"}, Dir: j.path(j.CLI.Dir)},
		},
	}
	if j.hasUI() {
		npm, err := j.tool("npm")
		if err != nil {
			return nil, err
		}
		suites = append(suites, suite{
			name: "ui tests", lines: regexp.MustCompile(`^\s*Tests\s`), ready: j.npmReady,
			cmd: xbuild.Cmd{Name: npm, Args: []string{"test"}, Dir: j.path(j.UI.Dir), Env: []string{"NO_COLOR=1"}},
		})
	}
	if j.Python.DevLock != "" {
		suites = append(suites, suite{
			name: "python tests", lines: regexp.MustCompile(` in [\d.]+s`), ready: j.testVenv,
			cmd: xbuild.Cmd{
				Name: j.venvPython(testVenv), Args: []string{"-m", "pytest", "-q", j.Python.Tests}, Dir: j.root,
				Env: []string{"PATH=" + filepath.Dir(j.pinned("uv")) + string(filepath.ListSeparator) + j.env("PATH")},
			},
		})
	}
	return suites, nil
}

// testVenv is apart from .venv: what the tests need must not be on the path of
// somebody who tries the server.
const testVenv = ".tools/venv-test"

func (j *job) testVenv(ctx context.Context, s *report.Step) error {
	_, _, err := j.venv(ctx, s, testVenv, j.Python.DevLock)
	return err
}

func (j *job) venvPython(dir string) string {
	return xbuild.Venv{Dir: j.path(dir), Host: j.host}.Python()
}

func (j *job) npmReady(ctx context.Context, s *report.Step) error {
	npm, err := j.tool("npm")
	if err != nil {
		return err
	}
	return xbuild.InstallUI(ctx, j.run, xbuild.UI{Dir: j.path(j.UI.Dir), Npm: npm, Log: s.Log(), Ledger: j.ledger()})
}
