package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// maxHeld is how much of an answer is read before it is handed on. All that is
// smaller (tokens, manifests, lists) is whole when the caller sees it.
const maxHeld = 1 << 20

type onceKey struct{}

// once marks requests that their sender repeats, in its own way.
func once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

// retryTransport repeats requests that may be repeated. It lies below the
// exchange of credentials for tokens, so that this is retried too, and 401 never.
type retryTransport struct {
	base     http.RoundTripper
	patience Patience
	tell     func(Waiting)
}

func (t *retryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if req.Body != nil && req.GetBody != nil {
		// Each attempt opens the body anew: the first one too, because a request
		// that was answered with 401 comes here a second time with its body read.
		defer req.Body.Close() //nolint:errcheck // nothing was written to it
	}
	alone := ctx.Value(onceKey{}) != nil || !repeatable(req)
	b := newBudget(t.patience, t.tell)
	for {
		resp, err := t.attempt(req, !alone)
		cause := err
		if err == nil && busyStatus(resp.StatusCode) && !alone {
			cause = failedAnswer(resp)
		}
		if cause == nil || alone || !mayPass(ctx, cause) {
			return resp, err
		}
		if err := b.again(ctx, cause); err != nil {
			return nil, err
		}
	}
}

// attempt is one round. Of a repeatable request the answer is read as far as it
// is small, and what is left of a large one can be asked for again.
func (t *retryTransport) attempt(req *http.Request, hold bool) (*http.Response, error) {
	out := req.Clone(req.Context())
	if req.Body != nil && req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		out.Body = body
	}
	resp, err := t.base.RoundTrip(out)
	if err != nil || !hold || req.Method != http.MethodGet || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	head, err := io.ReadAll(io.LimitReader(resp.Body, maxHeld))
	if err != nil {
		resp.Body.Close() //nolint:errcheck // the first error counts
		return nil, fmt.Errorf("reading the answer to %s %s: %w", req.Method, withoutQuery(req.URL), err)
	}
	if len(head) < maxHeld {
		resp.Body.Close() //nolint:errcheck // it was read to its end
		resp.Body = io.NopCloser(bytes.NewReader(head))
		return resp, nil
	}
	resp.Body = &resumed{transport: t, req: req, now: resp.Body, head: head}
	return resp, nil
}

// repeatable reports whether a request has the same effect when it is made
// twice. To begin an upload twice is harmless; to send a part of one is not.
func repeatable(req *http.Request) bool {
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return false
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		return true
	case http.MethodPut:
		return strings.Contains(req.URL.Path, "/manifests/")
	case http.MethodPost: // a token, or the begin of an upload
		return !strings.Contains(req.URL.Path, "/blobs/uploads/") || strings.HasSuffix(req.URL.Path, "/blobs/uploads/")
	}
	return false
}

// failedAnswer reads an answer that says to come back later.
func failedAnswer(resp *http.Response) error {
	err := transport.CheckError(resp, http.StatusOK)
	resp.Body.Close() //nolint:errcheck // it was read
	return busy(resp, err)
}

// busy adds to an error what the registry says of when to come back.
func busy(resp *http.Response, err error) error {
	var answer *transport.Error
	if errors.As(err, &answer) && busyStatus(answer.StatusCode) {
		return &busyError{err: err, after: retryAfter(resp.Header, time.Now())}
	}
	return err
}
