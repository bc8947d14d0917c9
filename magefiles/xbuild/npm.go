package xbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// npmProject is a folder with a package.json and a package-lock.json, and the programs to work on it.
type npmProject struct {
	dir     string
	npm     string
	tools   string // the versions of Node.js and npm, once they were asked
	log     io.Writer
	run     Runner
	ledger  Ledger
	lastOut bytes.Buffer // what npm ci wrote, in case its warnings explain a later failure
}

// ask asks Node.js and npm for their versions, side by side, since npm needs a fifth of a second.
func (p *npmProject) ask(ctx context.Context, node string) error {
	var npmVersion string
	npmErr := make(chan error, 1)
	go func() {
		var err error
		npmVersion, err = p.ledger.version(ctx, p.npm, func(ctx context.Context) (string, error) {
			return Output(ctx, p.run, p.cmd("--version"))
		}, "npm-cli.js")
		npmErr <- err
	}()
	version, err := p.ledger.version(ctx, node, func(ctx context.Context) (string, error) {
		return Output(ctx, p.run, Cmd{Name: node, Args: []string{"--version"}})
	}, "node", "nodejs")
	if nerr := <-npmErr; nerr != nil {
		return fmt.Errorf("asking for the version of npm: %w", npmExplain(nerr, ""))
	}
	if err != nil {
		return fmt.Errorf("asking for the version of Node.js: %w", npmExplain(err, ""))
	}
	p.tools = "node " + version + " npm " + npmVersion
	return nil
}

// install makes node_modules fit the lock, unless it does so already: its stamp lies inside it, so it goes when node_modules
// goes, and npm itself removes it before it begins.
func (p *npmProject) install(ctx context.Context) error {
	parts := []string{p.tools, runtime.GOOS, runtime.GOARCH}
	for _, name := range []string{"package.json", "package-lock.json", ".npmrc"} {
		key, err := fileKey(filepath.Join(p.dir, name))
		if err != nil {
			return fmt.Errorf("reading what to install: %w", err)
		}
		parts = append(parts, key)
	}
	key, stamp := Key(parts...), filepath.Join(p.dir, "node_modules", ".installed-key")
	if readStamp(stamp) == key {
		return nil
	}
	if err := dropStamp(stamp); err != nil {
		return err
	}
	// Development and optional packages are named because a NODE_ENV=production or an omit= in somebody's configuration would
	// leave out the build tool itself, or its native half.
	err := p.exec(ctx, &p.lastOut, "ci", "--no-audit", "--no-fund", "--include=dev", "--include=optional")
	if err != nil {
		return fmt.Errorf("installing the packages of %q: %w", p.dir, err)
	}
	// npm ends well even when it could not write files (seen with npm 11 on a full disk).
	if out := p.lastOut.String(); strings.Contains(out, "TAR_ENTRY_ERROR") {
		err := &ToolError{Cmd: p.cmd("ci"), Output: out, Hint: npmHint(out), Err: errors.New("it could not unpack every file, though it ended as if it had")}
		return fmt.Errorf("installing the packages of %q: %w", p.dir, err)
	}
	if _, err := os.Stat(filepath.Dir(stamp)); err != nil {
		return nil // a project without packages, or a dry run
	}
	return writeStamp(stamp, key)
}

// script runs a script of package.json; args go to the end of its last command.
func (p *npmProject) script(ctx context.Context, name string, args ...string) error {
	return p.exec(ctx, nil, append([]string{"run", name, "--"}, args...)...)
}

func (p *npmProject) cmd(args ...string) Cmd {
	return Cmd{Name: p.npm, Args: args, Dir: p.dir, Env: []string{"NO_COLOR=1", "FORCE_COLOR=0", "NODE_ENV=production"}}
}

func (p *npmProject) exec(ctx context.Context, keep *bytes.Buffer, args ...string) error {
	cmd := p.cmd(args...)
	cmd.Stdout = p.log
	if keep != nil {
		keep.Reset()
		cmd.Stdout = io.MultiWriter(p.log, keep)
	}
	cmd.Stderr = cmd.Stdout
	return npmExplain(p.run(ctx, cmd), p.lastOut.String())
}

// npmExplain adds what is known about a failure of npm to its error, and takes out of the shown output what hides the cause.
func npmExplain(err error, before string) error {
	var tool *ToolError
	if !errors.As(err, &tool) {
		return err
	}
	switch hint := npmHint(tool.Output + "\n" + before); {
	case tool.ExitStatus() == 127 || errors.Is(err, fs.ErrNotExist):
		tool.Hint = "install Node.js, which brings npm, and have both on the PATH"
	case hint != "":
		tool.Hint = hint
	}
	tool.Output = npmEssence(tool.Output)
	return err
}

// npmEssence leaves out of an output the traces of JavaScript's stack and npm's help, which follow the cause and would be all
// that is seen of it.
func npmEssence(output string) string {
	trace := regexp.MustCompile(`^(npm error)?\s+(at .*|\.\.\. \d+ lines matching cause stack trace \.\.\.)$`)
	var lines []string
	usage := false
	for line := range strings.Lines(output) {
		usage = usage || strings.HasPrefix(line, "npm error Usage:")
		if usage && !strings.HasPrefix(line, "npm error A complete log") || trace.MatchString(strings.TrimRight(line, "\r\n")) {
			continue
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "")
}
