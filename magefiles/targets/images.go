package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// imageFlags are the flags of Images as they came.
type imageFlags struct {
	platforms, registry, tag, base, output string
	push, load, locked                     bool
}

// order is what is to be made, checked as far as that goes without work.
type order struct {
	platforms []xbuild.Platform
	tags      []string // as given: latest, 1.2.3
	refs      []string // full references to push to; empty without -push
	base      string
	output    string
	engine    string // the container engine's platform, with -load
	locked    bool
}

// images makes the multi-arch image: everything that can be refused is refused
// first, and nothing is published that the audit has not passed.
func (j *job) images(ctx context.Context, f imageFlags) error {
	o, err := j.order(ctx, f)
	if err != nil {
		return err
	}
	in, err := j.inputs(ctx, o)
	if err != nil {
		return err
	}
	var index oci.Index
	err = j.show.Step(ctx, "layers", func(ctx context.Context, s *report.Step) error {
		index, err = j.builder(s).Build(ctx, j.plan(o.platforms, in))
		return err
	})
	if err != nil {
		return err
	}
	if err := j.auditIndex(ctx, index); err != nil {
		return err
	}
	err = j.show.Step(ctx, "layout", func(ctx context.Context, s *report.Step) error {
		s.Detail(j.short(o.output))
		return oci.WriteLayout(ctx, o.output, index, o.tags[0])
	})
	if err != nil {
		return err
	}
	published, err := j.deliver(ctx, o, index)
	if err != nil {
		return err
	}
	return j.finish(o, index, published, in.source)
}

// order reads the flags and asks those that may say no: the registry about
// push permission, the container engine about its architecture.
func (j *job) order(ctx context.Context, f imageFlags) (order, error) {
	o := order{
		base: j.setting(f.base, "BASE", ""), locked: f.locked,
		output: f.output,
	}
	if o.output == "" {
		o.output = j.path("dist/images/" + j.Image)
	}
	var err error
	if o.platforms, err = j.platforms(f.platforms); err != nil {
		return o, err
	}
	if o.tags, err = list("tags", j.setting(f.tag, "TAG", "latest")); err != nil {
		return o, err
	}
	for _, tag := range o.tags {
		if _, err := oci.Reference("", j.Image, tag); err != nil {
			return o, err
		}
	}
	if o.base != "" {
		if _, err := oci.ParseReference(o.base); err != nil {
			return o, err
		}
	}
	if o.refs, err = j.references(f, o.tags); err != nil {
		return o, err
	}
	if err := j.needs(ctx, "images"); err != nil {
		return o, err
	}
	if f.load {
		if o.engine, err = j.enginePlatform(ctx, o.platforms); err != nil {
			return o, err
		}
	}
	if len(o.refs) > 0 {
		if err := oci.CheckPushPermission(ctx, o.refs, oci.Remote{}); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (j *job) references(f imageFlags, tags []string) ([]string, error) {
	registry := j.setting(f.registry, "REGISTRY", "")
	if registry != "" {
		if _, err := oci.ParseRegistry(registry); err != nil {
			return nil, err
		}
	}
	if !f.push {
		return nil, nil
	}
	if registry == "" {
		return nil, errors.New("publishing the image: -push needs to know where to: add -registry=ghcr.io/YOU")
	}
	var refs []string
	for _, tag := range tags {
		ref, err := oci.Reference(registry, j.Image, tag)
		if err != nil {
			return nil, err
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// builder makes layers, and tells the step which ones it did not have yet.
func (j *job) builder(s *report.Step) oci.Builder {
	made, reused := 0, 0
	return oci.Builder{
		Cache: oci.Cache{Dir: filepath.Join(j.cache(), "layers")},
		Progress: func(l oci.LayerDone) {
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

// deliver pushes and loads, as far as that was ordered.
func (j *job) deliver(ctx context.Context, o order, index oci.Index) (oci.Published, error) {
	var out oci.Published
	if len(o.refs) > 0 {
		err := j.show.Step(ctx, "push", func(ctx context.Context, s *report.Step) error {
			var sent int64
			remote := oci.Remote{Progress: func(b oci.BlobDone) {
				sent += b.Sent
				s.Detail(report.Bytes(sent) + " sent")
			}}
			var err error
			out, err = oci.Publish(ctx, oci.Publication{Index: index, Tags: o.refs, Platforms: names(o.platforms)}, remote)
			return err
		})
		if err != nil {
			return out, err
		}
	}
	if o.engine != "" {
		return out, j.load(ctx, o, index)
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
			go func() { w.CloseWithError(oci.DockerArchive(ctx, index, o.engine, ref, w)) }()
			err := j.run(ctx, xbuild.Cmd{Name: "docker", Args: []string{"load"}, Stdin: r, Stdout: s.Log(), Stderr: s.Log()})
			_ = r.CloseWithError(err)
			if err != nil {
				return fmt.Errorf("loading %q into the container engine: %w", ref, err)
			}
		}
		return nil
	})
}

func names(platforms []xbuild.Platform) []string {
	out := make([]string, len(platforms))
	for i, p := range platforms {
		out[i] = p.String()
	}
	return out
}
