package targets

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// deliver loads and pushes, as far as that was ordered. Pushing comes last: a
// build that fails anywhere leaves every tag where it was.
func (j *job) deliver(ctx context.Context, o order, index oci.Index, papers []oci.Artifact) (oci.Published, error) {
	var out oci.Published
	if o.engine != "" {
		if err := j.load(ctx, o, index); err != nil {
			return out, err
		}
	}
	if o.pushes() {
		err := j.show.Step(ctx, "push", func(ctx context.Context, s *report.Step) error {
			var err error
			out, err = oci.Publish(ctx, oci.Publication{
				Index: index, Tags: o.refs, Repositories: o.repositories, Platforms: names(o.platforms), Artifacts: papers,
			}, j.uploading(s))
			s.Detail(j.page.published(out))
			return err
		})
		if err != nil {
			j.showMoved(out.Tags) // those that were moved before it failed, and the way back
			return out, err
		}
	}
	return out, nil
}

// load pipes the archive into the engine, one tag after the other.
func (j *job) load(ctx context.Context, o order, index oci.Index) error {
	return j.show.Step(ctx, "load", func(ctx context.Context, s *report.Step) error {
		for _, tag := range o.tags {
			ref := j.Image + ":" + tag
			s.Detail(ref + " for " + o.engine)
			r, w := io.Pipe()
			archived := make(chan error, 1)
			go func() {
				err := oci.DockerArchive(ctx, index, o.engine, ref, w)
				_ = w.CloseWithError(err)
				archived <- err
			}()
			err := j.run(ctx, xbuild.Cmd{Name: "docker", Args: []string{"load"}, Stdin: r, Stdout: s.Log(), Stderr: s.Log()})
			_ = r.Close()
			// An engine that gets half an archive says so; why it got half of one is the cause.
			if aerr := <-archived; aerr != nil && !errors.Is(aerr, io.ErrClosedPipe) {
				err = aerr
			}
			if err != nil {
				return fmt.Errorf("loading %q into the container engine: %w", ref, err)
			}
		}
		return nil
	})
}
