package oci

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// Remote says how to talk to registries. The zero value is right for people:
// credentials from Docker's configuration and its helpers, HTTPS everywhere but
// on this machine.
type Remote struct {
	// Keychain finds credentials; nil is authn.DefaultKeychain.
	Keychain authn.Keychain

	// Transport carries the requests; nil is remote.DefaultTransport.
	Transport http.RoundTripper

	// Jobs is how many blobs go over the wire at the same time; 0 is four.
	Jobs int

	// Progress, if set, hears of each blob that is in the registry. It is never
	// called by two goroutines at once.
	Progress func(BlobDone)

	backoff *remote.Backoff // of retries; tests cannot wait for seconds
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

func (r Remote) transport() http.RoundTripper {
	if r.Transport != nil {
		return r.Transport
	}
	return remote.DefaultTransport
}

func (r Remote) jobs() int {
	if r.Jobs > 0 {
		return r.Jobs
	}
	return 4
}

func (r Remote) options(ctx context.Context) []remote.Option {
	options := []remote.Option{
		remote.WithContext(ctx),
		remote.WithAuthFromKeychain(r.keychain()),
		remote.WithTransport(r.transport()),
		remote.WithJobs(r.jobs()),
	}
	if r.backoff != nil {
		options = append(options, remote.WithRetryBackoff(*r.backoff))
	}
	return options
}

// CheckPushPermission asks the registries of the given references whether we
// may push there, by opening an upload and dropping it. It is cheap; ask before
// an hour of building.
func CheckPushPermission(ctx context.Context, refs []string, r Remote) error {
	asked := make(map[string]bool)
	for _, ref := range refs {
		parsed, err := ParseReference(ref)
		if err != nil {
			return err
		}
		repo := parsed.Context()
		if asked[repo.Name()] {
			continue
		}
		asked[repo.Name()] = true
		if err := checkPush(ctx, repo, r); err != nil {
			return err
		}
	}
	return nil
}

func checkPush(ctx context.Context, repo name.Repository, r Remote) error {
	// go-containerregistry asks with a context of its own; ours goes in below.
	err := remote.CheckPushPermission(repo.Tag("latest"), r.keychain(), withContext{ctx, r.transport()})
	if err == nil {
		return nil
	}
	cure := "is the address right, and can it be reached from here?"
	var answer *transport.Error
	if errors.As(err, &answer) && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden) {
		cure = fmt.Sprintf("log in with \"docker login %s\", or choose another -registry", repo.RegistryStr())
	}
	return fmt.Errorf("asking for permission to push to %q: %w: %s", repo.Name(), err, cure)
}

type withContext struct {
	ctx  context.Context //nolint:containedctx // that is the point
	base http.RoundTripper
}

func (t withContext) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.base.RoundTrip(req.WithContext(t.ctx))
}
