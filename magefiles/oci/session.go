package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// session talks to one repository, logged in. It speaks the OCI distribution
// specification 1.1 itself where go-containerregistry leaves no choice of what
// happens after a failure.
type session struct {
	repo   name.Repository
	client *http.Client
	remote Remote
}

// session logs in, with the right to push or only to pull; and to pull from
// others, of the same registry, that blobs could be mounted from.
func (r Remote) session(ctx context.Context, repo name.Repository, action string, from ...name.Repository) (*session, error) {
	base, keychain := r.transport()
	auth, err := authn.Resolve(ctx, keychain, repo)
	if err != nil {
		return nil, fmt.Errorf("looking for credentials for %q: %w", repo.RegistryStr(), err)
	}
	scopes := []string{repo.Scope(action)} // first: there are registries that read no other
	for _, f := range from {
		scopes = append(scopes, f.Scope(transport.PullScope))
	}
	through, err := transport.NewWithContext(ctx, repo.Registry, auth, base, scopes)
	if refused := statusOf(err); len(from) > 0 && (refused == http.StatusUnauthorized || refused == http.StatusForbidden) {
		return r.session(ctx, repo, action) // then nothing is mounted
	}
	if err != nil {
		return nil, err
	}
	return &session{repo: repo, remote: r, client: &http.Client{Transport: through, CheckRedirect: checkRedirect}}, nil
}

// request is one request as data: it can be made again.
type request struct {
	method, url string
	accept      []types.MediaType
	kind        types.MediaType // of the body
	body        func() (io.ReadCloser, error)
	size        int64
}

// do makes a request. An answer with a status that was not asked for is an error.
func (s *session) do(ctx context.Context, r request, want ...int) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, http.NoBody)
	if err != nil {
		return nil, err
	}
	if r.body != nil && r.size > 0 {
		// The transport opens the body, once for each attempt.
		req.Body, req.GetBody, req.ContentLength = unopened{}, r.body, r.size
	}
	if r.kind != "" {
		req.Header.Set("Content-Type", string(r.kind))
	}
	for _, kind := range r.accept {
		req.Header.Add("Accept", string(kind))
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	if err := transport.CheckError(resp, want...); err != nil {
		resp.Body.Close() //nolint:errcheck // it was read
		return nil, busy(resp, err)
	}
	return resp, nil
}

// unopened stands for a body that GetBody will open.
type unopened struct{}

func (unopened) Read([]byte) (int, error) { return 0, errors.New("the body was not opened") }
func (unopened) Close() error             { return nil }

// url is an address in the repository.
func (s *session) url(path string) string {
	u := url.URL{Scheme: s.repo.Scheme(), Host: s.repo.RegistryStr(), Path: "/v2/" + s.repo.RepositoryStr() + "/" + path}
	return u.String()
}

// errAbsent says that the registry does not have something.
var errAbsent = errors.New("it is not in the registry")

// absent marks the answer 404 as what it is.
func absent(err error) error {
	if statusOf(err) == http.StatusNotFound {
		return fmt.Errorf("%w: %w", errAbsent, err)
	}
	return err
}

// stat asks for the size of a blob; -1 if the registry does not say.
func (s *session) stat(ctx context.Context, digest v1.Hash) (int64, error) {
	resp, err := s.do(ctx, request{method: http.MethodHead, url: s.url("blobs/" + digest.String())}, http.StatusOK)
	if err != nil {
		return 0, absent(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it is empty
	if said := resp.Header.Get("Docker-Content-Digest"); said != "" && said != digest.String() {
		return 0, fmt.Errorf("%w: it has answered for blob %s, which was not asked for", errOtherBytes, said)
	}
	return resp.ContentLength, nil
}

// manifest fetches a manifest by tag or digest. One that was asked for by its
// digest is compared with it.
func (s *session) manifest(ctx context.Context, identifier string) (raw []byte, kind types.MediaType, err error) {
	resp, err := s.do(ctx, request{method: http.MethodGet, url: s.url("manifests/" + identifier), accept: manifestTypes()}, http.StatusOK)
	if err != nil {
		return nil, "", absent(err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	raw, err = io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	switch {
	case err != nil:
		return nil, "", err
	case len(raw) > maxDocument:
		return nil, "", fmt.Errorf("manifest %s has more than %d bytes", identifier, maxDocument)
	}
	if want, err := v1.NewHash(identifier); err == nil {
		if got, _, err := v1.SHA256(bytes.NewReader(raw)); err != nil || got != want {
			return nil, "", errors.Join(errOtherBytes, err)
		}
	}
	return raw, types.MediaType(resp.Header.Get("Content-Type")), nil
}

var errOtherBytes = errors.New("the registry returned other bytes than its digest is of")

func manifestTypes() []types.MediaType {
	return []types.MediaType{types.OCIImageIndex, types.OCIManifestSchema1, types.DockerManifestList, types.DockerManifestSchema2}
}

// put stores a manifest under a tag or its digest.
func (s *session) put(ctx context.Context, identifier string, kind types.MediaType, raw []byte) error {
	resp, err := s.do(ctx, request{
		method: http.MethodPut, url: s.url("manifests/" + identifier), kind: kind, size: int64(len(raw)),
		body: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil },
	}, http.StatusCreated, http.StatusOK, http.StatusAccepted)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// checkRedirect follows a registry to where it keeps its blobs, but not into the
// private network of whoever builds, and not out of TLS.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("stopped after ten redirects")
	}
	return checkElsewhere(via[0].URL, req.URL)
}

func checkElsewhere(from, to *url.URL) error {
	if strings.EqualFold(from.Host, to.Host) {
		return nil // whatever scheme it names, registries are talked to as they were first found
	}
	if to.Scheme != from.Scheme && from.Scheme == "https" {
		return fmt.Errorf("%s sends on to %s, which is not encrypted: refused", from.Host, to.Host)
	}
	if strings.EqualFold(from.Hostname(), to.Hostname()) {
		return nil
	}
	switch ip, err := netip.ParseAddr(to.Hostname()); {
	case err != nil:
		return nil
	case ip.IsLinkLocalUnicast(), ip.IsUnspecified(), private(ip) && !inside(from.Hostname()):
		return fmt.Errorf("%s sends on to %s, an address in a private network: refused", from.Host, to.Host)
	}
	return nil
}

func private(ip netip.Addr) bool { return ip.IsPrivate() || ip.IsLoopback() }

// inside reports whether a registry is in a private network itself: it may well
// keep its blobs there.
func inside(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && private(ip)
}
