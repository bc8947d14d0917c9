package targets

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// auditResult is what -json prints.
type auditResult struct {
	Image    string          `json:"image"`
	Findings []audit.Finding `json:"findings"`
	Stats    audit.Stats     `json:"stats"`
}

// audit looks into what somebody points at: an image, a wheel or a folder.
func (j *job) audit(ctx context.Context, image, platform string, asJSON bool) error {
	if image == "" {
		return errors.New("auditing: -image=… is missing: give a reference, or the path of an OCI layout, a wheel or a folder")
	}
	result := auditResult{Image: image, Findings: []audit.Finding{}}
	err := j.auditPath(ctx, image, platform, &result)
	if err != nil {
		return err
	}
	if asJSON {
		if err := j.json(result); err != nil {
			return err
		}
	} else {
		for _, f := range result.Findings {
			fmt.Fprintln(j.out, f)
		}
		fmt.Fprintf(j.out, "%s: %s in %d binaries of %d files, %s\n", image, audit.Count(result.Findings),
			result.Stats.Binaries, result.Stats.Files, report.Bytes(result.Stats.Bytes))
	}
	return audit.Check(result.Findings)
}

func (j *job) auditPath(ctx context.Context, image, platform string, out *auditResult) error {
	info, err := os.Stat(image)
	if err != nil || info.IsDir() && exists(filepath.Join(image, "oci-layout")) {
		source, err := oci.Open(ctx, image, oci.Remote{})
		if err != nil {
			return err
		}
		return findings(ctx, source.Index, everyLayer, out)
	}
	if platform == "" {
		return fmt.Errorf("auditing %q: it does not say what it is meant for: add -platform=linux/arm64", image)
	}
	tree := os.DirFS(image)
	if !info.IsDir() {
		if !strings.HasSuffix(image, ".whl") && !strings.HasSuffix(image, ".zip") {
			return fmt.Errorf("auditing %q: it is no wheel, no folder and no image layout", image)
		}
		z, err := zip.OpenReader(image)
		if err != nil {
			return fmt.Errorf("opening %q: %w", image, err)
		}
		defer func() { _ = z.Close() }()
		tree = fs.FS(z)
	}
	found, stats, err := audit.Tree(ctx, tree, platform)
	out.Findings, out.Stats = append(out.Findings, found...), stats // never null in JSON
	return err
}

// everyLayer asks findings for whole images.
const everyLayer = 0

// findings audits each platform of an index: the top layers of each, or all.
func findings(ctx context.Context, index oci.Index, top int, out *auditResult) error {
	images, err := oci.Streams(index)
	if err != nil {
		return err
	}
	for _, image := range images {
		if n := len(image.Layers); top != everyLayer && n > top {
			image.Layers = image.Layers[n-top:]
		}
		var layers []audit.Layer
		for _, l := range image.Layers {
			layers = append(layers, audit.Layer{Name: l.Name, Index: l.Index, Open: l.Open})
		}
		found, stats, err := audit.Image(ctx, image.Platform, layers)
		if err != nil {
			return fmt.Errorf("auditing the image for %s: %w", image.Platform, err)
		}
		out.Findings = append(out.Findings, found...)
		out.Stats = out.Stats.Add(stats)
	}
	audit.Sort(out.Findings)
	return nil
}

// auditIndex is the step of images: an error ends the build, the rest is shown.
func (j *job) auditIndex(ctx context.Context, index oci.Index, top int) error {
	return j.show.Step(ctx, "audit", func(ctx context.Context, s *report.Step) error {
		var result auditResult
		if err := findings(ctx, index, top, &result); err != nil {
			return err
		}
		for _, f := range result.Findings {
			fmt.Fprintln(s.Log(), f)
		}
		what := fmt.Sprintf("%d binaries, %s", result.Stats.Binaries, audit.Count(result.Findings))
		if top != everyLayer {
			what += "; the base's own layers stay in the registry and were not read"
		}
		s.Detail(what)
		return audit.Check(result.Findings)
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
