package oci

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// idleTransport ends a request when no byte has moved for a while. A limit on
// the whole request would be wrong for every size but one.
type idleTransport struct {
	base http.RoundTripper
	idle time.Duration
}

// idleError is a net.Error that has timed out.
type idleError struct{ idle time.Duration }

func (e *idleError) Error() string {
	return fmt.Sprintf("the other side has moved no byte for %s", seconds(e.idle))
}
func (e *idleError) Timeout() bool   { return true }
func (e *idleError) Temporary() bool { return true }

func (t *idleTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	w := &watch{ctx: ctx}
	w.timer = time.AfterFunc(t.idle, func() { cancel(&idleError{t.idle}) })
	out := req.WithContext(ctx)
	if req.Body != nil && req.Body != http.NoBody {
		out.GetBody = nil // net/http would open it again past us
		out.Body = &watchedRequest{ReadCloser: req.Body, watch: w, idle: t.idle}
	}
	resp, err := t.base.RoundTrip(out)
	w.stop()
	if err != nil {
		err = w.cause(err)
		cancel(nil)
		return nil, err
	}
	resp.Body = &watchedResponse{ReadCloser: resp.Body, watch: w, idle: t.idle, cancel: cancel}
	return resp, nil
}

// watch is the timer of one request.
type watch struct {
	ctx context.Context //nolint:containedctx // of the one request that is watched

	mu       sync.Mutex
	timer    *time.Timer
	answered bool // the rest of the request's body, if any, is of no interest
}

// allow sets how long the next byte may take, as far as the answer has not come.
func (w *watch) allow(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.answered {
		w.timer.Reset(d)
	}
}

// stop is called when the answer is there.
func (w *watch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answered = true
	w.timer.Stop()
}

// cause puts in the place of "context canceled" why it was.
func (w *watch) cause(err error) error {
	var idle *idleError
	if errors.As(context.Cause(w.ctx), &idle) {
		return idle
	}
	return err
}

// watchedRequest is asked for the next bytes when the last ones were taken. After
// the end the registry stores what it got, and hashes it: that takes longer the
// more it is.
type watchedRequest struct {
	io.ReadCloser
	watch *watch
	idle  time.Duration
	n     int64
}

const storedPerIdle = 64 << 20 // bytes that the slowest registry stores in one idle time

func (r *watchedRequest) Read(p []byte) (int, error) {
	r.watch.allow(time.Hour) // our own disk may be slow
	n, err := r.ReadCloser.Read(p)
	r.n += int64(n)
	wait := r.idle
	if err != nil {
		wait *= time.Duration(1 + r.n/storedPerIdle)
	}
	r.watch.allow(wait)
	return n, err
}

// watchedResponse is watched while somebody reads, and not between.
type watchedResponse struct {
	io.ReadCloser
	watch  *watch
	idle   time.Duration
	cancel context.CancelCauseFunc
}

func (r *watchedResponse) Read(p []byte) (int, error) {
	r.watch.timer.Reset(r.idle)
	n, err := r.ReadCloser.Read(p)
	r.watch.timer.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		err = r.watch.cause(err)
	}
	return n, err
}

func (r *watchedResponse) Close() error {
	r.watch.timer.Stop()
	err := r.ReadCloser.Close()
	r.cancel(nil)
	return err
}
