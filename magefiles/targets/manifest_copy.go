package targets

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// copyOut writes an image, or one platform of it, to a folder or a file.
func (j *job) copyOut(ctx context.Context, f manifestFlags) error {
	if f.registry != "" || f.verify {
		return errors.New("-output writes to this machine: -registry and -verify do not go with it")
	}
	output := filepath.Clean(f.output)
	kind, err := oci.ArchiveKind(output)
	if err != nil {
		return err
	}
	if kind == oci.ArchiveNone {
		if err := oci.CheckLayoutFolder(output); err != nil {
			return err
		}
	}
	source, index, err := j.selected(ctx, f)
	if err != nil {
		return err
	}
	refs, err := j.namesFor(source, f.tag)
	if err != nil {
		return err
	}
	err = j.show.Step(ctx, "copy", func(ctx context.Context, s *report.Step) error {
		s.Detail(j.short(output))
		if kind != oci.ArchiveNone {
			return oci.WriteArchive(ctx, output, kind, index, refs)
		}
		_, tag, _ := cutTag(refs[0])
		return oci.WriteLayout(ctx, output, index, tag)
	})
	if err != nil {
		return err
	}
	d, err := oci.Describe(index)
	if err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	result := oci.NewResult(j.Image, d, oci.Published{})
	result.Digest = digest.String()
	if where := filepath.ToSlash(j.short(output)); kind == oci.ArchiveNone {
		result.Layout = where
	} else {
		result.Archive = where
	}
	if f.json {
		return j.json(result)
	}
	header, rows := imageTable(d)
	j.show.Print("\n")
	j.show.Table(header, rows)
	j.show.Print("\n" + result.Digest + "\nin " + j.short(output) + "\n")
	return nil
}

// namesFor are the names that a copy gets: the project's with the tags of the
// flag, else the one that it was asked for by, else the project's.
func (j *job) namesFor(source *oci.Source, tag string) ([]string, error) {
	if tag == "" {
		if repository, t, ok := cutTag(source.Name); ok && source.Repository() != "" && oci.CheckTag(t) == nil {
			return []string{repository + ":" + t}, nil
		}
		tag = "latest"
	}
	tags, err := list("tags", tag)
	if err != nil {
		return nil, err
	}
	return refsIn(j.Image, tags)
}
