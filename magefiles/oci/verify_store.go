package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// verify finds the place, and begins the walk at what it has under the name.
func verify(ctx context.Context, ref string, r Remote, deep bool) (Verification, error) {
	switch where, path := locate(ref); where {
	case inLayout:
		return verifyTop(ctx, layoutStore{path}, ref, r)
	case inArchive:
		a, err := indexArchive(path)
		if err != nil {
			return Verification{}, err
		}
		if _, ok := a.find("index.json"); ok {
			return verifyTop(ctx, archiveStore{a}, ref, r)
		}
		return verifySaved(ctx, a, ref, r)
	}
	parsed, err := ParseReference(ref)
	if err != nil {
		return Verification{}, err
	}
	s, err := r.session(ctx, parsed.Context(), transport.PullScope)
	if err != nil {
		return Verification{}, err
	}
	raw, kind, err := s.manifest(ctx, parsed.Identifier())
	if err != nil {
		return Verification{}, err
	}
	desc := v1.Descriptor{MediaType: kind, Size: int64(len(raw))}
	if !kind.IsIndex() && !kind.IsImage() {
		desc.MediaType = kindOf(raw)
	}
	if desc.Digest, _, err = v1.SHA256(bytes.NewReader(raw)); err != nil {
		return Verification{}, err
	}
	v := newVerifier(registryStore{s}, ref, deep, r)
	return v.run(ctx, desc)
}

// run walks from one or several beginnings.
func (v *verifier) run(ctx context.Context, tops ...v1.Descriptor) (Verification, error) {
	for _, desc := range tops {
		what := "manifest"
		if desc.MediaType.IsIndex() {
			what = "index"
		}
		if err := v.walk(ctx, desc, what, desc.Platform, 0); err != nil {
			return v.out, err
		}
		if desc.Platform != nil {
			v.out.Platforms = append(v.out.Platforms, platformName(*desc.Platform))
		}
	}
	if len(tops) == 1 {
		v.out.Digest = tops[0].Digest.String()
	}
	err := v.all(ctx)
	slices.Sort(v.out.Platforms)
	return v.out, err
}

// registryStore is a repository.
type registryStore struct{ *session }

func (s registryStore) read(ctx context.Context, digest v1.Hash) ([]byte, error) {
	raw, _, err := s.manifest(ctx, digest.String())
	return raw, err
}

func (s registryStore) open(ctx context.Context, digest v1.Hash) (io.ReadCloser, error) {
	resp, err := s.do(ctx, request{method: http.MethodGet, url: s.url("blobs/" + digest.String())}, http.StatusOK)
	if err != nil {
		return nil, absent(err)
	}
	return resp.Body, nil
}

// referrers asks the API of the distribution specification 1.1, and where there
// is none, for the tag that stands in for it.
func (s registryStore) referrers(ctx context.Context, digest v1.Hash) ([]v1.Descriptor, error) {
	resp, err := s.do(ctx, request{method: http.MethodGet, url: s.url("referrers/" + digest.String()), accept: []types.MediaType{types.OCIImageIndex}}, http.StatusOK)
	var raw []byte
	switch status := statusOf(err); {
	case err == nil:
		defer resp.Body.Close() //nolint:errcheck // only read from
		raw, err = io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	case status >= 400 && status < 500:
		raw, _, err = s.manifest(ctx, strings.Replace(digest.String(), ":", "-", 1))
		if errors.Is(err, errAbsent) {
			return nil, nil
		}
	}
	if err != nil {
		return nil, err
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("the list is no index: %w", err)
	}
	return index.Manifests, nil
}
