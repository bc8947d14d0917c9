package debian

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/blakesmith/ar"
	"github.com/klauspost/compress/zstd"
)

// Reading xz is most of the work of making a base. So a package that is opened
// is repacked on the way: the same tars in an archive of the same form, but
// compressed so that they are read quickly the next time.

// openQuick is [openDeb] of a file that was checked, by way of its repacked form.
// That is no second source: if anything is wrong with it, the file itself is
// read, and repacked again. Not being able to write it costs time, no more.
func (f Fetcher) openQuick(file string, p Package) (d *deb, err error) {
	if f.Repacked == "" {
		return openDeb(file, p, decompress)
	}
	quick := filepath.Join(f.Repacked, p.SHA256+".deb")
	if d, err := openDeb(quick, p, decompress); err == nil {
		now := time.Now() // what is in use is young, and is not pruned
		_ = os.Chtimes(quick, now, now)
		return d, nil
	}
	_ = writeWhole(quick, func(to *os.File) error {
		r := newRepacker(to)
		d, err = openDeb(file, p, r.open)
		return errors.Join(err, r.err)
	})
	if d == nil && err == nil { // there is no place to write to
		return openDeb(file, p, decompress)
	}
	return d, err
}

// repacker writes a package while it is read. What fails for it is in err, and
// does not disturb the reading.
type repacker struct {
	file *os.File
	err  error
}

var errQuick = errors.New("the package is quick to open as it is")

func newRepacker(file *os.File) *repacker {
	archive, version := ar.NewWriter(file), "2.0\n"
	err := archive.WriteGlobalHeader()
	if err == nil {
		err = archive.WriteHeader(arHeader("debian-binary", int64(len(version))))
	}
	if err == nil {
		_, err = io.WriteString(archive, version)
	}
	return &repacker{file, err}
}

func arHeader(name string, size int64) *ar.Header {
	return &ar.Header{Name: name, Size: size, Mode: 0o644, ModTime: time.Unix(0, 0)}
}

// open is [decompress], and repacks what is read until it is closed.
func (r *repacker) open(packed io.Reader, name string, limit int64) (io.ReadCloser, error) {
	plain, err := decompress(packed, name, limit)
	if err != nil {
		return nil, err
	}
	// The name may lie, since the first bytes decide; then time is lost, no more.
	kind, compression, _ := strings.Cut(name, ".tar")
	if kind == "data" && r.err == nil && (compression == "" || compression == ".zst") {
		r.err = errQuick
	}
	if r.err != nil {
		return plain, nil
	}
	m := &repacking{ReadCloser: plain, to: r, name: kind + ".tar.zst"}
	if m.start, r.err = r.file.Seek(ar.HEADER_BYTE_SIZE, io.SeekCurrent); r.err == nil {
		m.packed, r.err = zstd.NewWriter(r.file, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	}
	return m, nil
}

// repacking is a member that is read and repacked.
type repacking struct {
	io.ReadCloser
	to     *repacker
	name   string
	start  int64 // in the file, behind the place for the header
	packed *zstd.Encoder
}

func (m *repacking) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	if m.to.err == nil {
		_, m.to.err = m.packed.Write(p[:n])
	}
	return n, err
}

func (m *repacking) Close() error {
	if m.to.err == nil {
		m.to.err = m.end()
	}
	return m.ReadCloser.Close()
}

// end writes the header last, since it has the member's size.
func (m *repacking) end() error {
	if err := m.packed.Close(); err != nil {
		return err
	}
	file := m.to.file
	next, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	size := next - m.start
	if size%2 == 1 {
		if _, err := io.WriteString(file, "\n"); err != nil {
			return err
		}
	}
	header := io.NewOffsetWriter(file, m.start-ar.HEADER_BYTE_SIZE)
	return ar.NewWriter(header).WriteHeader(arHeader(m.name, size))
}
