package xbuild

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
)

// DryRun returns a Runner that runs nothing and writes one line per command.
func DryRun(w io.Writer) Runner {
	var mu sync.Mutex
	return func(ctx context.Context, c Cmd) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		_, err := fmt.Fprintln(w, c)
		return err
	}
}

// Recorder remembers commands instead of running them. The zero value is
// ready; its Run method is a Runner that may be used by many goroutines.
type Recorder struct {
	// Reply, if set, answers a command: it may write to c.Stdout and c.Stderr
	// (never nil here) and return an error.
	Reply func(ctx context.Context, c Cmd) error

	mu   sync.Mutex
	cmds []Cmd
}

// Run is a Runner.
func (r *Recorder) Run(ctx context.Context, c Cmd) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.Args, c.Env = slices.Clone(c.Args), slices.Clone(c.Env)
	r.mu.Lock()
	r.cmds = append(r.cmds, c)
	r.mu.Unlock()
	if r.Reply == nil {
		return nil
	}
	if c.Stdout == nil {
		c.Stdout = io.Discard
	}
	if c.Stderr == nil {
		c.Stderr = io.Discard
	}
	return r.Reply(ctx, c)
}

// Cmds returns what was run so far, in order.
func (r *Recorder) Cmds() []Cmd {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.cmds)
}
