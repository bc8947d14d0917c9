package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// auditGoal is how many times sha256sum's time an audit of the same bytes may take.
const auditGoal = 2

// benchAudit holds the audit of an image against tools that do no more than
// read the same bytes: one run each.
func (j *job) benchAudit(ctx context.Context, image string) error {
	if image == "" {
		image = j.path("dist/images/" + j.Image)
		if !exists(image) {
			return fmt.Errorf("measuring the audit: there is no image in %q; build it with mage images, or give -image=", j.short(image))
		}
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	source, err := oci.Open(ctx, image, j.remote())
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	all := filepath.Join(dir, "layers.tar")
	images, size, err := unpackLayers(source.Index, all)
	if err != nil {
		return err
	}
	sum, err := j.measure(ctx, "sha256sum", all)
	if err != nil {
		return err
	}
	list, err := j.measure(ctx, "tar", "--ignore-zeros", "-tf", all) // the layers lie one behind the other
	if err != nil {
		return err
	}
	plain, err := auditUnpacked(ctx, images)
	if err != nil {
		return err
	}
	whole, err := j.measure(ctx, self, "audit", "-image="+image, "-json")
	if err != nil {
		return err
	}
	var rows [][]report.Cell
	for _, r := range []struct {
		name string
		measured
	}{
		{"sha256sum", sum}, {"tar t", list}, {"audit, layers unpacked before", plain}, {"audit, image as it lies", whole},
	} {
		memory := "?"
		if r.peak > 0 {
			memory = report.Bytes(r.peak)
		}
		rows = append(rows, []report.Cell{
			report.Text(r.name), report.Number(fmt.Sprintf("%.2f s", r.took.Seconds())),
			report.Number(fmt.Sprintf("%.0f", float64(size)/1e6/r.took.Seconds())), report.Number(memory),
			report.Number(fmt.Sprintf("%.2f", r.took.Seconds()/sum.took.Seconds())),
		})
	}
	j.show.Table([]string{"one run", "time", "MB/s", "peak memory", "of sha256sum"}, rows)
	fmt.Fprintf(j.out, "\n%s of layers in %d platforms. The audit of the same bytes takes %.2f times as long as sha256sum (goal: at most %d)\n",
		report.Bytes(size), len(images), plain.took.Seconds()/sum.took.Seconds(), auditGoal)
	return nil
}

// unpackLayers writes the layers of all platforms into one file, one behind the
// other, uncompressed. A layer that several platforms share is there for each,
// as each is audited. The images that it returns read from the file.
func unpackLayers(index oci.Index, file string) (images []oci.PlatformImage, size int64, err error) {
	if images, err = oci.Streams(index); err != nil {
		return nil, 0, err
	}
	out, err := os.Create(file)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	for _, image := range images {
		for i := range image.Layers {
			n, err := appendLayer(out, image.Layers[i])
			if err != nil {
				return nil, 0, fmt.Errorf("unpacking layer %d of the image for %s: %w", i, image.Platform, err)
			}
			start := size
			image.Layers[i].Open = func() (io.ReadCloser, error) { return openPart(file, start, n) }
			size += n
		}
	}
	return images, size, nil
}

func appendLayer(out io.Writer, l oci.LayerStream) (n int64, err error) {
	r, err := l.Open()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.Copy(out, r)
}

type part struct {
	*io.SectionReader
	io.Closer
}

func openPart(file string, start, n int64) (io.ReadCloser, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	return part{io.NewSectionReader(f, start, n), f}, nil
}

// auditUnpacked is the audit without the work of decompressing.
func auditUnpacked(ctx context.Context, images []oci.PlatformImage) (measured, error) {
	began := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	inventories := make([]*audit.Inventory, len(images))
	for i, image := range images {
		g.Go(func() error {
			inv, err := inspectImage(ctx, image, everyLayer, nil)
			if err == nil {
				inv.Check()
			}
			inventories[i] = inv
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return measured{}, err
	}
	audit.Across(inventories, audit.Sameness{})
	return measured{took: time.Since(began)}, nil
}
