package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// SARIFTool is who speaks in a report for other tools.
type SARIFTool struct {
	Name    string // of the program: shown as the source of each alert
	Version string // its own; may be empty
	URL     string // where people read more about the findings; may be empty
	Subject string // what was audited, as it was asked for
}

// sarifResults is how many results GitHub takes of one run; the worst are kept.
const sarifResults = 5000

// sarifRoot is what paths in a report are relative to: they are files in an
// image, and none of the sources.
const sarifRoot = "IMAGE"

// SARIF writes findings in the Static Analysis Results Interchange Format,
// version 2.1.0 (OASIS), within what GitHub's code scanning asks for. Results
// keep their fingerprint as long as check, platform and path are the same, so
// that an alert which was dismissed stays dismissed.
func SARIF(findings []Finding, tool SARIFTool) ([]byte, error) {
	findings = slices.Clone(findings)
	Sort(findings)
	run := sarifRun{
		Tool: sarifTool{sarifDriver{Name: tool.Name, Version: tool.Version, InformationURI: tool.URL}},
		OriginalURIBaseIDs: map[string]sarifBase{
			sarifRoot: {Description: &sarifText{Text: "the root of the file system in " + tool.Subject}},
		},
		Results:    []sarifResult{},
		Properties: map[string]any{"subject": tool.Subject},
	}
	if n := len(findings) - sarifResults; n > 0 {
		run.Properties["omitted"] = n
		findings = findings[:sarifResults]
	}
	index := map[string]int{}
	for _, c := range knownChecks(findings) {
		index[c.ID] = len(run.Tool.Driver.Rules)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: c.ID, Name: ruleName(c.ID), ShortDescription: sarifText{Text: c.Title}, FullDescription: sarifText{Text: c.Explain},
			Help: sarifText{Text: c.Explain}, HelpURI: tool.URL,
		})
	}
	seen := map[string]int{}
	for _, f := range findings {
		mark := fingerprint(f)
		seen[mark]++
		run.Results = append(run.Results, result(f, index[f.ID], fmt.Sprintf("%s:%d", mark, seen[mark])))
	}
	out, err := json.MarshalIndent(sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing findings as SARIF: %w", err)
	}
	return append(out, '\n'), nil
}

// knownChecks is [Checks], and what findings name beyond it: a report with a
// rule that explains little is better than none.
func knownChecks(findings []Finding) []CheckInfo {
	checks := Checks()
	known := map[string]bool{}
	for _, c := range checks {
		known[c.ID] = true
	}
	for _, f := range findings {
		if !known[f.ID] {
			known[f.ID] = true
			checks = append(checks, CheckInfo{f.ID, f.ID, f.ID})
		}
	}
	return checks
}

// ruleName is an identifier as SARIF likes the names of rules: "SameBinary".
func ruleName(id string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(id, "-") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

func result(f Finding, rule int, mark string) sarifResult {
	message := f.Message + "."
	if f.Platform != "" {
		message = f.Platform + ": " + message
	}
	if f.Cure != "" {
		message += "\nCure: " + f.Cure + "."
	}
	r := sarifResult{
		RuleID: f.ID, RuleIndex: rule, Level: f.Severity, Message: sarifText{Text: message},
		PartialFingerprints: map[string]string{"primaryLocationLineHash": mark},
		Properties:          map[string]any{"platform": f.Platform},
	}
	at := sarifLocation{Physical: sarifPhysical{
		Artifact: sarifArtifact{URI: relativeURI(f.Path), BaseID: sarifRoot},
		Region:   sarifRegion{StartLine: 1}, // GitHub asks for a line; binaries have none
	}}
	at.Logical = []sarifLogical{{Name: f.Path, FullName: strings.TrimSpace(f.Platform + " " + f.Path), Kind: "resource"}}
	if f.LayerIndex >= 0 {
		r.Properties["layerIndex"] = f.LayerIndex
		name := f.Layer
		if name == "" {
			name = fmt.Sprintf("layer %d", f.LayerIndex)
		}
		r.Properties["layer"] = name
		at.Logical = append(at.Logical, sarifLogical{Name: name, FullName: fmt.Sprintf("layer %d %q", f.LayerIndex, name), Kind: "module"})
	}
	r.Locations = []sarifLocation{at}
	return r
}

// relativeURI is a path as a reference relative to the root. Only the image as
// a whole has none, and is a dot.
func relativeURI(name string) string {
	name = strings.TrimPrefix(name, "/")
	if name == "" {
		return "."
	}
	uri := (&url.URL{Path: name}).EscapedPath()
	if first, _, _ := strings.Cut(uri, "/"); strings.Contains(first, ":") {
		uri = "./" + uri // "a:b" would be a scheme
	}
	return uri
}

// fingerprint names a finding by what stays the same from build to build:
// neither the message, which may have versions in it, nor the layer's place.
func fingerprint(f Finding) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{f.ID, f.Platform, f.Path}, "\x00")))
	return hex.EncodeToString(sum[:8])
}
