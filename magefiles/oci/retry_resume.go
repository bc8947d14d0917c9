package oci

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// resumed is the body of a large answer. When the connection is lost it asks for
// the rest (RFC 9110, section 14.2). Blobs have digests, and whoever reads one
// compares it: should the rest not fit to the beginning, that shows.
type resumed struct {
	transport *retryTransport
	req       *http.Request
	now       io.ReadCloser
	head      []byte // was read already
	offset    int64
	moved     bool // since the connection was lost last
	budget    *budget
}

func (r *resumed) Close() error { return r.now.Close() }

func (r *resumed) Read(p []byte) (int, error) {
	if len(r.head) > 0 {
		n := copy(p, r.head)
		r.head, r.offset = r.head[n:], r.offset+int64(n)
		return n, nil
	}
	for {
		n, err := r.now.Read(p)
		r.offset += int64(n)
		r.moved = r.moved || n > 0
		if n > 0 || err == nil || err == io.EOF || !mayPass(r.req.Context(), err) {
			return n, err
		}
		if err := r.resume(err); err != nil {
			return 0, err
		}
	}
}

// resume opens the rest. The budget is a new one whenever something came.
func (r *resumed) resume(cause error) error {
	if r.moved || r.budget == nil {
		r.budget, r.moved = newBudget(r.transport.patience, r.transport.tell), false
	}
	r.now.Close() //nolint:errcheck // the connection is lost
	for {
		if err := r.budget.again(r.req.Context(), cause); err != nil {
			return err
		}
		req := r.req.Clone(r.req.Context())
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", r.offset))
		resp, err := r.transport.base.RoundTrip(req)
		if err == nil {
			if err = r.take(resp); err == nil {
				return nil
			}
			resp.Body.Close() //nolint:errcheck // the first error counts
		}
		if !mayPass(r.req.Context(), err) {
			return fmt.Errorf("reading the rest after %d bytes: %w", r.offset, err)
		}
		cause = err
	}
}

// take continues with an answer, which may have all the bytes again.
func (r *resumed) take(resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusPartialContent:
		if from, ok := rangeStart(resp.Header.Get("Content-Range")); !ok || from != r.offset {
			return fmt.Errorf("asking for the bytes after %d: the answer is for %q", r.offset, resp.Header.Get("Content-Range"))
		}
	case http.StatusOK:
		if _, err := io.CopyN(io.Discard, resp.Body, r.offset); err != nil {
			return err
		}
	default:
		return failedAnswer(resp)
	}
	r.now = resp.Body
	return nil
}

// rangeStart reads "bytes 5-9/10".
func rangeStart(s string) (int64, bool) {
	s, ok := strings.CutPrefix(s, "bytes ")
	from, _, dash := strings.Cut(s, "-")
	n, err := strconv.ParseInt(from, 10, 64)
	return n, ok && dash && err == nil
}
