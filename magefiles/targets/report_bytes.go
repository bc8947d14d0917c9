package targets

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// counter is bytes that went over the network.
type counter struct{ n atomic.Int64 }

// wire counts the bodies of requests or of answers on their way, and tells each
// time how many bytes it has been so far.
type wire struct {
	base    http.RoundTripper
	counter *counter
	up      bool
	tell    func(int64)
}

// downloads is a client whose answers are counted.
func (n *pageNotes) downloads(tell func(int64)) *http.Client {
	return &http.Client{Transport: wire{http.DefaultTransport, &n.fetched, false, tell}}
}

// uploading is the registry of a push, which shows how many bytes are on their way.
func (j *job) uploading(s *report.Step) oci.Remote {
	r := j.remoteFor(s, "sent", sentBytes)
	if r.Transport == nil {
		r.Transport = http.DefaultTransport
		if t, ok := r.Transport.(*http.Transport); ok {
			t = t.Clone()
			t.MaxIdleConnsPerHost = 50 // several blobs go over the wire at once
			r.Transport = t
		}
	}
	r.Transport = wire{r.Transport, &j.page.sent, true, func(n int64) { s.Detail(report.Bytes(n) + " sent") }}
	r.Waiting = func(w oci.Waiting) {
		fmt.Fprintf(s.Log(), "again in %s: %s\n", report.Duration(w.Wait), w.Cause)
		s.Detail(fmt.Sprintf("%s sent, again in %s", report.Bytes(j.page.sent.n.Load()), report.Duration(w.Wait)))
	}
	r.Progress = func(b oci.BlobDone) { j.page.blobs.n.Add(b.Sent) }
	return r
}

// RoundTrip is http.RoundTripper's.
func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if w.up && req.Body != nil && req.Body != http.NoBody && strings.Contains(req.URL.Path, "/blobs/uploads/") {
		body := &counted{req.Body, w}
		req = req.Clone(req.Context()) // a request is its caller's
		req.Body = body
	}
	resp, err := w.base.RoundTrip(req)
	if err == nil && !w.up && resp.Body != nil {
		resp.Body = &counted{resp.Body, w}
	}
	return resp, err
}

type counted struct {
	io.ReadCloser
	wire wire
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if n > 0 {
		c.wire.tell(c.wire.counter.n.Add(int64(n)))
	}
	return n, err
}
