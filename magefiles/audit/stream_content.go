package audit

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
)

// Bounds on memory and disk, in bytes. The buffers are reused, so that the
// whole of an audit stays below 200 MB whatever the image's size is.
const (
	maxBuffer = 32 << 20      // a native file or an archive up to this stays in memory
	maxSpool  = 8 << 30       // and up to this it goes to the spool; beyond, only its head counts
	maxText   = maxPythonText // one file that is kept whole
	maxTexts  = 48 << 20      // and all of them
	maxHoles  = 256 << 20     // of sparse files, in all: a hole costs a tar nothing
	headKept  = 256           // of scripts and keys
	headShort = 32            // of other files that may be executed
)

// contents reads files, one at a time.
type contents struct {
	hash   hash.Hash
	buf    []byte
	chunk  []byte
	texts  int64 // bytes that may still be kept
	holes  int64
	inner  innerBudget
	shared map[*Content]bool // those with several names
}

func newContents() *contents {
	return &contents{
		hash: sha256.New(), chunk: make([]byte, 64<<10), texts: maxTexts, holes: maxHoles,
		inner: newInnerBudget(), shared: map[*Content]bool{},
	}
}

// read reads a file of size bytes from a stream. name is absolute; holes say
// that the stream makes up bytes of its own.
func (c *contents) read(r io.Reader, size int64, name string, mode fs.FileMode, holes bool) (*Content, error) {
	if holes {
		if c.holes -= size; c.holes < 0 {
			return &Content{Size: size, Fault: limited("it is sparse, and sparse files have more than %d bytes in all", int64(maxHoles))}, nil
		}
	}
	head, err := c.fill(r, 0, min(size, HeadSize))
	if err != nil {
		return nil, err
	}
	file := &Content{Size: size}
	_, native := File(head)
	archive := isZip(head)
	text := !native && !archive && size <= maxText && size <= c.texts && keepText(name)
	switch {
	case (native || archive || text) && size <= maxBuffer:
		all, err := c.fill(r, len(head), size)
		if err != nil {
			return nil, err
		}
		file.Sum = sha256.Sum256(all)
		if text {
			c.texts -= size
			file.Text = bytes.Clone(all)
		}
		return file, c.look(file, bytes.NewReader(all), native, archive, mode, head)
	case (native || archive) && size <= maxSpool:
		return file, c.spooled(file, io.MultiReader(bytes.NewReader(bytes.Clone(head)), r), func(at io.ReaderAt) error {
			return c.look(file, at, native, archive, mode, nil)
		})
	}
	c.hash.Reset()
	_, _ = c.hash.Write(head)
	short := bytes.Clone(head)
	if err := c.drain(c.hash, r, size-int64(len(head))); err != nil {
		return nil, err
	}
	c.hash.Sum(file.Sum[:0])
	if native || archive {
		file.Fault = limited("it has more than %d bytes", int64(maxSpool))
	}
	if native {
		b, _ := File(short)
		file.Program = &Program{Binary: b}
	}
	keepHead(file, short, mode)
	return file, nil
}

// look reads what checks want to know of a file that lies ready.
func (c *contents) look(file *Content, r io.ReaderAt, native, archive bool, mode fs.FileMode, head []byte) error {
	switch {
	case native:
		p, err := ReadProgram(r, file.Size)
		file.Program = &p
		if err != nil && !errors.Is(err, ErrMalformed) {
			return err
		}
		file.Fault = err
	case archive:
		file.Inner = c.inner.read(r, file.Size)
	default:
		keepHead(file, head, mode)
	}
	return nil
}

// keepHead keeps the first bytes where a check asks for them.
func keepHead(file *Content, head []byte, mode fs.FileMode) {
	switch {
	case bytes.HasPrefix(head, []byte("#!")), bytes.HasPrefix(head, []byte("-----BEGIN")):
		file.Head = bytes.Clone(head[:min(len(head), headKept)])
	case mode&0o111 != 0:
		file.Head = bytes.Clone(head[:min(len(head), headShort)])
	}
}

// fill returns the first size bytes of a file, of which have are in the buffer.
func (c *contents) fill(r io.Reader, have int, size int64) ([]byte, error) {
	if int64(cap(c.buf)) < size {
		buf := make([]byte, max(size, min(maxBuffer, 2*int64(cap(c.buf)))))
		copy(buf, c.buf[:have])
		c.buf = buf
	}
	c.buf = c.buf[:size]
	_, err := io.ReadFull(r, c.buf[have:])
	return c.buf, err
}

// drain copies exactly n bytes.
func (c *contents) drain(w io.Writer, r io.Reader, n int64) error {
	copied, err := io.CopyBuffer(w, onlyReader{io.LimitReader(r, n)}, c.chunk)
	if err == nil && copied < n {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// onlyReader hides WriteTo, so that io.CopyBuffer uses the buffer.
type onlyReader struct{ io.Reader }
