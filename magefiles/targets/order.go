package targets

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// imageFlags are the flags of Images as they came.
type imageFlags struct {
	engineFlags
	platforms, registry, tag, base, output string
	push, load, locked, attest, sign       bool
	explain                                bool
}

// order is what is to be made, checked as far as that goes without work.
type order struct {
	platforms []xbuild.Platform
	tags      []string // as given: latest, 1.2.3
	refs      []string // full references to push to; empty without -push
	base      string
	output    string      // a folder, or the file of an archive
	archive   oci.Archive // the kind of file that output is
	shard     string      // file that says what was pushed, if that is not every platform of the project
	// repositories are pushed to by digest, without a tag.
	repositories []string
	engine       string // the container engine's platform, with -load
	locked       bool
	attest       bool   // write bills of materials and provenance
	cosign       string // the program that signs what is pushed; empty without -sign
	// beside: push next to a base that the registry has, and nothing else. The
	// base's layers are then not downloaded: no layout is written.
	beside bool
	buildx *buildxOrder // nil: the engine is ours
}

// order reads the flags and asks those that may say no: the registry about
// push permission, the container engine about its architecture.
func (j *job) order(ctx context.Context, f imageFlags) (order, error) {
	o := order{
		base: j.setting(f.base, "BASE", ""), locked: f.locked, attest: f.attest,
	}
	o.beside = o.base != "" && f.push && f.output == "" && !f.load && j.engine(f.engineFlags) == engineOCI
	if o.output = j.path("dist/images/" + j.Image); f.output != "" {
		o.output = filepath.Clean(f.output) // out/ is out: a result file goes beside it
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
	if o.cosign, err = j.signer(f); err != nil {
		return o, err
	}
	if err := o.checkOutput(); err != nil {
		return o, err
	}
	if o.buildx, err = j.orderEngine(ctx, f, o.platforms); err != nil {
		return o, err
	}
	if f.load {
		if o.engine, err = j.enginePlatform(ctx, o.platforms); err != nil {
			return o, err
		}
	}
	if o.pushes() {
		if err := oci.CheckPushPermission(ctx, append(o.repositories, o.refs...), j.remote()); err != nil {
			return o, err
		}
	}
	return j.asShard(o, f)
}

// pushes reports whether anything goes to a registry.
func (o order) pushes() bool { return len(o.refs)+len(o.repositories) > 0 }

// checkOutput protects what somebody may have named by mistake.
func (o *order) checkOutput() error {
	if o.beside {
		return nil
	}
	var err error
	if o.archive, err = oci.ArchiveKind(o.output); err != nil || o.archive != oci.ArchiveNone {
		return err
	}
	return oci.CheckLayoutFolder(o.output)
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

func names(platforms []xbuild.Platform) []string {
	out := make([]string, len(platforms))
	for i, p := range platforms {
		out[i] = p.String()
	}
	return out
}
