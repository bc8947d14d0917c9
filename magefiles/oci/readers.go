package oci

import (
	"bufio"
	"context"
	"errors"
	"io"
	"sync"
)

// LayerReader looks into a layer while it is made, so that nobody need decompress it again. It reads the uncompressed tar archive as
// far as it wants to. done, unless it is nil, hears the digest of the blob once the layer is whole and in the cache. An error only
// means that nothing was learned: whoever needs to know reads the layer.
type LayerReader func(ctx context.Context, archive io.Reader) (done func(digest string), err error)

// audience are the readers of one layer. Its Write waits until all of them have the bytes; who has stopped to read keeps nobody.
type audience struct {
	out   *bufio.Writer // one large piece is handed on faster than many small ones
	pipes []*io.PipeWriter
	done  []func(digest string) // of those that came to their end
	wg    sync.WaitGroup
}

// errLeft is what nobody but a pipe sees.
var errLeft = errors.New("the reader has left")

func gather(ctx context.Context, readers []LayerReader) *audience {
	a := &audience{done: make([]func(string), len(readers))}
	a.out = bufio.NewWriterSize(handOn{a}, 256<<10)
	for i, read := range readers {
		r, w := io.Pipe()
		a.pipes = append(a.pipes, w)
		a.wg.Go(func() {
			done, err := read(ctx, r)
			r.CloseWithError(errLeft)
			if err == nil {
				a.done[i] = done
			}
		})
	}
	return a
}

// handOn gives every reader what is written.
type handOn struct{ *audience }

func (h handOn) Write(p []byte) (int, error) {
	for _, w := range h.pipes {
		_, _ = w.Write(p)
	}
	return len(p), nil
}

func (a *audience) Write(p []byte) (int, error) {
	if len(a.pipes) == 0 {
		return len(p), nil
	}
	return a.out.Write(p)
}

// end waits for the readers, who see the end of the archive, or err in its place.
func (a *audience) end(err error) {
	_ = a.out.Flush()
	for _, w := range a.pipes {
		w.CloseWithError(err) // nil is the end
	}
	a.wg.Wait()
}

// tell gives the digest to all who have read a layer that is whole.
func (a *audience) tell(digest string) {
	for _, done := range a.done {
		if done != nil {
			done(digest)
		}
	}
}
