package xbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// grace is how long a cancelled command may take to end by itself. mage's main
// exits 5 s after Ctrl-C, so the kill has to come well before that.
const grace = 3 * time.Second

// Cmd is a command as data. Arguments go to the program as they are: no shell,
// no expansion of $ or *.
type Cmd struct {
	Name   string   // a path, or a name looked up on the PATH of the environment it gets
	Args   []string // without the name
	Dir    string   // "" is the current folder
	Env    []string // KEY=value, added to the Runner's environment; the last of a key wins
	Stdin  io.Reader
	Stdout io.Writer // nil discards
	Stderr io.Writer // nil discards; may be the same as Stdout
}

// Runner runs a command, or pretends to: Exec, DryRun and Recorder.Run are
// Runners. It returns a *ToolError when the command could not be run or failed.
type Runner func(context.Context, Cmd) error

// Exec returns the Runner that really runs commands. base is the environment,
// as os.Environ gives it; it is copied.
//
// A command gets its own process group, so that ending ctx ends all of it:
// first asked (SIGTERM, or Ctrl-Break on Windows), after 3 s killed. The
// exception is a command whose Stdin is a file: it may be talking to a person
// at the terminal (sudo asking for a password), which only works in the
// terminal's own group; then ending ctx ends the command alone.
func Exec(base []string) Runner {
	base = slices.Clone(base)
	return func(ctx context.Context, c Cmd) error {
		out := new(tail)
		err := run(ctx, append(slices.Clone(base), c.Env...), c, out)
		if err == nil {
			return nil
		}
		te := &ToolError{Cmd: c, Output: out.String(), Err: err}
		if ctx.Err() != nil {
			te.Err = fmt.Errorf("%w (%w)", ctx.Err(), err)
		} else if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) || c.Dir != "" && !isDir(c.Dir) {
			te.Hint = missingHint(c)
		} else {
			te.Hint = toolHint(c, te.Output+"\n"+err.Error())
		}
		return te
	}
}

func run(ctx context.Context, env []string, c Cmd, out *tail) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	path, err := lookPath(c.Name, env)
	if err != nil {
		return err
	}
	cmd, g, err := start(ctx, path, env, c, out)
	if err != nil {
		return err
	}
	defer g.close()
	g.started()
	err = cmd.Wait()
	if ctx.Err() != nil {
		g.finish()
	}
	if errors.Is(err, exec.ErrWaitDelay) && ctx.Err() == nil {
		// The command itself is done; something it left running (a compiler
		// cache's server, say) still holds its output open. Not a failure.
		return nil
	}
	return err
}

// start starts a program. One that was written a moment ago may be "busy" for
// another moment: what we started meanwhile had its file open, too, until it was
// itself under way.
func start(ctx context.Context, path string, env []string, c Cmd, out *tail) (*exec.Cmd, *group, error) {
	for wait := 5 * time.Millisecond; ; wait *= 2 {
		cmd := exec.CommandContext(ctx, path, c.Args...)
		cmd.Dir, cmd.Env, cmd.Stdin = c.Dir, env, c.Stdin
		cmd.Stdout, cmd.Stderr = out.tee(c.Stdout), out.tee(c.Stderr)
		cmd.WaitDelay = grace + 500*time.Millisecond
		_, interactive := c.Stdin.(*os.File)
		g := newGroup(cmd, interactive)
		err := cmd.Start()
		if err == nil {
			return cmd, g, nil
		}
		g.close()
		if !errors.Is(err, syscall.ETXTBSY) || wait > time.Second {
			return nil, nil, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, err
		case <-time.After(wait):
		}
	}
}

// Output runs c and returns its standard output without surrounding space.
// c.Stdout, if set, gets a copy.
func Output(ctx context.Context, run Runner, c Cmd) (string, error) {
	var buf bytes.Buffer
	if c.Stdout != nil {
		c.Stdout = io.MultiWriter(&buf, c.Stdout)
	} else {
		c.Stdout = &buf
	}
	err := run(ctx, c)
	return strings.TrimSpace(buf.String()), err
}

// lookProgram finds a program on the PATH of env (KEY=value list), or checks
// that a path is one.
func lookProgram(name string, env []string) (string, error) {
	if strings.ContainsAny(name, pathSeparators()) {
		return exec.LookPath(name)
	}
	return lookPath(name, env)
}

// lookPath exists because exec.LookPath only knows the PATH of this process.
// Empty and relative entries of PATH are skipped: what runs must not depend on
// the folder.
func lookPath(name string, env []string) (string, error) {
	if name == "" {
		return "", errors.New("no command name")
	}
	if strings.ContainsAny(name, pathSeparators()) {
		return name, nil // relative to Dir, as the OS does it
	}
	for _, dir := range filepath.SplitList(getenv(env, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		// With a separator in it, exec.LookPath only checks that the file can
		// be executed and, on Windows, adds the extensions.
		if p, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return p, nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// exitStatus is the command's own status, 127 if it was not found, else 1.
func exitStatus(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode()
	}
	if errors.Is(err, exec.ErrNotFound) {
		return 127
	}
	return 1
}

func pathSeparators() string {
	if runtime.GOOS == "windows" {
		return `/\:`
	}
	return "/"
}

// getenv returns the last value of key; keys have no case on Windows.
func getenv(env []string, key string) string {
	for _, kv := range slices.Backward(env) {
		k, v, _ := strings.Cut(kv, "=")
		if k == key || runtime.GOOS == "windows" && strings.EqualFold(k, key) {
			return v
		}
	}
	return ""
}
