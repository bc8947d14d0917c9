package targets

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// merge puts shards, or any images, into one index and publishes it as a whole:
// under its tags it appears when everything that it holds was read back.
func (j *job) merge(ctx context.Context, f manifestFlags) error {
	if f.platform != "" || f.output != "" {
		return errors.New("-platform and -output are about an image that is there: they go with -image; the platforms of a merged one are -platforms")
	}
	from, err := list("-from", f.from)
	if err != nil {
		return err
	}
	tag := j.setting(f.tag, "TAG", "")
	if tag == "" {
		return errors.New("merging: no tag is given, and the tags are what makes the parts one image: add -tag=1.2.3,latest")
	}
	tags, err := list("tags", tag)
	if err != nil {
		return err
	}
	platforms, err := list("platforms", j.setting(f.platforms, "PLATFORMS", strings.Join(j.Platforms, ",")))
	if err != nil {
		return err
	}
	whole := ctx
	var parts []oci.Part
	var merged oci.Merged
	err = j.show.Step(ctx, "merge", func(_ context.Context, s *report.Step) error {
		// With the whole run's context: layers are read after this step.
		parts, err = oci.OpenParts(whole, from, j.remote())
		if err != nil {
			return err
		}
		s.Detail(strings.Join(from, ", "))
		merged, err = oci.Merge{Parts: parts, Platforms: platforms, Shared: j.sameness().Shared}.Build()
		return err
	})
	if err != nil {
		return err
	}
	for _, note := range merged.Notes {
		j.show.Warn(note)
	}
	repository, err := j.repository(f.registry, merged.Repositories)
	if err != nil {
		return err
	}
	refs, err := refsIn(repository, tags)
	if err != nil {
		return err
	}
	sources := make([]*oci.Source, len(parts))
	for i, p := range parts {
		sources[i] = p.Source
	}
	return j.publish(ctx, f, sources, repository, oci.Publication{Index: merged.Index, Tags: refs, Platforms: platforms})
}

// copyOne gives one platform of an image tags of its own: a manifest, for those
// who cannot read an index.
func (j *job) copyOne(ctx context.Context, f manifestFlags) error {
	tags, err := list("tags", f.tag)
	if err != nil {
		return err
	}
	source, index, err := j.selected(ctx, f)
	if err != nil {
		return err
	}
	var from []string
	if repository := source.Repository(); repository != "" {
		from = []string{repository}
	}
	repository, err := j.repository(f.registry, from)
	if err != nil {
		return err
	}
	refs, err := refsIn(repository, tags)
	if err != nil {
		return err
	}
	return j.publish(ctx, f, []*oci.Source{source}, repository, oci.Publication{Index: index, Tags: refs, Platforms: []string{f.platform}})
}

// publish pushes what is already made, and says what became of it.
func (j *job) publish(ctx context.Context, f manifestFlags, sources []*oci.Source, repository string, p oci.Publication) error {
	cosign, err := j.signer(imageFlags{sign: f.sign, push: true})
	if err != nil {
		return err
	}
	if err := oci.CheckPushPermission(ctx, p.Tags, j.remote()); err != nil {
		return err
	}
	var published oci.Published
	var notes []string
	err = j.show.Step(ctx, "push", func(ctx context.Context, s *report.Step) error {
		var err error
		if p.Artifacts, notes, err = oci.Carried(ctx, sources, p.Index, repository, j.remote()); err != nil {
			return err
		}
		published, err = oci.Publish(ctx, p, j.remoteFor(s, "sent", sentBytes))
		return err
	})
	for _, note := range notes {
		j.show.Warn(note)
	}
	if err != nil {
		j.showMoved(published.Tags)
		return err
	}
	if err := j.sign(ctx, cosign, published.Pushed); err != nil {
		return err
	}
	d, err := oci.Describe(p.Index)
	if err != nil {
		return err
	}
	result := oci.NewResult(j.Image, d, published)
	result.Digest = published.Digest // of one platform alone: its manifest
	if f.from != "" {                // beside that of what was built here, which stays
		if err := result.Write(j.path("dist/images/" + j.Image + ".merged.json")); err != nil {
			return err
		}
	}
	if f.json {
		return j.json(result)
	}
	header, rows := imageTable(d)
	fmt.Fprintln(j.out)
	j.show.Table(header, rows)
	fmt.Fprintf(j.out, "\n%s\n", published.Digest)
	j.showTags(published.Tags)
	return j.imageSummary(header, rows, published.Digest, published.Tags)
}
