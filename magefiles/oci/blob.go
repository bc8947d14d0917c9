package oci

import (
	"context"
	"io"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
)

// blob is a layer that lies compressed in a file of the cache.
type blob struct {
	cache  Cache
	file   string
	digest v1.Hash
	diffID v1.Hash
	size   int64
}

var _ v1.Layer = (*blob)(nil)

func (b *blob) Digest() (v1.Hash, error)            { return b.digest, nil }
func (b *blob) DiffID() (v1.Hash, error)            { return b.diffID, nil }
func (b *blob) Size() (int64, error)                { return b.size, nil }
func (b *blob) MediaType() (types.MediaType, error) { return types.OCILayer, nil }
func (b *blob) Compressed() (io.ReadCloser, error)  { return os.Open(b.file) }

// localFile is the file that has the layer, if it is sound.
func (b *blob) localFile(ctx context.Context) (path string, sound bool) {
	return b.file, b.cache.sound(ctx, b.digest, b.size)
}

func (b *blob) Uncompressed() (io.ReadCloser, error) {
	f, err := os.Open(b.file)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close() //nolint:errcheck // the first error counts
		return nil, err
	}
	return &gunzipped{Reader: z, file: f}, nil
}

// gunzipped closes the file together with the decompressor.
type gunzipped struct {
	*gzip.Reader
	file *os.File
}

func (g *gunzipped) Close() error {
	err := g.Reader.Close()
	if ferr := g.file.Close(); err == nil {
		err = ferr
	}
	return err
}
