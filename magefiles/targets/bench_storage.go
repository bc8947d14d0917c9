package targets

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/noetl/noetl/magefiles/bench"
	"github.com/noetl/noetl/magefiles/oci"
)

// storage says what the registry keeps for an engine, whose repository was empty
// before: all blobs, and files that are alike on two platforms but lie in blobs
// of their own.
func (b *benchmark) storage(ctx context.Context, c *contender, sample *bench.Sample) error {
	dir := filepath.Join(b.registry.Dir, filepath.FromSlash(c.repo()))
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(filepath.Dir(path)) != "_blobs" {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sample.Stored += info.Size()
		}
		return err
	})
	if err != nil || c.Single {
		return err
	}
	source, err := oci.Open(ctx, b.address+"/"+c.repo()+"/"+c.Image+":latest", b.remote())
	if err != nil {
		return err
	}
	sample.Digest = source.Digest
	images, err := oci.Streams(source.Index)
	if err != nil {
		return err
	}
	twice, err := storedTwice(images)
	sample.Twice = &twice
	return err
}

// storedTwice adds up the files of the first platform that another one has, too,
// under the same name and with the same bytes, and that are in no blob which
// both have.
func storedTwice(images []oci.PlatformImage) (int64, error) {
	in := map[string]int{}
	for _, image := range images {
		for _, l := range image.Layers {
			in[l.Digest]++
		}
	}
	seen := map[string]bool{}
	var twice int64
	for i, image := range images {
		if i > 1 {
			break // what two have says enough
		}
		for n, l := range image.Layers {
			if in[l.Digest] > 1 {
				continue
			}
			if err := layerFiles(l, func(name string, size int64) {
				if i == 0 {
					seen[name] = true
				} else if seen[name] {
					twice += size
				}
			}); err != nil {
				return 0, fmt.Errorf("reading layer %d of the image for %s: %w", n, image.Platform, err)
			}
		}
	}
	return twice, nil
}

// layerFiles calls visit with a file's path, mode and digest in one, and its size.
func layerFiles(l oci.LayerStream, visit func(id string, size int64)) (err error) {
	r, err := l.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, t); err != nil {
			return err
		}
		visit(fmt.Sprintf("%s %o %x", h.Name, h.Mode, sum.Sum(nil)), h.Size)
	}
}

// load is the machine's load in the last minute; 0 where it does not say.
func load() float64 {
	text, _ := os.ReadFile("/proc/loadavg")
	var v float64
	_, _ = fmt.Sscan(string(text), &v)
	return v
}
