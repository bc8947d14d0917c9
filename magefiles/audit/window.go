package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Bounds on what one file may make the readers hold. Real files stay far
// below; beyond them a file counts as malformed, however long it is.
const (
	maxTable = 16 << 20 // bytes of one table: program headers, load commands, sections
	maxName  = 4096     // bytes of a path or a name, Linux' PATH_MAX
	maxNames = 4096     // libraries, or search paths, of one file
	maxSteps = 1 << 15  // records of one linked list; ELF's version index has 15 bits
)

// ErrNotNative is what [ReadProgram] returns for scripts, text and data.
var ErrNotNative = errors.New("no ELF, Mach-O or PE file")

// ErrMalformed is in every error of [ReadProgram] that is the file's own
// fault: it is cut off, or its tables contradict each other. Other errors are
// of reading.
var ErrMalformed = errors.New("malformed, or cut off")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// window is a file, or a slice of a universal one. Its methods never look
// outside, and allocate nothing that the file is not long enough to fill.
type window struct {
	r     io.ReaderAt
	size  uint64
	order binary.ByteOrder
}

// part is the window onto n bytes from off.
func (w window) part(what string, off, n uint64) (window, error) {
	if off > w.size || n > w.size-off {
		return window{}, malformed("its %s (%d bytes from %d) is outside of the file's %d bytes", what, n, off, w.size)
	}
	return window{io.NewSectionReader(w.r, int64(off), int64(n)), n, w.order}, nil
}

// read returns n bytes from off. what names them in an error.
func (w window) read(what string, off, n uint64) ([]byte, error) {
	if off > w.size || n > w.size-off {
		return nil, malformed("its %s (%d bytes from %d) is outside of the file's %d bytes", what, n, off, w.size)
	}
	if n > maxTable {
		return nil, malformed("its %s has %d bytes, and no real file more than %d", what, n, maxTable)
	}
	buf := make([]byte, n)
	if got, err := w.r.ReadAt(buf, int64(off)); uint64(got) < n {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("reading its %s: %w", what, err)
	}
	return buf, nil
}

// text returns the bytes from off up to the next NUL.
func (w window) text(what string, off uint64) (string, error) {
	for n := uint64(64); ; n = min(2*n, maxName) {
		if off >= w.size {
			return "", malformed("its %s (at %d) is outside of the file's %d bytes", what, off, w.size)
		}
		buf, err := w.read(what, off, min(n, w.size-off))
		if err != nil {
			return "", err
		}
		if end := bytes.IndexByte(buf, 0); end >= 0 {
			return string(buf[:end]), nil
		}
		if n == maxName || uint64(len(buf)) < n {
			return "", malformed("its %s (at %d) has no end", what, off)
		}
	}
}
