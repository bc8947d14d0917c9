package xbuild

import (
	"io"
	"os"
	"sync"
)

// tailSize is how much output a ToolError keeps, in bytes.
const tailSize = 64 << 10

// tail keeps the last tailSize bytes of all that is written to its tees, and
// makes their writes happen one at a time, because the two streams of a command
// often end in the same writer.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

// tee returns a writer that keeps what it gets and passes it on to w, if any.
func (t *tail) tee(w io.Writer) io.Writer { return &teeWriter{t, w} }

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.buf) > tailSize {
		return string(t.buf[len(t.buf)-tailSize:])
	}
	return string(t.buf)
}

type teeWriter struct {
	tail *tail
	w    io.Writer
}

func (t *teeWriter) Write(p []byte) (int, error) {
	t.tail.mu.Lock()
	defer t.tail.mu.Unlock()
	t.tail.buf = append(t.tail.buf, p...)
	if len(t.tail.buf) > 2*tailSize {
		t.tail.buf = append([]byte(nil), t.tail.buf[len(t.tail.buf)-tailSize:]...)
	}
	if t.w == nil {
		return len(p), nil
	}
	return t.w.Write(p)
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
