package debian

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/blakesmith/ar"
)

// Bounds of one package: the largest of Debian unpack to a few GB, those of a
// base to some ten MB.
const (
	maxControl = 32 << 20
	maxData    = 2 << 30
)

// deb is an opened .deb, deb(5).
type deb struct {
	Package
	control stanza
	scripts map[string][]byte // the other files of the control member: md5sums, conffiles, …
	entries []member
}

type member struct {
	hdr  *tar.Header
	data []byte // of a regular file
}

// opener opens a compressed member, as [decompress] does.
type opener func(r io.Reader, name string, limit int64) (io.ReadCloser, error)

// openDeb reads a whole package into memory and checks that it is the one it
// is locked as.
func openDeb(file string, p Package, open opener) (d *deb, err error) {
	defer func() {
		// blakesmith/ar slices without looking: a header full of blanks panics.
		if r := recover(); r != nil {
			err = fmt.Errorf("reading package %q: the ar header is malformed (%v)", p.Name, r)
		}
	}()
	in, err := openShared(file)
	if err != nil {
		return nil, fmt.Errorf("reading package %q: %w", p.Name, err)
	}
	defer func() { _ = in.Close() }()
	d = &deb{Package: p, scripts: map[string][]byte{}}
	if err := d.members(in, open); err != nil {
		return nil, fmt.Errorf("reading package %q: %w", p.Name, err)
	}
	if err := d.identify(); err != nil {
		return nil, fmt.Errorf("reading package %q: %w", p.Name, err)
	}
	return d, nil
}

func (d *deb) members(in io.Reader, open opener) error {
	magic := make([]byte, 8)
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != "!<arch>\n" {
		return errors.New("it is no ar archive")
	}
	// ar.NewReader skips the magic without looking at it.
	archive := ar.NewReader(io.MultiReader(bytes.NewReader(magic), in))
	var order []string
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading ar member %d: %w", len(order)+1, err)
		}
		if h.Size < 0 {
			return fmt.Errorf("ar member %q has a negative size", h.Name)
		}
		name := strings.TrimSuffix(strings.TrimSpace(h.Name), "/")
		kind, _, _ := strings.Cut(name, ".")
		order = append(order, kind)
		whole := &exactly{archive, h.Size}
		switch kind {
		case "debian-binary":
			version, err := io.ReadAll(io.LimitReader(whole, 16))
			if err != nil || !strings.HasPrefix(string(version), "2.") {
				return fmt.Errorf("format %q is not 2.x", version)
			}
		case "control":
			err = untar(whole, name, maxControl, open, d.addControl)
		case "data":
			err = untar(whole, name, maxData, open, d.addData)
		}
		if err != nil {
			return err
		}
	}
	if strings.Join(order, " ") != "debian-binary control data" {
		return fmt.Errorf("it has the members %q, not debian-binary, control and data", order)
	}
	return nil
}

// exactly reads a member of left bytes. Where the archive is cut, ar says that
// the member ends, and a tar may end where it likes.
type exactly struct {
	io.Reader
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if e.left -= int64(n); errors.Is(err, io.EOF) && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func untar(r io.Reader, name string, limit int64, open opener, add func(*tar.Header, []byte) error) (err error) {
	plain, err := open(r, name, limit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plain.Close()) }()
	archive := tar.NewReader(plain)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			// Padding after the end is read too, so that a damaged stream is noticed.
			_, err = io.Copy(io.Discard, plain)
			return err
		}
		if err != nil {
			return fmt.Errorf("reading %q: %w", name, err)
		}
		var data []byte
		if h.Typeflag == tar.TypeReg {
			if data, err = readExactly(archive, h.Size); err != nil {
				return fmt.Errorf("reading %q of %q: %w", h.Name, name, err)
			}
		}
		if err := add(h, data); err != nil {
			return fmt.Errorf("reading %q: %w", name, err)
		}
	}
}

// readExactly does not believe a large size before the bytes are there: a header
// may claim gigabytes.
func readExactly(r io.Reader, size int64) ([]byte, error) {
	if size <= 64<<20 {
		data := make([]byte, size)
		_, err := io.ReadFull(r, data)
		return data, err
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, r)
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

func (d *deb) addControl(h *tar.Header, data []byte) error {
	if h.Typeflag == tar.TypeReg {
		d.scripts[strings.TrimPrefix(h.Name, "./")] = data
	}
	return nil
}

func (d *deb) addData(h *tar.Header, data []byte) error {
	d.entries = append(d.entries, member{h, data})
	return nil
}

// identify compares the package's own words with the lock.
func (d *deb) identify() (err error) {
	d.control, err = oneStanza(bytes.NewReader(d.scripts["control"]))
	if err != nil {
		return fmt.Errorf("parsing its control file: %w", err)
	}
	name, version, arch := d.control.get("Package"), d.control.get("Version"), d.control.get("Architecture")
	if name != d.Name || version != d.Version || (arch != d.Arch && arch != "all") {
		return fmt.Errorf("it says that it is %s %s for %s, but is locked as %s %s for %s; resolve the base again", name, version, arch, d.Name, d.Version, d.Arch)
	}
	return nil
}
