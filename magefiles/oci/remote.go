package oci

import (
	"context"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Remote says how to talk to registries. The zero value is right for people:
// credentials from Docker's configuration and its helpers, HTTPS everywhere but
// on this machine.
type Remote struct {
	// Keychain finds credentials; nil is authn.DefaultKeychain. See [Keychain].
	Keychain authn.Keychain

	// Transport carries the requests; nil is remote.DefaultTransport. Requests
	// are repeated above it, as Patience says: it should not do so itself.
	Transport http.RoundTripper

	// Jobs is how many blobs go over the wire at the same time; 0 is four.
	Jobs int

	// Patience says how long a registry is waited for.
	Patience Patience

	// Progress, if set, hears of each blob that is in the registry. It is never
	// called by two goroutines at once.
	Progress func(BlobDone)

	// Waiting, if set, hears of each attempt that has failed and will be repeated.
	// Several goroutines may call it at once.
	Waiting func(Waiting)
}

// BlobDone tells of a blob that the registry now has.
type BlobDone struct {
	Digest string
	Size   int64 // in bytes
	Sent   int64 // 0 if the registry had the blob, or could mount it from another repository
}

func (r Remote) keychain() authn.Keychain {
	if r.Keychain != nil {
		return r.Keychain
	}
	return authn.DefaultKeychain
}

func (r Remote) jobs() int {
	if r.Jobs > 0 {
		return r.Jobs
	}
	return 4
}

// transport puts together what each request goes through: it is repeated if it
// may be, answers are cleaned of credentials, and it ends when nothing moves. The
// keychain that comes with it tells what credentials there are.
func (r Remote) transport() (http.RoundTripper, authn.Keychain) {
	base := r.Transport
	if base == nil {
		base = remote.DefaultTransport
	}
	patience := r.Patience.orDefault()
	discreet := &discreetTransport{
		base:    &idleTransport{base: base, idle: patience.Idle},
		secrets: map[string]bool{},
	}
	return &retryTransport{base: discreet, patience: patience, tell: r.Waiting}, learningKeychain{r.keychain(), discreet}
}

// options are for the calls of go-containerregistry. Its own retries are off:
// they would multiply with ours, and do not end with their context.
func (r Remote) options(ctx context.Context) []remote.Option {
	transport, keychain := r.transport()
	return []remote.Option{
		remote.WithContext(ctx),
		remote.WithAuthFromKeychain(keychain),
		remote.WithTransport(transport),
		remote.WithJobs(r.jobs()),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}),
		remote.WithRetryStatusCodes(),
		remote.WithRetryPredicate(func(error) bool { return false }),
	}
}
