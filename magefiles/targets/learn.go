package targets

import (
	"context"
	"io"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/oci"
)

// learning is how many layers are read for the audit while they are made: each may take as much memory as the largest program in
// it, up to 32 MB. The audit reads the others.
const learning = 4

// learners read each new layer as the audit, the report and the bills will want it, while it is made: nothing is decompressed, and
// on a machine with several processors the rest of the build hides it. What goes wrong there goes wrong again where it is wanted,
// and is told there.
func (j *job) learners(o order) []oci.LayerReader {
	memory, err := j.layerMemory()
	if err != nil {
		return nil
	}
	free := make(chan struct{}, learning)
	readers := []oci.LayerReader{
		func(ctx context.Context, archive io.Reader) (func(string), error) {
			select {
			case free <- struct{}{}:
				defer func() { <-free }()
			default:
				return nil, nil
			}
			record, err := audit.Record(ctx, archive)
			if record == nil {
				return nil, err
			}
			return func(digest string) { memory.Save(digest, record) }, err
		},
		func(ctx context.Context, archive io.Reader) (func(string), error) {
			lists, err := listed(ctx, archive)
			return func(digest string) { j.keepLists(lists, digest) }, err
		},
	}
	if o.attest {
		readers = append(readers, func(ctx context.Context, archive io.Reader) (func(string), error) {
			content, err := readContent(ctx, archive)
			return func(digest string) { j.learned(content, digest) }, err
		})
	}
	return readers
}
