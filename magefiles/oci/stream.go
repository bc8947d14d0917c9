package oci

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
)

// contextReader stops reading when its context ends: copying a large blob is
// otherwise the longest time that an interrupt would go unheard.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// contextWriter is the same for those who write.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

func (w contextWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(p)
}

// onlyWriter hides every method but Write, so that io.CopyBuffer uses the buffer.
type onlyWriter struct{ io.Writer }

// diskCure adds to a full disk what to do about it.
func diskCure(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w: free some space, or remove the build cache, and run again", err)
	}
	return err
}
