package oci

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Archive is a kind of file that holds images.
type Archive int

// The kinds, by the ends of their names.
const (
	ArchiveNone   Archive = iota // a folder
	ArchiveOCI                   // ".oci.tar": a layout of all platforms, for skopeo and podman
	ArchiveDocker                // ".docker.tar": what "docker load" reads
)

// ArchiveKind tells what a path asks for by its end. A plain .tar could be
// either, and is refused; so is a compressed one: layers are compressed already.
func ArchiveKind(file string) (Archive, error) {
	base := strings.ToLower(filepath.Base(file))
	kind := ArchiveNone
	switch {
	case strings.HasSuffix(base, ".oci.tar"):
		kind = ArchiveOCI
	case strings.HasSuffix(base, ".docker.tar"):
		kind = ArchiveDocker
	case strings.HasSuffix(base, ".tar"):
		stem := file[:len(file)-len(".tar")]
		return kind, fmt.Errorf("writing archive %q: its name does not say which kind; write %s.oci.tar (all platforms, for skopeo and podman) or %s.docker.tar (for docker load)", file, stem, stem)
	case strings.HasSuffix(base, ".tgz"), strings.Contains(base, ".tar."):
		return kind, fmt.Errorf("writing archive %q: layers are compressed already, and nothing would be gained; end it in .oci.tar (for skopeo and podman) or .docker.tar (for docker load)", file)
	default:
		return kind, nil
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return kind, fmt.Errorf("writing archive %q: there is a folder of that name; name a file, or remove the folder", file)
	}
	return kind, nil
}

// WriteArchive writes an index into one file, under full names ("app:1",
// "host/app:1"). Equal images and names give equal bytes. The file appears when
// it is complete; what was there before stays until then.
//
// An ArchiveOCI has all platforms. An ArchiveDocker cannot have two platforms
// under one name; of an index of several each gets its architecture behind the
// tag, "app:1-arm64".
func WriteArchive(ctx context.Context, file string, kind Archive, index Index, refs []string) error {
	tags := make([]name.Tag, len(refs))
	for i, ref := range refs {
		var err error
		if tags[i], err = ParseTag(ref); err != nil {
			return err
		}
	}
	err := writeStream(file, func(w io.Writer) error {
		buffered := bufio.NewWriterSize(w, 1<<20)
		a := archiveWriter{ctx: ctx, tar: tar.NewWriter(buffered), names: make(map[string]bool)}
		write := a.layout
		if kind == ArchiveDocker {
			write = a.docker
		}
		return errors.Join(write(index, tags), a.tar.Close(), buffered.Flush())
	})
	if err != nil {
		return fmt.Errorf("writing archive %q: %w", file, err)
	}
	return nil
}

// writeStream writes a file whole or not at all, and clears away what runs that
// were killed have left.
func writeStream(file string, fill func(io.Writer) error) error {
	dir, base := filepath.Split(filepath.Clean(file))
	if dir == "" {
		dir = "."
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	prefix := "." + base + ".tmp-"
	sweep(dir, prefix)
	tmp, err := os.CreateTemp(dir, prefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // gone after the rename
	err = fill(tmp)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return diskCure(err)
	}
	return os.Rename(tmp.Name(), file)
}

// archiveWriter writes members, each name once. Nothing of this machine or of
// the moment is in their headers.
type archiveWriter struct {
	ctx   context.Context //nolint:containedctx // lives for one call of WriteArchive
	tar   *tar.Writer
	names map[string]bool
}

func (a archiveWriter) member(name string, size int64, r io.Reader) error {
	header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: size, Format: tar.FormatUSTAR}
	if size >= 8<<30 { // USTAR ends there
		header.Format = tar.FormatPAX
	}
	if err := a.tar.WriteHeader(header); err != nil {
		return err
	}
	_, err := io.Copy(a.tar, contextReader{a.ctx, r})
	return err
}

// bytes writes a small member, unless it is there.
func (a archiveWriter) bytes(name string, raw []byte) error {
	if a.names[name] {
		return nil
	}
	a.names[name] = true
	return a.member(name, int64(len(raw)), bytes.NewReader(raw))
}

// layer writes a layer's blob, unless another platform had the same.
func (a archiveWriter) layer(name func(v1.Descriptor) string, l v1.Layer) (string, error) {
	desc, err := describeLayer(l)
	if err != nil {
		return "", err
	}
	file := name(desc)
	if a.names[file] {
		return file, nil
	}
	a.names[file] = true
	r, err := l.Compressed()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	err = a.member(file, desc.Size, io.TeeReader(r, h))
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	if got := sum(h); err == nil && got != desc.Digest {
		err = fmt.Errorf("copying blob %s: its content is %s", desc.Digest, got)
	}
	return file, err
}
