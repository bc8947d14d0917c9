package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// auditFlags are the flags of Audit as they came.
type auditFlags struct {
	image, platform, sarif string
	json                   bool
}

// auditResult is what -json prints.
type auditResult struct {
	Image     string          `json:"image"`
	Platforms []auditPlatform `json:"platforms"`
	Findings  []audit.Finding `json:"findings"` // of all platforms, worst first
	Waived    []audit.Waived  `json:"waived"`
	Stats     audit.Stats     `json:"stats"` // of all platforms
}

// auditPlatform is what was looked at for one platform.
type auditPlatform struct {
	Platform string        `json:"platform"`
	Name     string        `json:"name,omitempty"`   // of the image, where an archive has several
	Digest   string        `json:"digest,omitempty"` // of its manifest; none of a tree
	Findings audit.Summary `json:"findings"`
	Stats    audit.Stats   `json:"stats"`
}

// audit looks into what somebody points at: an image, a wheel or a folder.
func (j *job) audit(ctx context.Context, f auditFlags) error {
	if f.image == "" {
		return errors.New("auditing: -image=… is missing: give a reference, or the path of an OCI layout, of an archive of images, of a wheel or of a folder")
	}
	seen, err := j.inspect(ctx, f.image, f.platform)
	if err != nil {
		return err
	}
	result := j.judge(f.image, seen)
	if f.sarif != "" {
		if err := j.writeSARIF(f.sarif, result); err != nil {
			return err
		}
	}
	if f.json {
		err = j.json(result)
	} else {
		showAudit(j.out, result)
	}
	if err != nil {
		return err
	}
	return audit.Check(result.Findings)
}

// judge runs all checks, those of each platform and those across them, and
// takes out what project.go waives. Waivers are for this project's image: of
// others it is no news that one is not needed.
func (j *job) judge(image string, seen []inspected) auditResult {
	result := auditResult{Image: image, Platforms: []auditPlatform{}, Findings: []audit.Finding{}, Waived: []audit.Waived{}}
	var findings []audit.Finding
	var platforms []string
	byName := map[string][]*audit.Inventory{}
	ours := len(seen) > 0
	same := j.sameness()
	checked := make([][]audit.Finding, len(seen))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, s := range seen {
		g.Go(func() error {
			checked[i] = s.inventory.Check()
			return nil
		})
	}
	_ = g.Wait()
	for i, s := range seen {
		findings = append(findings, checked[i]...)
		platforms = append(platforms, s.inventory.Platform)
		byName[s.name] = append(byName[s.name], s.inventory)
		result.Stats = result.Stats.Add(s.inventory.Stats)
		ours = ours && madeOf(s.inventory, same.Own)
	}
	for _, one := range byName {
		findings = append(findings, audit.Across(one, same)...)
	}
	kept, waived := audit.Waive(findings, j.Waivers, platforms)
	for _, f := range kept {
		if ours || f.ID != audit.IDWaiverUnused {
			result.Findings = append(result.Findings, f)
		}
	}
	result.Waived = append(result.Waived, waived...)
	audit.Sort(result.Findings)
	for _, s := range seen {
		p := auditPlatform{Platform: s.inventory.Platform, Name: s.name, Digest: s.digest, Stats: s.inventory.Stats}
		p.Findings = audit.Count(ofPlatform(result.Findings, p.Platform))
		result.Platforms = append(result.Platforms, p)
	}
	return result
}

// auditIndex is the step of images: an error ends the build before anything is
// published or loaded, the rest is counted and logged.
func (j *job) auditIndex(ctx context.Context, index oci.Index, top int) error {
	return j.show.Step(ctx, "audit", func(ctx context.Context, s *report.Step) error {
		result, before, err := j.auditOf(ctx, index, top)
		if err != nil {
			return err
		}
		j.page.audited(result)
		for _, w := range result.Waived {
			fmt.Fprintln(s.Log(), w)
		}
		for i := len(result.Findings) - 1; i >= 0; i-- { // the worst last: of a log that is long, people see the end
			fmt.Fprintln(s.Log(), result.Findings[i])
		}
		what := fmt.Sprintf("%d binaries, %s", result.Stats.Binaries, audit.Count(result.Findings))
		if n := len(result.Waived); n > 0 {
			what += fmt.Sprintf(", %d waived", n)
		}
		if top != everyLayer {
			what += "; the base's own layers stay in the registry and were not read"
		}
		done(s, !before, what)
		j.warnOf(result.Findings)
		return audit.Check(result.Findings)
	})
}

// fewWarnings is how many a build prints: the audit target lists them all.
const fewWarnings = 5

// warnOf prints what does not stop a build, and that somebody should look at.
func (j *job) warnOf(findings []audit.Finding) {
	n := 0
	for _, f := range findings {
		if f.Severity != audit.Warning {
			continue
		}
		if n++; n <= fewWarnings {
			j.show.Warn(strings.TrimPrefix(f.String(), audit.Warning+" "))
		}
	}
	if n > fewWarnings {
		j.show.Warn(fmt.Sprintf("and %d more; the audit target shows all of them", n-fewWarnings))
	}
}

// writeSARIF writes the findings for tools that show them beside the sources.
func (j *job) writeSARIF(file string, result auditResult) error {
	text, err := audit.SARIF(result.Findings, audit.SARIFTool{
		Name: j.Title + " audit", Version: j.Version, Subject: result.Image,
		URL: j.Source + "/blob/main/documentation/docs/development/audit.md",
	})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("writing SARIF %q: %w", file, err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("writing SARIF %q: %w", file, err)
	}
	return nil
}
