package oci

import (
	"io"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// countedLayer counts what is read from a layer in order to be sent.
type countedLayer struct {
	v1.Layer
	mu sync.Mutex
	n  int64
}

func (l *countedLayer) total() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

func (l *countedLayer) Compressed() (io.ReadCloser, error) {
	r, err := l.Layer.Compressed()
	if err != nil {
		return nil, err
	}
	return &countedReader{ReadCloser: r, layer: l}, nil
}

type countedReader struct {
	io.ReadCloser
	layer *countedLayer
}

func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.layer.mu.Lock()
	r.layer.n += int64(n)
	r.layer.mu.Unlock()
	return n, err
}
