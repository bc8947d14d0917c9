package targets

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// showImage shows an image: its platforms, the layers of each, and what is
// attached.
func (j *job) showImage(ctx context.Context, f manifestFlags) error {
	source, index, err := j.selected(ctx, f)
	if err != nil {
		return err
	}
	if f.platform != "" {
		digest, err := index.Digest()
		if err != nil {
			return err
		}
		one := *source
		one.Index, one.Digest = index, digest.String()
		source = &one
	}
	d, err := source.Describe(ctx, j.remote())
	if err != nil {
		return fmt.Errorf("showing image %q: %w", f.image, err)
	}
	if f.json {
		return j.json(d)
	}
	fmt.Fprintf(j.out, "%s\n%s\n", source.Name, d.Digest)
	if about := aboutImage(d.Annotations); about != "" {
		fmt.Fprintln(j.out, about)
	}
	fmt.Fprintln(j.out)
	header, rows := imageTable(d)
	header = append(header, "created", "base")
	resolved := j.resolved(ctx, d.Annotations["org.opencontainers.image.revision"])
	for i, p := range d.Platforms {
		rows[i] = append(rows[i], report.Dim(p.Created.Format("2006-01-02 15:04")), report.Text(j.baseOf(p, resolved, time.Now())))
	}
	j.show.Table(header, rows)
	for _, p := range d.Platforms {
		fmt.Fprintf(j.out, "\n%s\n", p.Platform)
		j.show.Table([]string{"layer", "digest", "size", "shared"}, layerRows(p))
	}
	j.showReferrers(d)
	fmt.Fprintf(j.out, "\n%s in all, of which %s are one copy for several platforms\n", report.Bytes(d.TotalBytes), report.Bytes(d.SharedBytes))
	if d.Attestations > 0 {
		fmt.Fprintf(j.out, "%d entries are no images (attestations)\n", d.Attestations)
	}
	for _, note := range d.Notes {
		fmt.Fprintf(j.out, "note: %s\n", note)
	}
	return nil
}

// aboutImage is a line of what people look for first.
func aboutImage(annotations map[string]string) string {
	var words []string
	for _, key := range []string{"version", "revision", "source"} {
		if v := annotations["org.opencontainers.image."+key]; v != "" {
			words = append(words, key+" "+v)
		}
	}
	return strings.Join(words, ", ")
}

// resolved is when the base's Debian packages of a revision were resolved: when
// their lock was last changed. It is known where this checkout has that revision
// and all before it.
func (j *job) resolved(ctx context.Context, revision string) *time.Time {
	revision = strings.TrimSuffix(revision, dirty)
	if !regexp.MustCompile(`^[0-9a-f]{7,64}$`).MatchString(revision) {
		return nil // it comes from the image, and could be anything
	}
	if shallow, err := xbuild.Output(ctx, j.run, j.git("rev-parse", "--is-shallow-repository")); err != nil || shallow != "false" {
		return nil
	}
	out, err := xbuild.Output(ctx, j.run, j.git("log", "-1", "--no-show-signature", "--format=%ct", revision, "--", j.Base.Lock))
	if err != nil {
		return nil
	}
	t, err := epoch(out)
	if err != nil {
		return nil
	}
	return &t
}

// baseOf says what an image stands on, and how old that is; resolved is for a
// base of ours.
func (j *job) baseOf(p oci.Row, resolved *time.Time, now time.Time) string {
	base, ours := p.Base, "Debian "+j.Base.Suite
	switch {
	case base != "":
	case p.BaseDigest != "":
		base = p.BaseDigest
	case len(p.Layers) > 0 && (p.Layers[0].Name == ours || strings.HasPrefix(p.Layers[0].Name, ours+", ")):
		base = ours
		if resolved != nil {
			return base + ", resolved " + strings.Replace(age(now.Sub(*resolved)), "old", "ago", 1)
		}
	}
	if p.BaseCreated == nil {
		return base
	}
	if base == "" {
		base = "unnamed"
	}
	return base + ", " + age(now.Sub(*p.BaseCreated))
}

// age is a time span as people say it.
func age(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < 0:
		return "from the future"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes old", int(d.Minutes()))
	case d < 2*day:
		return fmt.Sprintf("%d hours old", int(d.Hours()))
	}
	return fmt.Sprintf("%d days old", int(d/day))
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

// showReferrers lists what a registry has attached to the image.
func (j *job) showReferrers(d oci.Description) {
	var rows [][]report.Cell
	add := func(about string, list []oci.Referrer) {
		for _, r := range list {
			_, digest, _ := strings.Cut(r.Ref, "@")
			rows = append(rows, []report.Cell{
				report.Text(about), report.Text(r.Type), report.Number(report.Bytes(r.Size)), report.Dim(digest),
			})
		}
	}
	add("the index", d.Referrers)
	for _, p := range d.Platforms {
		add(p.Platform, p.Referrers)
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprintln(j.out, "\nattached")
	j.show.Table([]string{"to", "type", "manifest", "digest"}, rows)
}
