package oci

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"
)

// paxXattr is the prefix under which tar keeps extended attributes.
const paxXattr = "SCHILY.xattr."

// writeTar writes the layer as a complete tar archive in the POSIX.1-2001
// format, which falls back to plain ustar for entries that need no more.
func writeTar(ctx context.Context, w io.Writer, tree fs.FS, l *Layer, mtime time.Time) error {
	list, err := collect(ctx, tree, l)
	if err != nil {
		return err
	}
	t := tarWriter{Writer: tar.NewWriter(w), tree: tree, layer: l, mtime: mtime, buf: make([]byte, 256<<10)}
	if err := t.parents(); err != nil {
		return err
	}
	links := hardLinks(list)
	for _, e := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.add(ctx, e, links[e.path]); err != nil {
			return fmt.Errorf("adding %q: %w", e.name, err)
		}
	}
	return t.Close()
}

type tarWriter struct {
	*tar.Writer
	tree  fs.FS
	layer *Layer
	mtime time.Time
	buf   []byte
}

// parents writes To and the directories above it, so that their modes do not
// depend on what the tool that unpacks the layer thinks of missing ones.
func (t *tarWriter) parents() error {
	dir := strings.TrimPrefix(t.layer.To, "/")
	if dir == "" {
		return nil
	}
	for i, c := range dir + "/" {
		if c != '/' {
			continue
		}
		hdr := t.header(tar.TypeDir, dir[:i]+"/", parentMode(dir[:i]))
		if i == len(dir) {
			hdr.Uid, hdr.Gid = t.layer.Owner.UID, t.layer.Owner.GID
		}
		if err := t.WriteHeader(hdr); err != nil {
			return fmt.Errorf("adding directory %q: %w", dir[:i], err)
		}
	}
	return nil
}

// parentMode knows the directories whose mode everything relies on; writing
// /tmp as 0755 in an upper layer would take it from everybody but root.
func parentMode(dir string) int64 {
	switch dir {
	case "tmp", "var/tmp":
		return 0o1777
	case "root":
		return 0o700
	}
	return 0o755
}

func (t *tarWriter) header(kind byte, name string, mode int64) *tar.Header {
	return &tar.Header{Typeflag: kind, Name: name, Mode: mode, ModTime: t.mtime, Format: tar.FormatPAX}
}

// add writes one entry; hardLink is the path of an earlier name of the same file.
func (t *tarWriter) add(ctx context.Context, e entry, hardLink string) error {
	var hdr *tar.Header
	switch {
	case e.info.IsDir():
		hdr = t.header(tar.TypeDir, e.path+"/", 0o755)
	case e.info.Mode()&fs.ModeSymlink != 0:
		hdr = t.header(tar.TypeSymlink, e.path, 0o777)
		hdr.Linkname = e.link
	case hardLink != "":
		hdr = t.header(tar.TypeLink, e.path, t.fileMode(e))
		hdr.Linkname = hardLink
	default:
		hdr = t.header(tar.TypeReg, e.path, t.fileMode(e))
	}
	t.own(hdr, e)
	if hdr.Typeflag != tar.TypeReg {
		return t.WriteHeader(hdr)
	}
	return t.content(ctx, hdr, e)
}

func (t *tarWriter) fileMode(e entry) int64 {
	executable := e.info.Mode()&0o111 != 0
	if t.layer.Executable != nil {
		executable = t.layer.Executable(e.name)
	}
	if executable {
		return 0o755
	}
	return 0o644
}

// own sets owner and, for a tree that knows better than our policy, the mode.
func (t *tarWriter) own(hdr *tar.Header, e entry) {
	hdr.Uid, hdr.Gid = t.layer.Owner.UID, t.layer.Owner.GID
	if !t.layer.KeepModes || e.hdr == nil {
		return
	}
	hdr.Uid, hdr.Gid = e.hdr.Uid, e.hdr.Gid
	if hdr.Typeflag != tar.TypeSymlink {
		hdr.Mode = e.hdr.Mode & 0o7777
	}
	for key, value := range e.hdr.PAXRecords {
		if strings.HasPrefix(key, paxXattr) {
			if hdr.PAXRecords == nil {
				hdr.PAXRecords = make(map[string]string)
			}
			hdr.PAXRecords[key] = value
		}
	}
}

func (t *tarWriter) content(ctx context.Context, hdr *tar.Header, e entry) error {
	f, err := t.tree.Open(e.name)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read from
	info, err := f.Stat()
	if err != nil {
		return err
	}
	hdr.Size = info.Size()
	if err := t.WriteHeader(hdr); err != nil {
		return err
	}
	// One byte more than announced is asked for, to notice a file that grows.
	n, err := io.CopyBuffer(onlyWriter{t}, io.LimitReader(contextReader{ctx, f}, hdr.Size+1), t.buf)
	if errors.Is(err, tar.ErrWriteTooLong) || err == nil && n != hdr.Size {
		return errors.New("the file changed while it was read: build again")
	}
	return err
}
