package targets

import (
	"context"
	"fmt"
	"strings"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// verify reads all of an image, and fails if anything is wrong with it.
func (j *job) verify(ctx context.Context, f manifestFlags) error {
	var v oci.Verification
	err := j.show.Step(ctx, "verify", func(ctx context.Context, s *report.Step) error {
		var err error
		v, err = oci.Verify(ctx, f.image, j.remoteFor(s, "read", readBytes), true)
		return err
	})
	if err != nil {
		return err
	}
	if f.json {
		if err := j.json(v); err != nil {
			return err
		}
		return v.Err()
	}
	fmt.Fprintf(j.out, "\n%s\n%s\n%s\n", v.Name, v.Digest, strings.Join(v.Platforms, ", "))
	fmt.Fprintf(j.out, "%d manifests, %d blobs, %s read and hashed, %d attached documents\n", v.Manifests, v.Blobs, report.Bytes(v.Hashed), v.Referrers)
	if len(v.Problems) == 0 {
		fmt.Fprintln(j.out, "everything is there and is what its digest says")
		return nil
	}
	var rows [][]report.Cell
	for _, p := range v.Problems {
		rows = append(rows, []report.Cell{
			report.Bad(string(p.Kind)), report.Text(p.What), report.Text(strings.Join(p.Platforms, ", ")), report.Dim(p.Digest), report.Text(p.Detail),
		})
	}
	fmt.Fprintln(j.out)
	j.show.Table([]string{"problem", "of", "platforms", "digest", "detail"}, rows)
	return v.Err()
}
