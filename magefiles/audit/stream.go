package audit

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// maxStream is where an image's layers stop being read, in bytes. Only what was
// made to never end has more.
const maxStream = 1 << 40

// readLayer reads a layer, or plays again what its memory has of it.
func readLayer(ctx context.Context, l Layer, root *rootfs, c *contents, stats *Stats) error {
	if l.Memory == nil || l.Digest == "" {
		return streamLayer(ctx, l, root, c, stats, nil)
	}
	if known := readTape(l.Memory.Load(l.Digest)); known != nil {
		stats.Bytes += known.Bytes
		for _, m := range known.Entries {
			err := ctx.Err()
			if err == nil {
				_, err = readEntry(m, root, c, stats, func(p string, _ fs.FileMode) (*Content, error) { return m.content(c, p) })
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	made, before := new(tape), stats.Bytes
	if err := streamLayer(ctx, l, root, c, stats, made); err != nil {
		return err
	}
	made.Bytes = stats.Bytes - before
	if record := made.record(); record != nil {
		l.Memory.Save(l.Digest, record)
	}
	return nil
}

// Record reads the uncompressed tar archive of one layer, and returns what a Memory would be given to save for it; nil if the layer
// has to be read each time.
func Record(ctx context.Context, archive io.Reader) ([]byte, error) {
	root, made, stats := newRootfs(), new(tape), new(Stats)
	root.begin(0)
	open := func() (io.ReadCloser, error) { return io.NopCloser(archive), nil }
	if err := streamLayer(ctx, Layer{Open: open}, root, newContents(), stats, made); err != nil {
		return nil, err
	}
	made.Bytes = stats.Bytes
	return made.record(), nil
}

func streamLayer(ctx context.Context, l Layer, root *rootfs, c *contents, stats *Stats, made *tape) (err error) {
	stream, err := l.Open()
	if err != nil {
		return fmt.Errorf("opening: %w", err)
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	counted := &countingReader{ctx: ctx, r: stream, limit: maxStream - stats.Bytes}
	defer func() { stats.Bytes += counted.n }()
	buffered := bufio.NewReaderSize(counted, 256<<10)
	archive := tar.NewReader(buffered)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading tar: %w", damaged(err))
		}
		m := tarEntryOf(h)
		if len(clean(m.Name)) > maxName || len(m.Link) > maxName {
			continue // no kernel could make it: whoever unpacks this fails
		}
		m, err = readEntry(m, root, c, stats, func(p string, mode fs.FileMode) (*Content, error) {
			file, err := c.read(archive, m.Size, p, mode, m.Sparse)
			if err != nil {
				err = fmt.Errorf("reading tar: reading %q: %w", strings.TrimPrefix(p, "/"), damaged(err))
			}
			return file, err
		})
		if err != nil {
			return err
		}
		made.add(m)
	}
	// What follows the end of the tar is padding, but a digest covers it too.
	if _, err := io.Copy(io.Discard, buffered); err != nil {
		return fmt.Errorf("reading to the end: %w", err)
	}
	return nil
}

// readEntry puts an entry into its place, and returns it with what was found out about it.
func readEntry(m tarEntry, root *rootfs, c *contents, stats *Stats, content func(string, fs.FileMode) (*Content, error)) (tarEntry, error) {
	p := clean(m.Name)
	if root.marker(p) {
		return m, nil
	}
	p, err := root.place(p)
	if err != nil {
		return m, unplaced(err)
	}
	e := &Entry{Path: p, Mode: m.Mode, UID: m.UID, GID: m.GID, Layer: root.current}
	switch m.Kind {
	case tar.TypeDir:
		e.Mode |= fs.ModeDir
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		e.Mode &^= fs.ModeType // a name that ends in a slash does not make it a folder
		stats.Files++
		if e.File, err = content(p, e.Mode); err != nil {
			return m, err
		}
		m.Placed, m.File = p, e.File
		if e.File.Program != nil {
			stats.Binaries++
		}
	case tar.TypeLink:
		to, err := root.place(clean(m.Link))
		if err != nil {
			return m, unplaced(err)
		}
		target := root.files[to]
		if target == nil || target.Mode.IsDir() {
			return m, nil // links to what is not there, or cannot be linked to
		}
		*e = *target
		e.Path, e.Layer = p, root.current
		c.shared[e.File] = true
	case tar.TypeSymlink:
		e.Link = m.Link
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
	default:
		return m, nil // headers of other tools' own
	}
	if p == "/" && !e.Mode.IsDir() {
		return m, nil
	}
	return m, root.put(e)
}

// unplaced passes over what can be nowhere.
func unplaced(err error) error {
	if errors.Is(err, errLoop) {
		return nil
	}
	return err
}

// sparse reports whether the file has holes, that is more bytes than the tar
// has of it.
func sparse(h *tar.Header) bool {
	return h.Typeflag == tar.TypeGNUSparse || slices.ContainsFunc(slices.Collect(maps.Keys(h.PAXRecords)), func(key string) bool {
		return strings.HasPrefix(key, "GNU.sparse.")
	})
}

// damaged adds the cure to errors that mean bad bytes, not a bad connection
// or an interrupt.
func damaged(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, tar.ErrHeader) {
		return fmt.Errorf("%w; the layer is cut off or damaged: build or pull it again", err)
	}
	return err
}

// countingReader counts, and fails once ctx is done: skipping over a file of
// gigabytes must not outlive an interrupt.
type countingReader struct {
	ctx      context.Context //nolint:containedctx // that is the point
	r        io.Reader
	n, limit int64 // bytes; the limit is none if it is 0
}

func (c *countingReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	if c.n += int64(n); c.limit > 0 && c.n > c.limit {
		return n, fmt.Errorf("there are more than %d bytes, and no end in sight", c.limit)
	}
	return n, err
}
