package audit

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Bounds on archives within an image. Real ones stay below; what is beyond is
// told of by a finding and not read. Bombs work by nesting, by overlapping
// entries and by directories without end, and each of them is counted here
// where it is paid for, never where the archive claims it.
const (
	maxNesting   = 3        // a zip in a zip in a zip
	maxDirectory = 16 << 20 // bytes of the tables of contents of one outermost archive
	maxInflated  = 8 << 30  // bytes that are unpacked of all archives together
	maxRatio     = 100      // bytes that are unpacked for each byte of an outermost archive…
	minInflated  = 64 << 20 // …beyond these
	maxInners    = 100_000  // native files in archives, altogether
	maxMember    = 16 << 20 // bytes of a member that is held in memory
)

// ErrLimit is in the faults of files that are fine as far as we looked.
var ErrLimit = errors.New("not read in full")

func limited(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrLimit, fmt.Sprintf(format, args...))
}

func errIsLimit(err error) bool { return errors.Is(err, ErrLimit) }

// isZip tells by content: wheels, eggs, jars and wars are zips by other names.
// Tars within images are not looked into: nothing loads code out of them.
func isZip(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// innerBudget is what the archives of one inventory may still cost, and the
// buffers that they share: one for each depth.
type innerBudget struct {
	inflated int64
	natives  int
	hash     hash.Hash
	buffers  [maxNesting][]byte
}

func newInnerBudget() innerBudget {
	return innerBudget{inflated: maxInflated, natives: maxInners, hash: sha256.New()}
}

// read lists the native files in a zip of size bytes. Where a limit ends it,
// the last entry has no Program and [ErrLimit] as its fault. What is no zip
// after all, or damaged, holds nothing that could be loaded from it.
func (b *innerBudget) read(r io.ReaderAt, size int64) []Inner {
	w := &zipWalk{budget: b, directory: maxDirectory, inflated: min(b.inflated, minInflated+maxRatio*size)}
	start := w.inflated
	err := w.archive(r, size, "", 0)
	b.inflated -= start - w.inflated
	if errIsLimit(err) {
		w.found = append(w.found, Inner{Fault: err})
	}
	return w.found
}

// zipWalk is the reading of one outermost archive.
type zipWalk struct {
	budget    *innerBudget
	directory int64 // bytes
	inflated  int64 // bytes
	found     []Inner
}

// archive reads one archive; prefix is what goes before its members' names.
// An error other than of ErrLimit is the archive's own, and ends nothing else.
func (w *zipWalk) archive(r io.ReaderAt, size int64, prefix string, depth int) error {
	meter := &meteredReader{r: r, left: &w.directory}
	z, err := zip.NewReader(meter, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return err // of ErrLimit, if that stopped it
	}
	meter.left = nil
	for _, f := range z.File {
		if f.FileInfo().IsDir() || f.Flags&1 != 0 { // encrypted: nobody loads that
			continue
		}
		if err := w.member(f, prefix+cmp.Or(f.Name, "(no name)"), depth); errIsLimit(err) {
			return err
		}
	}
	return nil
}

func (w *zipWalk) member(f *zip.File, name string, depth int) error {
	if len(name) > maxName {
		return nil
	}
	stream, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	in := &inflated{stream, &w.inflated}
	buf := w.budget.buffers[depth]
	if len(buf) == 0 {
		buf = make([]byte, HeadSize)
		w.budget.buffers[depth] = buf
	}
	n, err := io.ReadFull(in, buf[:HeadSize])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	_, native := File(buf[:n])
	if !native && !isZip(buf[:n]) {
		return nil
	}
	whole := n < HeadSize
	if !whole {
		if n, whole, err = w.grow(in, depth, f.UncompressedSize64); err != nil {
			return err
		}
	}
	buf = w.budget.buffers[depth]
	if native {
		return w.native(name, buf[:n], in, whole)
	}
	if depth+1 == maxNesting {
		return limited("archives in it are nested more than %d deep", maxNesting)
	}
	if !whole {
		return limited("%q in it is an archive of more than %d bytes", name, maxMember)
	}
	err = w.archive(bytes.NewReader(buf[:n]), int64(n), name+"!", depth+1)
	return err
}

// grow reads on, up to the end or maxMember. The size that the archive claims
// is only used to make the buffer no larger than it must be.
func (w *zipWalk) grow(in io.Reader, depth int, claimed uint64) (n int, whole bool, err error) {
	buf := w.budget.buffers[depth]
	if want := int(min(claimed, maxMember)) + 1; len(buf) < want {
		buf = make([]byte, want)
		copy(buf, w.budget.buffers[depth][:HeadSize])
		w.budget.buffers[depth] = buf
	}
	n, err = io.ReadFull(in, buf[HeadSize:])
	n += HeadSize
	switch err {
	case io.EOF, io.ErrUnexpectedEOF:
		return n, true, nil
	}
	return n, false, err
}

// native notes a native file, of which head was read and the rest, unless head
// is all, was not.
func (w *zipWalk) native(name string, head []byte, rest io.Reader, whole bool) error {
	if w.budget.natives--; w.budget.natives < 0 {
		return limited("the archives have more than %d native files in all", maxInners)
	}
	inner, size := Inner{Path: name}, int64(len(head))
	w.budget.hash.Reset()
	_, _ = w.budget.hash.Write(head)
	if !whole {
		n, err := io.Copy(w.budget.hash, rest)
		if err != nil {
			return err
		}
		size += n
	}
	w.budget.hash.Sum(inner.Sum[:0])
	p, err := ReadProgram(bytes.NewReader(head), size)
	inner.Program = &p
	if errors.Is(err, ErrMalformed) {
		inner.Fault = err
	}
	w.found = append(w.found, inner)
	return nil
}

// inflated counts what is unpacked.
type inflated struct {
	r    io.Reader
	left *int64
}

func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	if *i.left -= int64(n); *i.left < 0 {
		return n, limited("it unpacks to far more than it is")
	}
	return n, err
}

// meteredReader counts what [zip.NewReader] takes as the table of contents,
// which goes by the table and not by how long it is said to be.
type meteredReader struct {
	r    io.ReaderAt
	left *int64
}

func (m *meteredReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := m.r.ReadAt(p, off)
	if m.left != nil {
		if *m.left -= int64(n); *m.left < 0 {
			return n, limited("its table of contents has more than %d bytes", maxDirectory)
		}
	}
	return n, err
}
