package targets

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// images makes the multi-arch image: everything that can be refused is refused
// first, and nothing is published that the audit has not passed.
func (j *job) images(ctx context.Context, f imageFlags) error {
	go func() { _, _ = j.files.Program() }() // many keys have it; it is read while the registry is asked
	o, err := j.order(ctx, f)
	if err != nil {
		return err
	}
	// A folder that the index is read from, also by what measures it for the report.
	var scratch string
	defer func() { _ = os.RemoveAll(scratch) }() // in dist, where clean finds it
	err = j.reported(ctx, o, func(ctx context.Context) error { return j.makeImages(ctx, o, &scratch) })
	if f.explain {
		j.explain()
	}
	return err
}

// makeImages makes what was ordered.
func (j *job) makeImages(ctx context.Context, o order, scratch *string) error {
	in, index, top, err := j.assemble(ctx, o)
	*scratch = in.scratch
	if err != nil {
		return err
	}
	j.page.with(in.tools)
	papers, err := j.vouch(ctx, o, in, index, top)
	if err != nil {
		return err
	}
	if err := j.layout(ctx, o, index); err != nil {
		return err
	}
	if err := j.filePapers(o, papers); err != nil {
		return err
	}
	published, err := j.deliver(ctx, o, index, papers)
	if err != nil {
		return err
	}
	if err := j.sign(ctx, o.cosign, published.Pushed); err != nil {
		return err
	}
	if err := j.writeShard(o, index, in); err != nil {
		return err
	}
	if err := j.layers().Prune(keepLayers, mostLayers); err != nil {
		j.show.Warn(err.Error()) // the image is made all the same
	}
	return j.finish(o, index, published, papers, in.source)
}

// vouch looks into the image and writes down what it is made of, side by side.
// What is wrong with the image comes first: the papers may fail for the same.
func (j *job) vouch(ctx context.Context, o order, in inputs, index oci.Index, top int) ([]oci.Artifact, error) {
	audited := make(chan error, 1)
	go func() { audited <- j.auditIndex(ctx, index, top) }()
	papers, err := j.attest(ctx, o, in, index, top)
	if aerr := <-audited; aerr != nil {
		return nil, aerr
	}
	return papers, err
}

// assemble lets the engine make the images. top is how many of their layers are
// new, or everyLayer.
func (j *job) assemble(ctx context.Context, o order) (in inputs, index oci.Index, top int, err error) {
	if o.buildx != nil {
		if in, index, err = j.buildx(ctx, o); err == nil {
			j.page.built(ctx, j, index, math.MaxInt)
		}
		return in, index, everyLayer, err
	}
	if in, err = j.inputs(ctx, o); err != nil {
		return in, nil, 0, err
	}
	plan := j.plan(o.platforms, in)
	err = j.show.Step(ctx, "layers", func(ctx context.Context, s *report.Step) error {
		index, err = j.builder(s, o).Build(ctx, plan)
		return err
	})
	if err != nil {
		return in, nil, 0, err
	}
	own := len(plan.Images[0].Layers)
	j.page.built(ctx, j, index, own)
	if o.beside {
		return in, index, own, nil
	}
	return in, index, everyLayer, nil
}

// keepLayers is how long a layer that no build uses stays in the cache.
const keepLayers = 30 * 24 * time.Hour

// mostLayers is how many bytes the cache of layers may have: some hundred builds.
const mostLayers = 10 << 30

// layers is the cache of layers.
func (j *job) layers() oci.Cache {
	return oci.Cache{Dir: filepath.Join(j.cache(), "layers"), Sum: j.files.BlobSum}
}

// layout writes the image where the local tools find it.
func (j *job) layout(ctx context.Context, o order, index oci.Index) error {
	if o.beside {
		return nil
	}
	step := "layout"
	if o.archive != oci.ArchiveNone {
		step = "archive"
	}
	return j.show.Step(ctx, step, func(ctx context.Context, s *report.Step) error {
		s.Detail(j.short(o.output))
		if o.archive != oci.ArchiveNone {
			return oci.WriteArchive(ctx, o.output, o.archive, index, j.localRefs(o.tags))
		}
		return oci.WriteLayout(ctx, o.output, index, o.tags[0])
	})
}

// localRefs are names without a registry, as local engines know the image.
func (j *job) localRefs(tags []string) []string {
	refs := make([]string, len(tags))
	for i, tag := range tags {
		refs[i] = j.Image + ":" + tag
	}
	return refs
}

// builder makes layers, and tells the step which ones it did not have yet.
func (j *job) builder(s *report.Step, o order) oci.Builder {
	made, reused := 0, 0
	return oci.Builder{
		Cache: j.layers(), Readers: j.learners(o),
		Progress: func(l oci.LayerDone) {
			j.page.layer(l)
			if l.Cached {
				reused++
			} else {
				made++
			}
			s.Detail(fmt.Sprintf("%d made, %d as before", made, reused))
			fmt.Fprintf(s.Log(), "%s %s, %s\n", l.Digest, l.Name, report.Bytes(l.Size))
		},
	}
}
