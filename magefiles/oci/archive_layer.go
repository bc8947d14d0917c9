package oci

import (
	"bufio"
	"errors"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// archiveLayer is a layer in an archive of images.
type archiveLayer struct {
	archive *archive
	name    string // of the member
	desc    v1.Descriptor
	diffID  v1.Hash
}

var _ v1.Layer = (*archiveLayer)(nil)

func (l *archiveLayer) Digest() (v1.Hash, error)            { return l.desc.Digest, nil }
func (l *archiveLayer) DiffID() (v1.Hash, error)            { return l.diffID, nil }
func (l *archiveLayer) Size() (int64, error)                { return l.desc.Size, nil }
func (l *archiveLayer) MediaType() (types.MediaType, error) { return l.desc.MediaType, nil }
func (l *archiveLayer) Compressed() (io.ReadCloser, error)  { return l.archive.open(l.name) }

// Uncompressed goes by what is there, and not by the media type: Docker's own
// archives call all layers the same.
func (l *archiveLayer) Uncompressed() (io.ReadCloser, error) {
	c, err := l.Compressed()
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewReaderSize(c, 64<<10)
	head, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(err, c.Close())
	}
	pack := compression(head)
	if pack == nil {
		return &unpacked{buffered, c.Close}, nil
	}
	z, err := pack(buffered)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &unpacked{z, func() error { return errors.Join(z.Close(), c.Close()) }}, nil
}
