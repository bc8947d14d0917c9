package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
)

// Page is a build as one HTML page: plain data, which [Page.Render] draws. A
// part that is empty is left out, so that a build that failed early has a page,
// too. Equal data give equal bytes.
type Page struct {
	Title    string // what is built
	Subtitle string // one line about it
	State    string // "done", "failed" or "interrupted"
	Problem  string // why it is not done, in lines
	Tail     string // the end of what the tool printed that failed
	Start    time.Time
	End      time.Time

	Facts   []Fact // in large, under the title
	Steps   []Result
	Pending []Planned // steps that did not begin

	Image    []PageImage
	Total    int64 // bytes that a registry stores
	Shared   int64 // bytes of that which several platforms use
	Packages []Package
	Others   []Package // what the image holds beside packages, by layer
	Audit    *PageAudit
	Inputs   []FactGroup
}

// Fact is something with a name.
type Fact struct {
	Name, Value string
	Note        string // in small, behind it
	Code        bool   // a digest, a path: in letters of one width
}

// FactGroup is facts under a heading.
type FactGroup struct {
	Name  string
	Facts []Fact
}

// PageImage is the image of one platform.
type PageImage struct {
	Platform, Digest string
	Size             int64 // compressed bytes
	Layers           []PageLayer
}

// PageLayer is a layer, bottom first. Layers with one digest are one blob.
type PageLayer struct {
	Name, Digest string
	Size         int64  // compressed bytes
	Fate         string // "made" or "kept", or "" if that is not known
}

// Package is what takes room in the image.
type Package struct {
	Name, Version string
	Kind          string           // "Debian", "Python", …
	Sizes         map[string]int64 // bytes of its files as installed, by platform
	Shared        bool             // it is in a layer that all platforms use
}

// PageAudit is what the audit found.
type PageAudit struct {
	Platforms []PageAudited
	Findings  []PageFinding // worst first
	Waived    []PageFinding // Cure is the reason
	Note      string
}

// PageAudited is what was looked at for one platform.
type PageAudited struct {
	Platform                string
	Errors, Warnings, Notes int
	Files, Binaries         int
	Bytes                   int64 // uncompressed
}

// PageFinding is one finding.
type PageFinding struct{ Severity, ID, Platform, Path, Message, Cure string }

//go:embed page
var pageFiles embed.FS

// Render writes the page: one file that needs no other. Its content security
// policy makes browsers refuse whatever it might ask of the network.
func (p Page) Render(w io.Writer) error {
	var parts [3]string
	for i, name := range []string{"page.html", "page.css", "page.js"} {
		text, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			return fmt.Errorf("reading the page's %s: %w", name, err)
		}
		parts[i] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	t, err := template.New("page").Funcs(template.FuncMap{
		"bytes": Bytes, "duration": Duration, "short": shortDigest, "time": pageTime,
		"count":  func(n int, one string) string { return count(n, one) },
		"add":    func(a, b int) int { return a + b },
		"middle": func(high int) int { return high/2 + 5 }, // where the line stands that letters stand on
		"band":   newBandView,
	}).Parse(parts[0])
	if err != nil {
		return fmt.Errorf("reading the page's template: %w", err)
	}
	sum := sha256.Sum256([]byte(parts[2]))
	err = t.Execute(w, struct {
		Page
		Style    template.CSS
		Script   template.JS
		Hash     string
		Verdict  string
		Timeline timeline
		Picture  *picture
		Sizes    *sizes
	}{
		p, template.CSS(parts[1]), template.JS(parts[2]), base64.StdEncoding.EncodeToString(sum[:]), //nolint:gosec // our own files
		verdict(p.State), newTimeline(p), newPicture(p.Image), newSizes(p),
	})
	if err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// bandView is a band with what is around it.
type bandView struct {
	band
	ID, Title, Text string
	High, Tall      int // of the lanes, and with the numbers below
}

func newBandView(p *picture, b any, title string) bandView {
	v := bandView{ID: "whole", Title: title, Text: p.Text, High: p.Height, Tall: p.Height}
	switch b := b.(type) {
	case band:
		v.band = b
	case *band:
		v.band, v.ID = *b, "detail"
	}
	for _, piece := range v.Pieces {
		if piece.Below {
			v.Tall = p.Height + 28
		}
	}
	return v
}

func verdict(state string) string {
	switch state {
	case "done":
		return "built"
	case "":
		return "unfinished"
	}
	return state
}

func pageTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// shortDigest is as much of a digest as tells it from others.
func shortDigest(s string) string {
	if hex, ok := strings.CutPrefix(s, "sha256:"); ok && len(hex) > 12 {
		return hex[:12]
	}
	return s
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
