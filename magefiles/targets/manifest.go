package targets

import (
	"context"
	"errors"
	"fmt"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// manifest shows an image: its platforms, then the layers of each.
func (j *job) manifest(ctx context.Context, image string, asJSON bool) error {
	if image == "" {
		return errors.New("showing an image: -image=… is missing: give a reference such as ghcr.io/owner/name:tag, or the folder of an OCI layout")
	}
	source, err := oci.Open(ctx, image, oci.Remote{})
	if err != nil {
		return err
	}
	d, err := oci.Describe(source.Index)
	if err != nil {
		return fmt.Errorf("showing image %q: %w", image, err)
	}
	if asJSON {
		return j.json(d)
	}
	fmt.Fprintf(j.out, "%s\n%s\n\n", source.Name, source.Digest)
	header, rows := imageTable(d)
	header = append(header, "created")
	for i, p := range d.Platforms {
		rows[i] = append(rows[i], report.Dim(p.Created.Format("2006-01-02 15:04")))
	}
	j.show.Table(header, rows)
	for _, p := range d.Platforms {
		fmt.Fprintf(j.out, "\n%s\n", p.Platform)
		j.show.Table([]string{"layer", "digest", "size", "shared"}, layerRows(p))
	}
	fmt.Fprintf(j.out, "\n%s in all, of which %s are one copy for several platforms\n", report.Bytes(d.TotalBytes), report.Bytes(d.SharedBytes))
	if d.Attestations > 0 {
		fmt.Fprintf(j.out, "%d entries are no images (attestations)\n", d.Attestations)
	}
	return nil
}

func layerRows(p oci.Row) [][]report.Cell {
	var rows [][]report.Cell
	for _, l := range p.Layers {
		shared := ""
		if l.Shared {
			shared = "shared"
		}
		rows = append(rows, []report.Cell{
			report.Text(l.Name), report.Dim(l.Digest[:min(len(l.Digest), 19)]), report.Number(report.Bytes(l.Size)), report.Text(shared),
		})
	}
	return rows
}
