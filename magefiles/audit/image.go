package audit

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Layer is one layer of an image.
type Layer struct {
	Name  string // what its maker calls it; may be empty
	Index int    // its place in the image, 0 at the bottom; Image wants them in order
	// Open begins the layer's uncompressed tar stream. The stream is read to
	// its end, so that a reader which checks a digest gets to see all of it.
	Open func() (io.ReadCloser, error)
}

// Image checks every native file that a container of the image would see:
// layers are read in order, bottom first, and a file that a later one removes
// or replaces is no finding. A file with several names (hard links) is one
// finding. platform is what the image's config says, as in "linux/arm64".
//
// The layers are streamed; memory grows with the number of native files and
// the length of their paths, not with sizes. Findings are sorted (see [Sort]).
// An error means that the image could not be read, and says where.
func Image(ctx context.Context, platform string, layers []Layer) ([]Finding, Stats, error) {
	w, err := parsePlatform(platform)
	if err != nil {
		return nil, Stats{}, err
	}
	var stats Stats
	root := newRootfs()
	for i, l := range layers {
		root.begin(i)
		if err := readLayer(ctx, l, root, &stats); err != nil {
			return nil, stats, fmt.Errorf("auditing layer %d %q: %w", l.Index, l.Name, err)
		}
		root.end()
		stats.Layers++
	}
	return imageFindings(root, w), stats, nil
}

func readLayer(ctx context.Context, l Layer, root *rootfs, stats *Stats) (err error) {
	stream, err := l.Open()
	if err != nil {
		return fmt.Errorf("opening: %w", err)
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	counted := &countingReader{ctx: ctx, r: stream}
	defer func() { stats.Bytes += counted.n }()
	buffered := bufio.NewReaderSize(counted, 64<<10)
	archive := tar.NewReader(buffered)
	head := make([]byte, HeadSize)
	for {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("reading tar: %w", damaged(err))
		}
		if err := readEntry(archive, h, head, l, root, stats); err != nil {
			return err
		}
	}
	// What follows the end of the tar is padding, but a digest covers it too.
	if _, err := io.Copy(io.Discard, buffered); err != nil {
		return fmt.Errorf("reading to the end: %w", err)
	}
	return nil
}

func readEntry(archive *tar.Reader, h *tar.Header, head []byte, l Layer, root *rootfs, stats *Stats) error {
	p := clean(h.Name)
	if root.marker(p) {
		return nil
	}
	switch h.Typeflag {
	case tar.TypeDir:
		root.folder(p)
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		stats.Files++
		n := min(h.Size, HeadSize)
		if _, err := io.ReadFull(archive, head[:n]); err != nil {
			return fmt.Errorf("reading %q: %w", p, damaged(err))
		}
		b, ok := File(head[:n])
		if !ok {
			root.put(p, nil)
			break
		}
		stats.Binaries++
		root.put(p, &binaryFile{b, l})
	case tar.TypeLink:
		root.put(p, root.names[clean(h.Linkname)].file)
	default: // symbolic links, devices, pipes
		root.put(p, nil)
	}
	return nil
}

// damaged adds the cure to errors that mean bad bytes, not a bad connection
// or an interrupt.
func damaged(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, tar.ErrHeader) {
		return fmt.Errorf("%w; the layer is cut off or damaged: build or pull it again", err)
	}
	return err
}

func imageFindings(root *rootfs, w want) []Finding {
	var findings []Finding
	for file, names := range root.files() {
		slices.Sort(names)
		v, at := judgeNames(file.bin, w, names)
		if v.id == "" {
			continue
		}
		message := v.reason + " in a " + w.platform + " image"
		if others := slices.Delete(slices.Clone(names), at, at+1); len(others) == 1 {
			message += fmt.Sprintf(" (also named /%s)", others[0])
		} else if len(others) > 1 {
			message += fmt.Sprintf(" (also named /%s and %d more)", others[0], len(others)-1)
		}
		p := "/" + names[at]
		findings = append(findings, Finding{
			ID: v.id, Severity: v.severity, Platform: w.platform,
			Path: p, Layer: file.layer.Name, LayerIndex: file.layer.Index,
			Message: message, Cure: cure(v, file.bin, w, p),
		})
	}
	Sort(findings)
	return findings
}

// judgeNames returns the worst verdict among a file's names and which name has
// it: a second name in a folder with a licence must not excuse the first.
func judgeNames(b Binary, w want, names []string) (worst verdict, at int) {
	for i, n := range names {
		if v := judge(b, w, n); v.id != "" && (worst.id == "" || severityRank(v.severity) < severityRank(worst.severity)) {
			worst, at = v, i
		}
	}
	return worst, at
}

// countingReader counts, and fails once ctx is done: skipping over a file of
// gigabytes must not outlive an interrupt.
type countingReader struct {
	ctx context.Context
	r   io.Reader
	n   int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
