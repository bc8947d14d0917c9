package oci

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Bounds on an archive of images: beyond them it is no such thing.
const (
	maxMembers  = 100_000
	maxDocument = 8 << 20 // bytes of a manifest or a config
	maxDepth    = 4       // of an index in an index
)

var errNoArchive = errors.New("it is no tar archive")

// archive is a tar file of images. It is read where it lies: the members are
// found once, by their offsets, and opened one by one. Nothing is unpacked. A
// compressed one has no offsets to go to; each opening unpacks it from the
// start then and forgets what it skips, which costs time and no space.
type archive struct {
	path    string
	pack    func(io.Reader) (io.ReadCloser, error) // nil if it is not compressed
	members map[string]member
}

type member struct {
	offset, size int64
	link         string // where a link points, as a member's name
}

// indexArchive finds the members of a file. The error is errNoArchive if the
// file is something else.
func indexArchive(file string) (_ *archive, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	head := make([]byte, 4)
	if _, err := io.ReadFull(f, head); err != nil {
		return nil, errNoArchive
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	a := &archive{path: file, pack: compression(head), members: map[string]member{}}
	r := &position{r: f, seeker: f}
	if a.pack != nil {
		z, err := a.pack(bufio.NewReaderSize(f, 256<<10))
		if err != nil {
			return nil, errNoArchive
		}
		defer func() { _ = z.Close() }()
		r = &position{r: z}
	}
	return a, a.index(r)
}

func (a *archive) index(r *position) error {
	var source io.Reader = r
	if r.seeker == nil {
		source = onlyReader{r}
	}
	t := tar.NewReader(source)
	for {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil && len(a.members) == 0 {
			return errNoArchive
		}
		if err != nil {
			return fmt.Errorf("reading the archive: %w; it is cut off or damaged: save it again", err)
		}
		if len(a.members) == maxMembers {
			return fmt.Errorf("reading the archive: it has more than %d members, and no image has", maxMembers)
		}
		name := path.Clean("/" + h.Name)[1:]
		switch h.Typeflag {
		case tar.TypeReg:
			a.members[name] = member{offset: r.n, size: h.Size}
		case tar.TypeLink:
			a.members[name] = member{link: path.Clean("/" + h.Linkname)[1:]}
		case tar.TypeSymlink: // older Dockers save a layer that two images share so
			a.members[name] = member{link: path.Join("/", path.Dir(name), h.Linkname)[1:]}
		}
	}
	if len(a.members) == 0 {
		return errNoArchive
	}
	return nil
}

// find follows links; they may go in circles.
func (a *archive) find(name string) (member, bool) {
	m, ok := a.members[path.Clean("/" + name)[1:]]
	for range 10 {
		if !ok || m.link == "" {
			return m, ok
		}
		m, ok = a.members[m.link]
	}
	return member{}, false
}

// open begins the reading of a member.
func (a *archive) open(name string) (io.ReadCloser, error) {
	m, ok := a.find(name)
	if !ok {
		return nil, fmt.Errorf("opening %q in the archive %q: it is not there; save the image again", name, a.path)
	}
	f, err := os.Open(a.path)
	if err != nil {
		return nil, err
	}
	if a.pack == nil {
		return &unpacked{io.NewSectionReader(f, m.offset, m.size), f.Close}, nil
	}
	z, err := a.pack(bufio.NewReaderSize(f, 256<<10))
	if err == nil {
		if _, err = io.CopyN(io.Discard, z, m.offset); err == nil {
			return &unpacked{io.LimitReader(z, m.size), func() error { return errors.Join(z.Close(), f.Close()) }}, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("opening %q in the archive %q: %w", name, a.path, err), f.Close())
}

// document reads a small member.
func (a *archive) document(name string) ([]byte, error) {
	r, err := a.open(name)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("reading %q in the archive: %w", name, err)
	}
	if len(raw) > maxDocument {
		return nil, fmt.Errorf("reading %q in the archive: it has more than %d bytes", name, maxDocument)
	}
	return raw, nil
}

// compression tells by the first bytes; nil is none.
func compression(head []byte) func(io.Reader) (io.ReadCloser, error) {
	switch {
	case strings.HasPrefix(string(head), "\x1f\x8b"):
		return func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }
	case strings.HasPrefix(string(head), "\x28\xb5\x2f\xfd"):
		return func(r io.Reader) (io.ReadCloser, error) {
			z, err := zstd.NewReader(r)
			if err != nil {
				return nil, err
			}
			return z.IOReadCloser(), nil
		}
	}
	return nil
}

// position knows how far a file was read, or sought.
type position struct {
	r      io.Reader
	seeker io.Seeker
	n      int64
}

func (p *position) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n += int64(n)
	return n, err
}

// Seek lets package tar pass over layers without reading them.
func (p *position) Seek(offset int64, whence int) (int64, error) {
	n, err := p.seeker.Seek(offset, whence)
	if err == nil {
		p.n = n
	}
	return n, err
}

// onlyReader hides Seek.
type onlyReader struct{ io.Reader }
