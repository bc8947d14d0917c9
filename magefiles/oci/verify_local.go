package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// layoutStore is a folder with an OCI layout.
type layoutStore struct{ dir string }

func (s layoutStore) path(digest v1.Hash) string {
	return filepath.Join(s.dir, "blobs", digest.Algorithm, digest.Hex)
}

func (s layoutStore) read(_ context.Context, digest v1.Hash) ([]byte, error) {
	if info, err := os.Stat(s.path(digest)); err == nil && info.Size() > maxDocument {
		return nil, errOtherBytes // no manifest is that large
	}
	raw, err := os.ReadFile(s.path(digest))
	return compared(raw, digest, gone(err))
}

func (s layoutStore) stat(_ context.Context, digest v1.Hash) (int64, error) {
	info, err := os.Stat(s.path(digest))
	if err != nil {
		return 0, gone(err)
	}
	return info.Size(), nil
}

func (s layoutStore) open(_ context.Context, digest v1.Hash) (io.ReadCloser, error) {
	f, err := os.Open(s.path(digest))
	return f, gone(err)
}

func (s layoutStore) referrers(context.Context, v1.Hash) ([]v1.Descriptor, error) { return nil, nil }

func (s layoutStore) top() ([]byte, error) { return os.ReadFile(filepath.Join(s.dir, "index.json")) }

// gone is what the file system says of what a store lacks.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errAbsent
	}
	return err
}

func compared(raw []byte, want v1.Hash, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	if got, _, err := v1.SHA256(bytes.NewReader(raw)); err != nil || got != want {
		return nil, errors.Join(errOtherBytes, err)
	}
	return raw, nil
}

// archiveStore is an OCI layout in an archive.
type archiveStore struct{ *archive }

func (s archiveStore) read(_ context.Context, digest v1.Hash) ([]byte, error) {
	if _, ok := s.find(blobName(digest)); !ok {
		return nil, errAbsent
	}
	raw, err := s.document(blobName(digest))
	return compared(raw, digest, err)
}

func (s archiveStore) stat(_ context.Context, digest v1.Hash) (int64, error) {
	m, ok := s.find(blobName(digest))
	if !ok {
		return 0, errAbsent
	}
	return m.size, nil
}

func (s archiveStore) open(_ context.Context, digest v1.Hash) (io.ReadCloser, error) {
	return s.archive.open(blobName(digest))
}

func (s archiveStore) referrers(context.Context, v1.Hash) ([]v1.Descriptor, error) { return nil, nil }

func (s archiveStore) top() ([]byte, error) { return s.document("index.json") }

// verifyTop walks all that the index.json of a layout lists.
func verifyTop(ctx context.Context, s interface {
	store
	top() ([]byte, error)
}, name string, r Remote,
) (Verification, error) {
	raw, err := s.top()
	if err != nil {
		return Verification{}, err
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(raw))
	if err != nil {
		return Verification{}, fmt.Errorf("reading index.json: %w", err)
	}
	var tops []v1.Descriptor
	seen := make(map[v1.Hash]bool) // an image has an entry for each of its names
	for _, desc := range index.Manifests {
		if !seen[desc.Digest] {
			seen[desc.Digest] = true
			tops = append(tops, desc)
		}
	}
	if len(tops) == 0 {
		return Verification{}, errors.New("the layout is empty")
	}
	return newVerifier(s, name, true, r).run(ctx, tops...)
}
