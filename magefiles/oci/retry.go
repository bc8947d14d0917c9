package oci

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Patience says how long a registry is waited for. The zero value is right for
// registries on the internet.
type Patience struct {
	// Attempts is how often one request is made, or one blob is sent; 0 is 6.
	Attempts int

	// Total is how long the waits between them may be, all together; 0 is five
	// minutes. A registry that asks for more (Retry-After) is given up at once.
	Total time.Duration

	// First is the wait before the second attempt; 0 is one second. Each further
	// one is twice as long, up to Longest; 0 is 30 seconds.
	First, Longest time.Duration

	// Idle is how long a connection may move no byte; 0 is one minute. There is
	// no limit on how long a transfer takes that moves.
	Idle time.Duration
}

func (p Patience) orDefault() Patience {
	if p.Attempts <= 0 {
		p.Attempts = 6
	}
	for _, d := range []struct {
		at       *time.Duration
		fallback time.Duration
	}{{&p.Total, 5 * time.Minute}, {&p.First, time.Second}, {&p.Longest, 30 * time.Second}, {&p.Idle, time.Minute}} {
		if *d.at <= 0 {
			*d.at = d.fallback
		}
	}
	return p
}

// Waiting tells of an attempt that has failed and of the wait before the next.
type Waiting struct {
	Cause string // without credentials
	Wait  time.Duration
}

// budget counts the attempts at one thing and the time that they take.
type budget struct {
	patience Patience
	tell     func(Waiting)
	began    time.Time
	attempts int
	waited   time.Duration
}

func newBudget(p Patience, tell func(Waiting)) *budget {
	return &budget{patience: p.orDefault(), tell: tell, began: time.Now()}
}

// again is called after an attempt has failed with a cause that may pass. It
// waits; or it returns the error to give up with.
func (b *budget) again(ctx context.Context, cause error) error {
	b.attempts++
	if b.attempts >= attemptsAt(cause, b.patience.Attempts) {
		return b.giveUp(cause, "")
	}
	wait := b.wait(cause)
	if b.waited+wait > b.patience.Total {
		return b.giveUp(cause, fmt.Sprintf("; the next would be in %s, and that is too long to wait", seconds(wait)))
	}
	if b.tell != nil {
		b.tell(Waiting{Cause: redact(cause.Error()), Wait: wait})
	}
	b.waited += wait
	if err := sleep(ctx, wait); err != nil {
		return b.giveUp(fmt.Errorf("%w, while waiting after: %w", err, cause), "")
	}
	return nil
}

// wait is what the registry asks for, or else twice as long as the last time.
// Clients that have failed together shall not come back together.
func (b *budget) wait(cause error) time.Duration {
	wait := min(b.patience.First<<min(b.attempts-1, 20), b.patience.Longest)
	wait = wait/2 + rand.N(wait/2+1)
	var asked *busyError
	if errors.As(cause, &asked) && asked.after > 0 {
		wait = max(wait, asked.after+rand.N(min(asked.after/10, time.Second)+1))
	}
	return wait
}

func (b *budget) giveUp(cause error, note string) error {
	var inner *gaveUp
	if errors.As(cause, &inner) {
		return cause
	}
	return &gaveUp{err: cause, attempts: b.attempts, took: time.Since(b.began), note: note}
}

// gaveUp is what is left when a budget is spent. Who gets it does not begin anew.
type gaveUp struct {
	err      error
	attempts int
	took     time.Duration
	note     string
}

func (e *gaveUp) Unwrap() error { return e.err }
func (e *gaveUp) Error() string {
	times := "attempts"
	if e.attempts == 1 {
		times = "attempt"
	}
	return fmt.Sprintf("%v (after %d %s in %s%s)", e.err, e.attempts, times, seconds(e.took), e.note)
}

// busyError is an answer after which a registry may be asked again.
type busyError struct {
	err   error
	after time.Duration // that it asks for; 0 if it does not say
}

func (e *busyError) Error() string { return e.err.Error() }
func (e *busyError) Unwrap() error { return e.err }

func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
