package oci

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// baseLayer is a layer of a base image. Its bytes are fetched when somebody
// reads them for the first time, and then kept in the cache by digest: a push
// into the registry that has them never does.
type baseLayer struct {
	v1.Layer // where it comes from
	desc     v1.Descriptor
	kind     types.MediaType
	cache    Cache
	ctx      context.Context //nolint:containedctx // v1.Layer has no room for one; see remote.WithContext

	mu   sync.Mutex
	file string
}

func (l *baseLayer) Digest() (v1.Hash, error)            { return l.desc.Digest, nil }
func (l *baseLayer) Size() (int64, error)                { return l.desc.Size, nil }
func (l *baseLayer) MediaType() (types.MediaType, error) { return l.kind, nil }

func (l *baseLayer) Compressed() (io.ReadCloser, error) {
	file, err := l.fetch()
	if err != nil {
		return nil, fmt.Errorf("fetching base layer %s: %w", l.desc.Digest, err)
	}
	return os.Open(file)
}

func (l *baseLayer) Uncompressed() (io.ReadCloser, error) {
	c, err := l.Compressed()
	if err != nil || l.kind == types.OCIUncompressedLayer {
		return c, err
	}
	var r io.Reader
	if l.kind == types.OCILayerZStd {
		z, zerr := zstd.NewReader(c)
		if zerr == nil {
			return &unpacked{Reader: z, close: func() error { z.Close(); return c.Close() }}, nil
		}
		err = zerr
	} else {
		r, err = gzip.NewReader(c)
	}
	if err != nil {
		c.Close() //nolint:errcheck // the first error counts
		return nil, err
	}
	return &unpacked{Reader: r, close: c.Close}, nil
}

type unpacked struct {
	io.Reader
	close func() error
}

func (u *unpacked) Close() error { return u.close() }

// localFile is the file that has the layer; it is fetched if need be.
func (l *baseLayer) localFile(context.Context) (string, bool) {
	file, err := l.fetch()
	return file, err == nil
}

// fetch makes sure that the cache has the layer.
func (l *baseLayer) fetch() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != "" {
		return l.file, nil
	}
	if l.cache.sound(l.ctx, l.desc.Digest, l.desc.Size) {
		l.file = l.cache.blobFile(l.desc.Digest)
		return l.file, nil
	}
	file, err := l.cache.add(func(w io.Writer) (v1.Hash, error) {
		r, err := l.Layer.Compressed()
		if err != nil {
			return v1.Hash{}, err
		}
		defer r.Close() //nolint:errcheck // only read from
		h := sha256.New()
		if _, err := io.Copy(io.MultiWriter(w, h), contextReader{l.ctx, r}); err != nil {
			return v1.Hash{}, err
		}
		if got := sum(h); got != l.desc.Digest {
			return v1.Hash{}, fmt.Errorf("its content is %s", got)
		}
		return l.desc.Digest, nil
	})
	l.file = file
	return file, err
}
