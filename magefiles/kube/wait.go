package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// How a rollout can end other than well. Wait's errors wrap one of them.
var (
	ErrFailed   = errors.New("the rollout failed")
	ErrTimeout  = errors.New("the rollout took too long")
	ErrReplaced = errors.New("another deployment has replaced this one")
)

// Goal is what Wait waits for.
type Goal struct {
	Image string        // that a container has to have; empty takes any
	Limit time.Duration // for all of it
}

// pause is the time between two looks.
const pause = time.Second

// Wait looks at the Deployment until it is done, has failed, or is somebody
// else's. see hears of every look; a look that failed for a while (an API server
// that restarts) comes with its error, and the state before. The last state seen
// is returned, with an error too.
func (c Cluster) Wait(ctx context.Context, g Goal, see func(State, error)) (State, error) {
	until := time.Now().Add(g.Limit)
	var last State
	var silent error
	template := ""
	for {
		s, err := c.State(ctx)
		switch {
		case ctx.Err() != nil:
			return last, ctx.Err()
		case errors.Is(err, ErrUnreachable):
			silent = err
			see(last, err)
		case err != nil:
			return last, err
		default:
			last, silent = s, nil
			see(s, nil)
			if template == "" {
				template = s.Template
			}
			if done, err := g.reached(s, template); done || err != nil {
				return s, err
			}
		}
		if time.Now().After(until) {
			return last, g.late(last, silent)
		}
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// reached decides about one look. template is the pod template of the first.
func (g Goal) reached(s State, template string) (bool, error) {
	switch {
	case !s.Exists:
		return false, fmt.Errorf("%w: somebody has deleted the deployment meanwhile", ErrReplaced)
	case s.Template != template || g.Image != "" && !slices.Contains(s.Images, g.Image):
		return false, fmt.Errorf("%w: revision %d runs %v", ErrReplaced, s.Revision, s.Images)
	case s.Done():
		return true, nil
	case s.Stalled != "":
		return false, fmt.Errorf("%w: %s (%s)", ErrFailed, s.Stalled, s.Progress())
	}
	for _, p := range s.Pods {
		if why := p.Hopeless(); why != "" && !p.Ending {
			return false, fmt.Errorf("%w: pod %s will not run: %s", ErrFailed, p.Name, why)
		}
	}
	return false, nil
}

func (g Goal) late(s State, silent error) error {
	if silent != nil {
		return fmt.Errorf("%w: nothing was heard of it at the end of %s: %w", ErrTimeout, g.Limit, silent)
	}
	why := ""
	if s.Trouble != "" {
		why = ": " + s.Trouble
	}
	return fmt.Errorf("%w: after %s, %s%s", ErrTimeout, g.Limit, s.Progress(), why)
}

// Rollback goes back to a revision and waits until it serves. Both are tried
// again while the API server is away.
func (c Cluster) Rollback(ctx context.Context, revision int64, limit time.Duration, see func(State, error)) (State, error) {
	until := time.Now().Add(limit)
	for {
		err := c.Undo(ctx, revision)
		if err == nil {
			return c.Wait(ctx, Goal{Limit: time.Until(until)}, see)
		}
		if !errors.Is(err, ErrUnreachable) || time.Now().After(until) {
			return State{}, err
		}
		select {
		case <-ctx.Done():
			return State{}, ctx.Err()
		case <-time.After(pause):
		}
	}
}
