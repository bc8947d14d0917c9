package oci

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// upload is the sending of one blob.
type upload struct {
	s     *session
	layer v1.Layer
	desc  v1.Descriptor
	from  *name.Repository // that it may be mounted from

	sent    atomic.Int64 // bytes
	refused bool         // the registry has once got other bytes than were sent
	local   atomic.Pointer[localError]
}

// localError is one of reading what shall be sent.
type localError struct{ err error }

func (e *localError) Error() string { return "reading what shall be sent: " + e.err.Error() }
func (e *localError) Unwrap() error { return e.err }

// send brings a blob into the repository, if it is not there, and tells how many
// bytes that took. Each attempt begins with asking for the blob: many a
// connection was lost when the registry had everything, and sending it once more
// is what costs.
func (s *session) send(ctx context.Context, layer v1.Layer, from *name.Repository) (int64, error) {
	desc, err := describeLayer(layer)
	if err != nil {
		return 0, err
	}
	u := &upload{s: s, layer: layer, desc: desc, from: from}
	if m, ok := layer.(*remote.MountableLayer); ok {
		u.layer = m.Layer
		if repo := m.Reference.Context(); repo.RegistryStr() == s.repo.RegistryStr() && repo.Name() != s.repo.Name() {
			u.from = &repo
		}
	}
	b := newBudget(s.remote.Patience, s.remote.Waiting)
	for {
		err := u.attempt(once(ctx))
		if err == nil || !u.mayPass(ctx, err) {
			return u.sent.Load(), err
		}
		if err := b.again(ctx, err); err != nil {
			return u.sent.Load(), err
		}
	}
}

func (u *upload) attempt(ctx context.Context) error {
	size, err := u.s.stat(ctx, u.desc.Digest)
	switch {
	case err == nil && (size == u.desc.Size || size < 0):
		return nil
	case err == nil:
		return &busyError{err: fmt.Errorf("the registry has it with %d bytes, not %d", size, u.desc.Size)}
	case errors.Is(err, errOtherBytes):
		return &busyError{err: err}
	case !errors.Is(err, errAbsent):
		return err
	}
	location, mounted, err := u.s.begin(ctx, u.desc.Digest, u.from)
	if err != nil || mounted {
		return err
	}
	return u.put(ctx, location)
}

// mayPass is what it is for all requests, and then some: an upload that the
// registry has forgotten begins anew. Bytes that were damaged on their way are
// sent once more, after a look whether they are sound here.
func (u *upload) mayPass(ctx context.Context, err error) bool {
	if errors.As(err, new(*localError)) {
		return false
	}
	if mayPass(ctx, err) || errors.As(err, new(*busyError)) && ctx.Err() == nil {
		return true
	}
	if says(err, transport.BlobUploadUnknownErrorCode, transport.BlobUnknownErrorCode) {
		return ctx.Err() == nil
	}
	if !u.refused && says(err, transport.DigestInvalidErrorCode, transport.SizeInvalidErrorCode) {
		u.refused = true
		return u.sound(ctx)
	}
	return false
}

// sound reports whether our own copy has the digest that it should have.
func (u *upload) sound(ctx context.Context) bool {
	r, err := u.layer.Compressed()
	if err != nil {
		return false
	}
	defer r.Close() //nolint:errcheck // only read from
	got, size, err := v1.SHA256(contextReader{ctx, r})
	return err == nil && got == u.desc.Digest && size == u.desc.Size
}

// put sends all bytes in one request, from where they lie.
func (u *upload) put(ctx context.Context, location *url.URL) error {
	query := location.Query()
	query.Set("digest", u.desc.Digest.String())
	location.RawQuery = query.Encode()
	resp, err := u.s.do(ctx, request{
		method: http.MethodPut, url: location.String(), kind: "application/octet-stream", size: u.desc.Size,
		body: func() (io.ReadCloser, error) {
			r, err := u.layer.Compressed()
			if err != nil {
				u.local.Store(&localError{err})
				return nil, err
			}
			return &sentBody{r, u}, nil
		},
	}, http.StatusCreated, http.StatusNoContent)
	if err != nil {
		if local := u.local.Load(); local != nil {
			return local
		}
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // it is empty
	if said := resp.Header.Get("Docker-Content-Digest"); said != "" && said != u.desc.Digest.String() {
		return &busyError{err: fmt.Errorf("the registry has stored %s instead", said)}
	}
	return nil
}

// sentBody counts what goes out, and keeps errors of reading apart from those of
// the network.
type sentBody struct {
	io.ReadCloser
	upload *upload
}

func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.upload.sent.Add(int64(n))
	if err != nil && err != io.EOF {
		b.upload.local.Store(&localError{err})
	}
	return n, err
}

// begin opens an upload, or finds that none is needed: the registry may take the
// blob over from another repository. One that cannot answers with an error, or
// opens an upload all the same.
func (s *session) begin(ctx context.Context, digest v1.Hash, from *name.Repository) (_ *url.URL, mounted bool, err error) {
	if from == nil {
		location, err := s.open(ctx)
		return location, false, err
	}
	at := s.url("blobs/uploads/") + "?" + url.Values{"mount": {digest.String()}, "from": {from.RepositoryStr()}}.Encode()
	resp, err := s.do(ctx, request{method: http.MethodPost, url: at}, http.StatusAccepted, http.StatusCreated)
	if err != nil {
		if ctx.Err() != nil || mayPass(ctx, err) {
			return nil, false, err
		}
		return s.begin(ctx, digest, nil)
	}
	defer resp.Body.Close() //nolint:errcheck // it is empty
	if resp.StatusCode == http.StatusCreated {
		return nil, true, nil
	}
	location, err := nextLocation(resp)
	return location, false, err
}

// open opens an upload.
func (s *session) open(ctx context.Context) (*url.URL, error) {
	resp, err := s.do(ctx, request{method: http.MethodPost, url: s.url("blobs/uploads/")}, http.StatusAccepted)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it is empty
	return nextLocation(resp)
}

// nextLocation is where an upload goes on, which may be on another host.
func nextLocation(resp *http.Response) (*url.URL, error) {
	location, err := resp.Location()
	if err != nil {
		return nil, fmt.Errorf("beginning an upload: the registry does not say where: %w", err)
	}
	return location, checkElsewhere(resp.Request.URL, location)
}
