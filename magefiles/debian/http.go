package debian

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"syscall"
	"time"
)

const (
	tries     = 3
	firstWait = 500 * time.Millisecond // doubled for each further try, and jittered
	startup   = 60 * time.Second       // for name resolution, connection and answer
	slowest   = 16 << 10               // bytes per second that a mirror has to deliver at least
)

// fetch asks for one URL, a few times if it fails in a way that passes, and gives
// the body and its announced length (-1 if unknown) to use.
func (f Fetcher) fetch(ctx context.Context, url string, size int64, use func(io.Reader, int64) error) error {
	var err error
	for try := range tries {
		if try > 0 {
			wait := cmp.Or(f.wait, firstWait) << (try - 1)
			wait += rand.N(wait)
			select {
			case <-ctx.Done():
				return fmt.Errorf("fetching %q: %w", redacted(url), context.Cause(ctx))
			case <-time.After(wait):
			}
		}
		err = f.once(ctx, url, size, use)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || !temporary(err) {
			break
		}
	}
	if hint := cure(err); hint != "" {
		return fmt.Errorf("fetching %q: %w; %s", redacted(url), err, hint)
	}
	return fmt.Errorf("fetching %q: %w", redacted(url), err)
}

func (f Fetcher) once(ctx context.Context, url string, size int64, use func(io.Reader, int64) error) error {
	ctx, cancel := context.WithTimeout(ctx, startup+time.Duration(size/slowest)*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// Hashes are of the file as it is stored: no transparent decompression.
	req.Header.Set("Accept-Encoding", "identity")
	client := f.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return unwrapURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return statusError(resp.StatusCode)
	}
	return use(resp.Body, resp.ContentLength)
}

// unwrapURL drops net/http's own repetition of the URL.
func unwrapURL(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

type statusError int

func (s statusError) Error() string {
	return fmt.Sprintf("the mirror answers %d %s", int(s), http.StatusText(int(s)))
}

func isGone(err error) bool {
	var status statusError
	return errors.As(err, &status) && (status == http.StatusNotFound || status == http.StatusGone)
}

// temporary reports whether the same request may well succeed in a second.
func temporary(err error) bool {
	var status statusError
	if errors.As(err, &status) {
		return status >= 500 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests
	}
	var netErr net.Error
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return dns.IsTemporary && !dns.IsNotFound
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return true
	}
	return errors.As(err, &netErr) && netErr.Timeout()
}

// cure is what a person can do about a fault of the network.
func cure(err error) string {
	var (
		dns    *net.DNSError
		dial   *net.OpError
		cert   *tls.CertificateVerificationError
		status statusError
		netErr net.Error
	)
	switch {
	case errors.As(err, &cert):
		return "behind a company's proxy, its CA has to be in this host's trust store"
	case errors.As(err, &status) && status == http.StatusProxyAuthRequired:
		return "put the proxy's user and password into HTTPS_PROXY and HTTP_PROXY"
	case errors.As(err, &status) && isGone(err):
		return ""
	case errors.As(err, &status):
		return "use another mirror"
	case errors.As(err, &dns), errors.As(err, &dial):
		return "is this host online? A proxy is set by HTTPS_PROXY and HTTP_PROXY, another mirror may answer"
	case errors.As(err, &netErr) && netErr.Timeout():
		return "the network or the mirror is too slow, use another mirror"
	}
	return ""
}
