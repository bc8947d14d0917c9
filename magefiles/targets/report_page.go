package targets

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// reportPage puts the notes together. What a build did not come to is left out.
func (j *job) reportPage(ctx context.Context, o order, failed error) report.Page {
	p := report.Page{
		Title: j.Image, Subtitle: fmt.Sprintf("%s %s for %s", j.Title, j.Version, strings.Join(names(o.platforms), ", ")),
		State: "done", Steps: j.reportSteps(),
	}
	if failed != nil {
		p.State, p.Problem = "failed", report.Message(failed)
		if step := new(report.StepError); errors.As(failed, &step) {
			p.Tail = step.Tail(40)
		}
		if ctx.Err() != nil {
			p.State, p.Problem = "interrupted", "It was interrupted. What was there before is as it was; the same again goes on."
		}
	}
	n := &j.page
	n.mu.Lock()
	measured := n.measured
	n.mu.Unlock()
	if measured != nil {
		<-measured
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	var d oci.Description
	if n.index != nil {
		var err error
		if d, err = oci.Describe(n.index); err != nil {
			j.show.Warn("describing the image for the report: " + err.Error())
		}
		n.images(&p, d)
		n.packages(&p, d)
	}
	if n.audit != nil {
		p.Audit = pageAudit(*n.audit, o.beside)
	}
	p.Facts = n.facts(p)
	p.Inputs = j.reportInputs(o, n, d)
	return p
}

// reportSteps are the steps with logs as the page can link them.
func (j *job) reportSteps() []report.Result {
	steps := j.show.Results()
	for i, s := range steps {
		rel, err := filepath.Rel(filepath.Dir(j.path(reportFile)), s.Log)
		if steps[i].Log = ""; err == nil && s.Log != "" {
			steps[i].Log = filepath.ToSlash(rel)
		}
	}
	return steps
}

func (n *pageNotes) images(p *report.Page, d oci.Description) {
	p.Total, p.Shared = d.TotalBytes, d.SharedBytes
	for _, row := range d.Platforms {
		image := report.PageImage{Platform: row.Platform, Digest: row.Digest, Size: row.Size}
		for _, l := range row.Layers {
			image.Layers = append(image.Layers, report.PageLayer{Name: l.Name, Digest: l.Digest, Size: l.Size, Fate: n.fates[l.Digest]})
		}
		p.Image = append(p.Image, image)
	}
}

// packages adds up the layers' packages by platform.
func (n *pageNotes) packages(p *report.Page, d oci.Description) {
	type key struct{ kind, name, version string }
	at := map[key]int{}
	var list []report.Package
	add := func(k key, platform string, bytes int64, shared bool) {
		i, ok := at[k]
		if !ok {
			i = len(list)
			at[k] = i
			list = append(list, report.Package{Name: k.name, Version: k.version, Kind: k.kind, Sizes: map[string]int64{}, Shared: shared})
		}
		list[i].Sizes[platform] += bytes
		list[i].Shared = list[i].Shared && shared
	}
	sizes := map[string]measuredLayer{}
	for _, m := range n.sizes {
		sizes[m.Digest] = m
	}
	for _, row := range d.Platforms {
		for _, l := range row.Layers {
			m, ok := sizes[l.Digest]
			for _, pkg := range m.Packages {
				add(key{pkg.Kind, pkg.Name, pkg.Version}, row.Platform, pkg.Bytes, l.Shared)
			}
			if ok && m.Other > 0 {
				name := l.Name
				if len(m.Packages) > 0 {
					name += ": files of no package"
				}
				add(key{"Other", name, ""}, row.Platform, m.Other, l.Shared)
			}
		}
	}
	p.Packages = list
}

func pageAudit(r auditResult, beside bool) *report.PageAudit {
	a := &report.PageAudit{}
	if beside {
		a.Note = "The base's own layers stay in the registry and were not read."
	}
	for _, p := range r.Platforms {
		a.Platforms = append(a.Platforms, report.PageAudited{
			Platform: p.Platform, Errors: p.Findings.Errors, Warnings: p.Findings.Warnings, Notes: p.Findings.Notes,
			Files: p.Stats.Files, Binaries: p.Stats.Binaries, Bytes: p.Stats.Bytes,
		})
	}
	finding := func(f audit.Finding, cure string) report.PageFinding {
		return report.PageFinding{Severity: f.Severity, ID: f.ID, Platform: f.Platform, Path: f.Path, Message: f.Message, Cure: cure}
	}
	for i, f := range r.Findings {
		if i == reportFindings {
			a.Note = strings.TrimSpace(fmt.Sprintf("%s Of %d findings the worst %d are here.", a.Note, len(r.Findings), i))
			break
		}
		a.Findings = append(a.Findings, finding(f, f.Cure))
	}
	for _, w := range r.Waived {
		a.Waived = append(a.Waived, finding(w.Finding, "Accepted, because: "+w.Reason))
	}
	return a
}

// reportFindings is how many findings the page has: a wrong base gives
// thousands, all of one story.
const reportFindings = 200

func (n *pageNotes) facts(p report.Page) []report.Fact {
	var facts []report.Fact
	for _, i := range p.Image {
		facts = append(facts, report.Fact{Name: i.Platform, Value: report.Bytes(i.Size), Note: fmt.Sprintf("compressed, in %d layers", len(i.Layers))})
	}
	if len(p.Image) > 1 {
		facts = append(facts, report.Fact{Name: "One copy for several", Value: report.Bytes(p.Shared), Note: "of " + report.Bytes(p.Total) + " in all"})
	}
	if n.audit != nil {
		facts = append(facts, report.Fact{
			Name: "Audit", Value: audit.Count(n.audit.Findings).String(), Note: fmt.Sprintf("in %d binaries", n.audit.Stats.Binaries),
		})
	}
	if got := n.fetched.n.Load(); got > 0 {
		facts = append(facts, report.Fact{Name: "Fetched for the base", Value: report.Bytes(got)})
	}
	if sent := n.blobs.n.Load(); sent > 0 || len(n.tags) > 0 {
		facts = append(facts, report.Fact{Name: "Sent to the registry", Value: report.Bytes(sent)})
	}
	return facts
}

// reportInputs is what the image was made of, and by what names it goes.
func (j *job) reportInputs(o order, n *pageNotes, d oci.Description) []report.FactGroup {
	code := func(name, value, note string) report.Fact {
		return report.Fact{Name: name, Value: value, Note: note, Code: true}
	}
	var result []report.Fact
	if d.Digest != "" {
		result = append(result, code("Index", d.Digest, ""))
		for _, row := range d.Platforms {
			result = append(result, code(row.Platform, row.Digest, ""))
		}
	}
	if d.Digest != "" && !o.beside {
		result = append(result, code("Layout", filepath.ToSlash(j.short(o.output)), ""))
	}
	for _, t := range n.tags {
		result = append(result, code("Tag "+t.Ref, d.Digest, cmp.Or("it was "+t.Previous, "it is new")))
		if t.Previous == "" {
			result[len(result)-1].Note = "it is new"
		}
	}
	source := []report.Fact{{Name: "Version", Value: j.Version}}
	if n.source.revision != "" {
		source = append(source, code("Revision", n.source.revision, ""))
	}
	if !n.source.created.IsZero() {
		source = append(source, report.Fact{Name: "Time of the image", Value: n.source.created.UTC().Format("2006-01-02 15:04:05 UTC")})
	}
	if n.source.note != "" {
		source = append(source, report.Fact{Name: "Note", Value: n.source.note})
	}
	base := []report.Fact{{Name: "Debian", Value: j.Base.Suite, Note: strings.Join(j.Base.Packages, ", ") + " and what they need"}}
	if o.base != "" {
		base = []report.Fact{code("Image", o.base, "")}
	}
	var locks []report.Fact
	for _, file := range j.lockFiles() {
		if content, err := os.ReadFile(j.path(file)); err == nil {
			sum := sha256.Sum256(content)
			locks = append(locks, code(file, "sha256:"+hex.EncodeToString(sum[:]), ""))
		}
	}
	machine := []report.Fact{
		{Name: "Built on", Value: j.host.String(), Note: fmt.Sprintf("%d processors", runtime.NumCPU())},
		{Name: "go", Value: strings.TrimPrefix(runtime.Version(), "go")},
	}
	for _, name := range slices.Sorted(maps.Keys(n.tools)) {
		machine = append(machine, report.Fact{Name: name, Value: n.tools[name]})
	}
	groups := []report.FactGroup{
		{Name: "Result", Facts: result},
		{Name: "Source", Facts: source},
		{Name: "Base", Facts: base},
		{Name: "Locks, SHA-256", Facts: locks},
		{Name: "Machine and tools", Facts: machine},
	}
	if result == nil {
		groups = groups[1:]
	}
	return groups
}
