package oci

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// maxRefused is how often a host is called that answers with a refusal: one that
// starts anew is back soon, and a mistyped port should be heard of soon.
const maxRefused = 3

func attemptsAt(cause error, most int) int {
	if refused(cause) {
		return min(most, maxRefused)
	}
	return most
}

func refused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// mayPass reports whether the same request may succeed a little later. What the
// registry has understood and refused (400, 401, 403, 404) never does.
func mayPass(ctx context.Context, err error) bool {
	var done *gaveUp
	if err == nil || ctx.Err() != nil || errors.As(err, &done) {
		return false
	}
	var answer *transport.Error
	if errors.As(err, &answer) {
		return busyStatus(answer.StatusCode)
	}
	return connectionLost(err)
}

// busyStatus reports whether a status speaks of the registry, or of what stands
// before it, and not of the request. 499 is nginx's word for a lost client.
func busyStatus(code int) bool {
	switch code {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, 499:
		return true
	}
	return code >= 500
}

// connectionLost reports whether an error of net/http is one of the network.
func connectionLost(err error) bool {
	for _, lost := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE} {
		if errors.Is(err, lost) {
			return true
		}
	}
	var name *net.DNSError
	if errors.As(err, &name) {
		return !name.IsNotFound
	}
	var timed net.Error
	if errors.As(err, &timed) && timed.Timeout() {
		return true
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op == "read" || op.Op == "write" || op.Op == "dial"
	}
	// The errors of HTTP/2 in net/http have no types to ask for.
	text := err.Error()
	return slices.ContainsFunc([]string{
		"stream error: stream ID", "server sent GOAWAY", "http2: client connection lost",
		"server closed idle connection", "transport connection broken",
	}, func(part string) bool { return strings.Contains(text, part) })
}

// statusOf is the HTTP status of an error, 0 if it is another.
func statusOf(err error) int {
	var answer *transport.Error
	if errors.As(err, &answer) {
		return answer.StatusCode
	}
	return 0
}

// says reports whether the registry has answered with one of these error codes
// of the OCI distribution specification.
func says(err error, codes ...transport.ErrorCode) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && slices.ContainsFunc(answer.Errors, func(d transport.Diagnostic) bool {
		return slices.Contains(codes, d.Code)
	})
}

// retryAfter reads the header of RFC 9110, section 10.2.3: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		return max(0, time.Duration(n)*time.Second)
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
