package xbuild

import (
	"context"
	"errors"
	"io"
	"regexp"
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

// uvHint returns the cure for a failure of uv that is known from the output; else "".
func uvHint(output string) string {
	known := []knownFailure{
		{regexp.MustCompile(`No space left on device|os error 28\)|os error 112\)`), "the disk is full: free some space (uv cache prune gives back what uv does not need), then run this again"},
		{
			regexp.MustCompile(`Hash mismatch for`),
			"the package index gave something else than what the lock pins: do not install it; find out why, then compile the lock anew",
		},
		{
			regexp.MustCompile(`must have a hash, but none were provided|must have their versions pinned`),
			"compile the lock with hashes: uv pip compile --universal --generate-hashes",
		},
		{
			regexp.MustCompile(`there is no version of`),
			"the package index has no such version: it was withdrawn, or this is another index than the one that the lock was made with; check uv's index settings, or compile the lock anew",
		},
		{regexp.MustCompile(`the network was disabled|not found in the cache`), "uv's cache lacks a package: run this once with the network"},
		{
			regexp.MustCompile(`error sending request|dns error|tcp connect error|failed to lookup address|operation timed out|tunnel error|invalid peer certificate`),
			"the package index was not reached: check the network, the proxy, and uv's index settings (UV_DEFAULT_INDEX, uv.toml; uv does not read those of pip)",
		},
		{regexp.MustCompile(`[Nn]o interpreter found|No Python at|not a valid Python`), "uv found no Python to work with: install one, or name it"},
		{regexp.MustCompile(`Permission denied|Read-only file system|os error 13\)`), "that folder may not be written to: check who owns it and uv's cache (uv cache dir)"},
	}
	for _, k := range known {
		if k.sign.MatchString(output) {
			return k.hint
		}
	}
	return ""
}
