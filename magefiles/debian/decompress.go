package debian

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/mholt/archiver/v4"
)

// maxWindow bounds what a zstd stream makes us allocate: the window of zstd --long.
const maxWindow = 128 << 20

// decompress opens a stream by its first bytes: xz, zstd, gzip; anything else is
// read as it is. Reading more than limit bytes out of it is an error, so that a
// small file cannot fill the memory. It is the only place that knows archiver/v4.
func decompress(r io.Reader, name string, limit int64) (io.ReadCloser, error) {
	formats := []archiver.Decompressor{
		archiver.Xz{},
		archiver.Zstd{DecoderOptions: []zstd.DOption{zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1)}},
		archiver.Gz{},
	}
	head := make([]byte, 6)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	whole := io.MultiReader(bytes.NewReader(head[:n]), r)
	for i, magic := range []string{"\xfd7zXZ\x00", "\x28\xb5\x2f\xfd", "\x1f\x8b"} {
		if !bytes.HasPrefix(head[:n], []byte(magic)) {
			continue
		}
		plain, err := formats[i].OpenReader(whole)
		if err != nil {
			return nil, fmt.Errorf("decompressing %q: %w", name, err)
		}
		return &limited{plain, name, limit}, nil
	}
	return &limited{io.NopCloser(whole), name, limit}, nil
}

// compressXz is the other way around, in the format of Debian's packages.
func compressXz(w io.Writer) (io.WriteCloser, error) { return archiver.Xz{}.OpenWriter(w) }

type limited struct {
	io.ReadCloser
	name string
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("decompressing %q: it grows beyond the size allowed for it", l.name)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("decompressing %q: %w", l.name, err)
	}
	return n, err
}
