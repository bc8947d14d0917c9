package oci

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// layoutWriter fills a new layout in dir; unchanged blobs may come from old.
type layoutWriter struct {
	ctx context.Context //nolint:containedctx // lives for one call of WriteLayout
	dir string
	old string
}

func (w layoutWriter) blobFile(dir string, h v1.Hash) string {
	return filepath.Join(dir, "blobs", h.Algorithm, h.Hex)
}

// layer takes the cheapest way there is: a file of this machine, the layout of
// the last build, or reading the layer from wherever it comes from.
func (w layoutWriter) layer(l v1.Layer) error {
	digest, err := l.Digest()
	if err != nil {
		return err
	}
	size, err := l.Size()
	if err != nil {
		return err
	}
	to := w.blobFile(w.dir, digest)
	if _, err := os.Stat(to); err == nil {
		return nil // another platform has the same
	}
	if from, ok := localFile(w.ctx, l); ok && os.Link(from, to) == nil {
		return nil
	}
	if from := w.blobFile(w.old, digest); checkFile(w.ctx, from, digest, size) == nil && os.Link(from, to) == nil {
		return nil
	}
	r, err := l.Compressed()
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // only read from
	return w.copy(to, digest, r)
}

// localFile looks for a layer of ours under what it is wrapped in, and whether
// its file is sound.
func localFile(ctx context.Context, l v1.Layer) (string, bool) {
	if m, ok := l.(*remote.MountableLayer); ok {
		l = m.Layer
	}
	if local, ok := l.(interface {
		localFile(context.Context) (string, bool)
	}); ok {
		return local.localFile(ctx)
	}
	return "", false
}

func (w layoutWriter) bytes(raw []byte) error {
	digest, _, err := v1.SHA256(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return w.copy(w.blobFile(w.dir, digest), digest, bytes.NewReader(raw))
}

func (w layoutWriter) copy(to string, want v1.Hash, r io.Reader) error {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil // the same content, by its name
	}
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), contextReader{w.ctx, r})
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if got := sum(h); err == nil && got != want {
		err = fmt.Errorf("copying blob %s: its content is %s", want, got)
	}
	return err
}
