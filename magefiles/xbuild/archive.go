package xbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/mholt/archiver/v4"
)

// ArchiveFormat is how an archive is packed; its value is the extension of the
// file.
type ArchiveFormat string

// The formats that people unpack without a program of their own: Windows has
// known zip for longer than tar.
const (
	TarGz ArchiveFormat = ".tar.gz"
	Zip   ArchiveFormat = ".zip"
)

// ArchiveFormat is zip for Windows and a gzipped tar for all others.
func (p Platform) ArchiveFormat() ArchiveFormat {
	if p.OS == "windows" {
		return Zip
	}
	return TarGz
}

// Archive is one archive of files, as data. What is in it depends on these
// fields and the files' content alone: names are sorted, owners are 0 and
// nameless, modes are 0755 or 0644 and every time is the same, so that equal
// archives have equal bytes on every host.
type Archive struct {
	Name   string // of the one folder in it, and of the file without extension
	Format ArchiveFormat
	Time   time.Time // of every entry, in whole seconds; zip knows no year before 1980 and gets that
	Files  []ArchiveFile
}

// ArchiveFile is one file of an Archive.
type ArchiveFile struct {
	To      string // path in the archive's folder, with slashes
	From    string // path on this host
	Program bool   // mode 0755, not 0644
}

// FileName is the archive's own name, with its extension.
func (a Archive) FileName() string { return a.Name + string(a.Format) }

// Write writes the archive to w. Names that some system could not unpack are
// refused before anything is read, see Check.
func (a Archive) Write(ctx context.Context, w io.Writer) error {
	err := a.Check()
	if err != nil {
		return err
	}
	// archiver closes its tar and zip writers without looking at the error, and their last bytes go out only then.
	s := &sink{ctx: ctx, w: w}
	err = a.pack(s)
	if s.err != nil {
		err = s.err
	}
	if err != nil {
		return fmt.Errorf("writing archive %q: %w", a.FileName(), err)
	}
	return nil
}

func (a Archive) pack(s *sink) error {
	files, err := a.entries()
	if err != nil {
		return err
	}
	if a.Format == Zip {
		return archiver.Zip{Compression: deflate}.Archive(s.ctx, s, files)
	}
	gz, err := archiver.Gz{CompressionLevel: 9}.OpenWriter(s)
	if err != nil {
		return err
	}
	if w, ok := gz.(*gzip.Writer); ok {
		w.ModTime = time.Unix(0, 0) // "no time"; Go's own zero would be written as a day in 2042
	}
	return errors.Join(archiver.Tar{NumericUIDGID: true}.Archive(s.ctx, gz, files), gz.Close())
}

// deflate is the method of zip that every unpacker knows.
const deflate = 8

// entries are the folders and files as archiver wants them. The content is read
// beforehand: a file that changed its size while it was packed would spoil a tar.
func (a Archive) entries() ([]archiver.FileInfo, error) {
	at := a.Time.UTC().Truncate(time.Second)
	if first := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC); a.Format == Zip && at.Before(first) {
		at = first
	}
	var out []archiver.FileInfo
	for _, name := range a.paths() {
		e := entry{name: name.path, time: at, mode: fs.ModeDir | 0o755}
		if f := name.file; f != nil {
			if !isFile(f.From) {
				return nil, fmt.Errorf("reading %q for %q: it is not there, or no plain file", f.From, f.To)
			}
			content, err := os.ReadFile(f.From)
			if err != nil {
				return nil, err
			}
			e.content, e.mode = content, 0o644
			if f.Program {
				e.mode = 0o755
			}
		}
		inArchive := e.name
		if e.IsDir() {
			inArchive += "/"
		}
		out = append(out, archiver.FileInfo{FileInfo: e, NameInArchive: inArchive, Open: e.open})
	}
	return out, nil
}

// entry is a file or folder that has nothing of this host: no owner, no inode
// and none of the times that archiver would find in Sys.
type entry struct {
	name    string
	content []byte
	mode    fs.FileMode
	time    time.Time
}

func (e entry) Name() string       { return path.Base(e.name) }
func (e entry) Size() int64        { return int64(len(e.content)) }
func (e entry) Mode() fs.FileMode  { return e.mode }
func (e entry) ModTime() time.Time { return e.time }
func (e entry) IsDir() bool        { return e.mode.IsDir() }
func (e entry) Sys() any           { return nil }

func (e entry) open() (fs.File, error) { return openEntry{bytes.NewReader(e.content), e}, nil }

type openEntry struct {
	*bytes.Reader
	entry entry
}

func (o openEntry) Stat() (fs.FileInfo, error) { return o.entry, nil }
func (openEntry) Close() error                 { return nil }

// sink remembers the first error of a writer, and ends when its context does.
type sink struct {
	ctx context.Context
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (n int, err error) {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	if s.err != nil {
		return 0, s.err
	}
	n, s.err = s.w.Write(p)
	return n, s.err
}
