package xbuild

import (
	"context"
	"errors"
	"io"
)

// UV is uv, and how it is run here.
type UV struct {
	Path    string    // the program
	Python  string    // the interpreter that uv itself works with; "" lets uv look for one
	Offline bool      // take everything from uv's cache
	Cache   string    // uv's cache folder; "" leaves that to uv
	Log     io.Writer // what it writes; nil discards
}

// Version is what "uv --version" says.
func (u UV) Version(ctx context.Context, run Runner) (string, error) {
	version, err := Output(ctx, run, Cmd{Name: u.Path, Args: []string{"--version"}})
	return version, u.explain(err)
}

// run runs uv. Its own configuration (index, proxy, certificates) stays in force; flags given here win over it. uv never fetches a
// Python: that would be one more unpinned download, from one more server.
func (u UV) run(ctx context.Context, run Runner, dir string, args ...string) error {
	log := u.Log
	if log == nil {
		log = io.Discard
	}
	if u.Offline {
		args = append(args, "--offline")
	}
	if u.Cache != "" {
		args = append(args, "--cache-dir", u.Cache)
	}
	env := []string{"UV_PYTHON_DOWNLOADS=never", "UV_NO_PROGRESS=1", "NO_COLOR=1"}
	return u.explain(run(ctx, Cmd{Name: u.Path, Args: args, Dir: dir, Env: env, Stdout: log, Stderr: log}))
}

// explain adds what is known about a failure of uv to its error.
func (u UV) explain(err error) error {
	var tool *ToolError
	if errors.As(err, &tool) {
		if hint := uvHint(tool.Output); hint != "" {
			tool.Hint = hint
		}
	}
	return err
}

// UVVersion is what uv says of its version, or said when its file was last another.
func (l Ledger) UVVersion(ctx context.Context, run Runner, uv UV) (string, error) {
	ask := func(ctx context.Context) (string, error) { return uv.Version(ctx, run) }
	return l.version(ctx, uv.Path, ask, "uv")
}
