package targets

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// pageNotes is what the steps of images tell for its report. The zero value is
// ready, and costs those nothing who do not ask for a report.
type pageNotes struct {
	sent, fetched counter // bytes, those of what had to be sent again included
	blobs         counter // bytes of the blobs that were sent

	mu       sync.Mutex
	source   source
	index    oci.Index
	fates    map[string]string // of layers, by digest
	audit    *auditResult
	tags     []oci.MovedTag
	tools    map[string]string // versions by name
	measured chan struct{}     // closed when sizes are there
	sizes    []measuredLayer
}

// reported carries out an order and leaves a report of it, whatever comes of
// it. What is wrong with the report does not make the image wrong.
func (j *job) reported(ctx context.Context, o order, f func(context.Context) error) error {
	start := time.Now()
	j.show.Plan(j.imageSteps(o)...)
	err := f(ctx)
	rest := j.show.Pending()
	if err == nil || ctx.Err() == nil {
		j.show.Plan() // an interrupt tells what is left of it
	}
	page := j.reportPage(ctx, o, err)
	page.Start, page.Pending, page.End = start, rest, time.Now()
	var b bytes.Buffer
	werr := page.Render(&b)
	if werr == nil {
		werr = xbuild.WriteFile(j.path(reportFile), b.Bytes(), 0o644)
	}
	if werr == nil && err == nil {
		j.show.Print("report in " + reportFile)
	} else if werr != nil {
		j.show.Warn("the report is missing: " + werr.Error())
	}
	if serr := j.appendSummary(stepSummary(j.Image, j.show.Results(), err)); serr != nil {
		j.show.Warn(serr.Error())
	}
	return err
}

// stepSummary is how a build went, for the job page of GitHub Actions.
func stepSummary(image string, steps []report.Result, failed error) string {
	var rows [][]report.Cell
	for _, s := range steps {
		state := report.Text(s.State)
		switch s.State {
		case "done":
			state = report.Good(s.State)
		case "failed":
			state = report.Bad(s.State)
		case "interrupted", "stopped":
			state = report.Caution(s.State)
		}
		rows = append(rows, []report.Cell{report.Text(s.Name), state, report.Number(report.Duration(s.End.Sub(s.Start))), report.Text(s.Detail)})
	}
	table := report.Markdown([]string{"step", "state", "time", "remark"}, rows)
	if failed == nil {
		return "<details><summary>Steps</summary>\n\n" + table + "\n</details>\n\n"
	}
	text := "    " + strings.ReplaceAll(report.Message(failed), "\n", "\n    ") // as it is, whatever stands in it
	return "### " + image + ": not built\n\n" + text + "\n\n" + table + "\n"
}

// reportFile is where the report of the last image is.
const reportFile = "dist/report.html"

func (n *pageNotes) from(s source) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.source = s
}

func (n *pageNotes) with(tools map[string]string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tools = tools
}

func (n *pageNotes) layer(l oci.LayerDone) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fates == nil {
		n.fates = map[string]string{}
	}
	if !l.Cached {
		n.fates[l.Digest] = "made"
	} else if n.fates[l.Digest] == "" { // what one step made is another's "kept"
		n.fates[l.Digest] = "kept"
	}
}

// made is how many layers were made so far.
func (n *pageNotes) made() (made int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, fate := range n.fates {
		if fate == "made" {
			made++
		}
	}
	return made
}

func (n *pageNotes) audited(r auditResult) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.audit = &r
}

// published notes the tags, and says how much was sent for them.
func (n *pageNotes) published(p oci.Published) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tags = p.Tags
	var reused int64
	for _, one := range p.Pushed {
		reused += one.Reused
	}
	text := report.Bytes(n.blobs.n.Load()) + " sent"
	if reused > 0 {
		text += ", " + report.Bytes(reused) + " were there"
	}
	return text
}

// built has the index, of whose layers the top ones are ours. What takes the
// room in them is measured while the steps go on.
func (n *pageNotes) built(ctx context.Context, j *job, index oci.Index, own int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.index = index
	done := make(chan struct{})
	n.measured = done
	go func() {
		defer close(done)
		sizes, err := j.measureLayers(ctx, index, own)
		if err != nil && ctx.Err() == nil {
			j.show.Warn("measuring packages for the report: " + err.Error())
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.sizes = sizes
	}()
}
