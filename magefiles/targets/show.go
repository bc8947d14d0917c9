package targets

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// finish writes the result file and prints the table.
func (j *job) finish(o order, index oci.Index, published oci.Published, papers []oci.Artifact, s source) error {
	d, err := oci.Describe(index)
	if err != nil {
		return err
	}
	result := oci.NewResult(j.Image, d, published)
	if o.shard != "" {
		result.Shard = filepath.ToSlash(j.short(o.shard))
	}
	switch {
	case o.beside:
	case o.archive != oci.ArchiveNone:
		result.Archive = filepath.ToSlash(j.short(o.output))
	default:
		result.Layout = filepath.ToSlash(j.short(o.output))
	}
	result.Documents = j.documents(o, papers)
	if err := result.Write(o.output + ".json"); err != nil {
		return err
	}
	header, rows := imageTable(d)
	fmt.Fprintln(j.out)
	j.show.Table(header, rows)
	fmt.Fprintf(j.out, "\nindex %s\n", d.Digest)
	fmt.Fprintf(j.out, "%s in all, of which %s are one copy for every platform\n", report.Bytes(d.TotalBytes), report.Bytes(d.SharedBytes))
	switch {
	case result.Archive != "":
		fmt.Fprintf(j.out, "archive in %s\n", result.Archive)
	case result.Layout != "":
		fmt.Fprintf(j.out, "layout in %s\n", result.Layout)
	}
	j.showTags(published.Tags)
	j.showShard(o, published)
	if s.note != "" {
		fmt.Fprintf(j.out, "note: %s\n", s.note)
	}
	return j.imageSummary(header, rows, d.Digest, published.Tags)
}

// showTags prints the tags that were moved, and where they pointed before.
func (j *job) showTags(tags []oci.MovedTag) {
	for _, t := range tags {
		before := "new"
		if t.Previous != "" {
			before = "was " + t.Previous
		}
		fmt.Fprintf(j.out, "tag %s (%s)\n", t.Ref, before)
	}
}

// showMoved is showTags after a push has failed half-way. Whoever wants the old
// images back now gets them with the tools that there are.
func (j *job) showMoved(tags []oci.MovedTag) {
	j.showTags(tags)
	for _, t := range tags {
		if t.Previous == "" {
			continue
		}
		repository := t.Ref[:strings.LastIndex(t.Ref, ":")]
		fmt.Fprintf(j.out, "way back: docker buildx imagetools create --tag %s %s@%s\n", t.Ref, repository, t.Previous)
	}
}

// imageTable is the table that images ends with.
func imageTable(d oci.Description) (header []string, rows [][]report.Cell) {
	for _, p := range d.Platforms {
		var shared int64
		for _, l := range p.Layers {
			if l.Shared {
				shared += l.Size
			}
		}
		rows = append(rows, []report.Cell{
			report.Text(p.Platform), report.Text(p.Digest), report.Number(report.Bytes(p.Size)), report.Number(report.Bytes(shared)),
		})
	}
	return []string{"platform", "digest", "size", "shared"}, rows
}

// imageSummary is summary, with what people copy from there: the digest, and the
// tags that were moved.
func (j *job) imageSummary(header []string, rows [][]report.Cell, digest string, tags []oci.MovedTag) error {
	text := fmt.Sprintf("### %s\n\n%s\nindex `%s`\n", j.Image, report.Markdown(header, rows), digest)
	for _, t := range tags {
		text += fmt.Sprintf("- `%s`\n", t.Ref)
	}
	return j.appendSummary(text + "\n")
}

// summary appends the table to the job page of GitHub Actions, if this is one.
func (j *job) summary(header []string, rows [][]report.Cell) error {
	return j.appendSummary(fmt.Sprintf("### %s\n\n%s\n", j.Image, report.Markdown(header, rows)))
}

func (j *job) appendSummary(text string) error {
	file := j.env("GITHUB_STEP_SUMMARY")
	if file == "" {
		return nil
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("writing the job summary: %w", err)
	}
	_, err = f.WriteString(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// json prints a value for programs.
func (j *job) json(v any) error {
	enc := json.NewEncoder(j.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// short is a path as people would type it here.
func (j *job) short(path string) string {
	if rel, err := filepath.Rel(j.root, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}
