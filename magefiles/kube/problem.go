package kube

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What keeps a cluster from doing what it is asked; errors of this package wrap
// one of them where the cause is recognised.
var (
	ErrUnreachable  = errors.New("the cluster does not answer")
	ErrForbidden    = errors.New("the cluster forbids it")
	ErrUnauthorized = errors.New("the cluster does not accept your credentials")
	ErrNotFound     = errors.New("it is not there")
	ErrConflict     = errors.New("another manager owns a field")
)

// Problem is a question that kubectl could not get answered.
type Problem struct {
	Doing string // "reading the nodes"
	Says  string // kubectl's own words, without its noise
	Kind  error  // one of the errors above; nil if it was not recognised
	Err   error
}

// Error is what was being done, and kubectl's words.
func (p *Problem) Error() string {
	if p.Kind != nil && !errors.Is(p.Kind, ErrNotFound) && !errors.Is(p.Kind, ErrConflict) {
		return fmt.Sprintf("%s: %v: %s", p.Doing, p.Kind, p.Says)
	}
	return p.Doing + ": " + p.Says
}

// Unwrap gives the kind and the cause.
func (p *Problem) Unwrap() []error {
	if p.Kind == nil {
		return []error{p.Err}
	}
	return []error{p.Kind, p.Err}
}

// Cure is what to do about it.
func (p *Problem) Cure() string {
	switch {
	case errors.Is(p.Kind, ErrUnreachable):
		return "is the cluster running, and can it be reached from here? kubectl cluster-info"
	case errors.Is(p.Kind, ErrUnauthorized):
		return "log in to the cluster again, as its provider describes"
	case errors.Is(p.Kind, ErrForbidden):
		return "ask for the right in that namespace (ClusterRole \"edit\" is enough), or name another with -namespace"
	}
	return ""
}

// problem reads why kubectl failed. The context's own end is returned as it is.
func problem(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", doing, context.Cause(ctx))
	}
	text := err.Error()
	var own interface{ Stderr() string }
	if errors.As(err, &own) && strings.TrimSpace(own.Stderr()) != "" {
		text = own.Stderr()
	}
	return &Problem{Doing: doing, Says: telling(text), Kind: kindOf(text), Err: err}
}

func kindOf(text string) error {
	for _, k := range []struct {
		kind  error
		words []string
	}{
		{ErrForbidden, []string{"(Forbidden)", "is forbidden:"}},
		{ErrUnauthorized, []string{"(Unauthorized)", "must be logged in", "getting credentials", "provide credentials"}},
		{ErrConflict, []string{"conflict with ", "conflicts with "}},
		{ErrNotFound, []string{"(NotFound)", "not found"}},
		{ErrUnreachable, []string{
			"Unable to connect", "was refused", "connection refused", "no such host", "i/o timeout", "TLS handshake timeout", "connection reset",
			"deadline exceeded", "Client.Timeout", "ServiceUnavailable", "unexpected EOF", ": EOF", "server is currently unable", "apiserver not ready", "shutting down",
			"http2: client connection lost", "etcdserver:", "network is unreachable", "(InternalError)",
		}},
	} {
		if slices.ContainsFunc(k.words, func(w string) bool { return strings.Contains(text, w) }) {
			return k.kind
		}
	}
	return nil
}

// klog is the head of a line that kubectl's libraries write for programmers.
var klog = regexp.MustCompile(`^[EWIF]\d{4} \d\d:\d\d:\d\d`)

// telling are the lines for people in what kubectl wrote: no logging, no
// warnings, nothing twice, and five lines at the most.
func telling(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || klog.MatchString(line) || strings.HasPrefix(line, "Warning:") || slices.Contains(lines, line) {
			continue
		}
		lines = append(lines, strings.TrimPrefix(line, "error: "))
	}
	if len(lines) > 5 {
		lines = append(lines[:5], fmt.Sprintf("(and %d more lines)", len(lines)-5))
	}
	if len(lines) == 0 {
		return strings.TrimSpace(text)
	}
	return Redact(strings.Join(lines, "\n  "))
}
