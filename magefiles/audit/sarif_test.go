package audit

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func sarifFindings() []Finding {
	return []Finding{
		{ID: IDSetuid, Severity: Warning, Platform: "linux/arm64", Path: "/opt/mit Leerzeichen/ü#1%.bin", Layer: "CLI", LayerIndex: 3, Message: "runs with the rights of its owner", Cure: "chmod ug-s"},
		{ID: IDArch, Severity: Error, Platform: "linux/arm64", Path: "/opt/x.so", LayerIndex: 2, Message: "x86-64 ELF in a linux/arm64 image", Cure: "build it again"},
		{ID: IDLayerNotShared, Severity: Error, Platform: "linux/arm64", Path: "/", Layer: "UI", LayerIndex: -1, Message: "two", Cure: "one"},
		{ID: IDArch, Severity: Note, Platform: "", Path: "a:b/c", LayerIndex: -1, Message: "in a tree", Cure: ""},
		{ID: "of-the-future", Severity: Note, Platform: "linux/amd64", Path: "/x", LayerIndex: -1, Message: "no rule tells of it", Cure: "none"},
	}
}

func sarifOf(t *testing.T, findings []Finding) []byte {
	t.Helper()
	out, err := SARIF(findings, SARIFTool{Name: "audit", Version: "1.2.3", URL: "https://example.org/audit", Subject: "example.org/app:latest"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSARIF: what GitHub asks for is there (its "SARIF support for code
// scanning"), and each result points at its rule.
func TestSARIF(t *testing.T) {
	t.Parallel()
	var log sarifLog
	out := sarifOf(t, sarifFindings())
	if err := json.Unmarshal(out, &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || run.Tool.Driver.Name == "" || len(run.Results) != len(sarifFindings()) {
		t.Fatalf("version %q, tool %q, %d results", log.Version, run.Tool.Driver.Name, len(run.Results))
	}
	for _, r := range run.Tool.Driver.Rules {
		if r.ID == "" || r.ShortDescription.Text == "" || r.FullDescription.Text == "" || r.Help.Text == "" || len(r.FullDescription.Text) > 1024 {
			t.Errorf("rule %+v lacks something", r)
		}
	}
	marks := map[string]bool{}
	for _, r := range run.Results {
		at := r.Locations[0].Physical
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s points at the rule %s", r.RuleID, run.Tool.Driver.Rules[r.RuleIndex].ID)
		}
		if u, err := url.Parse(at.Artifact.URI); err != nil || u.IsAbs() || strings.HasPrefix(u.Path, "/") || at.Artifact.URI == "" {
			t.Errorf("%q is no relative reference (%v)", at.Artifact.URI, err)
		}
		if at.Region.StartLine != 1 || r.Message.Text == "" || !slices.Contains([]string{"error", "warning", "note"}, r.Level) {
			t.Errorf("%+v lacks something", r)
		}
		marks[r.PartialFingerprints["primaryLocationLineHash"]] = true
	}
	if len(marks) != len(run.Results) {
		t.Errorf("%d results have %d fingerprints", len(run.Results), len(marks))
	}
	for _, words := range []string{`"CLI"`, "opt/mit%20Leerzeichen/%C3%BC%231%25.bin", "Cure: chmod ug-s"} {
		if !strings.Contains(string(out), words) {
			t.Errorf("%q is missing in\n%s", words, out)
		}
	}
}

// TestSARIFStable: neither order nor message nor the layer's place changes which
// finding a result is.
func TestSARIFStable(t *testing.T) {
	t.Parallel()
	before := sarifFindings()
	after := sarifFindings()
	slices.Reverse(after)
	if string(sarifOf(t, before)) != string(sarifOf(t, after)) {
		t.Error("the order of findings shows")
	}
	f := before[0]
	f.Message, f.LayerIndex = "other", 7
	if fingerprint(f) != fingerprint(before[0]) {
		t.Error("the message or the layer is in the fingerprint")
	}
	for _, g := range before[1:] {
		if fingerprint(g) == fingerprint(f) {
			t.Errorf("%v and %v are one", f, g)
		}
	}
}

func TestSARIFLimits(t *testing.T) {
	t.Parallel()
	many := slices.Repeat(sarifFindings()[:1], sarifResults+7)
	many = append(many, sarifFindings()[1])
	var log sarifLog
	if err := json.Unmarshal(sarifOf(t, many), &log); err != nil {
		t.Fatal(err)
	}
	if r := log.Runs[0].Results; len(r) != sarifResults || r[0].Level != Error {
		t.Errorf("%d results, the first is of level %s; want the worst %d", len(r), r[0].Level, sarifResults)
	}
	if err := json.Unmarshal(sarifOf(t, nil), &log); err != nil || log.Runs[0].Results == nil {
		t.Errorf("without findings there is no list of results (%v)", err)
	}
}

// TestSARIFSchema holds a report against the schema of OASIS, if SARIF_SCHEMA
// names a copy of it and Python has the package jsonschema.
func TestSARIFSchema(t *testing.T) {
	t.Parallel()
	schema := os.Getenv("SARIF_SCHEMA")
	if schema == "" {
		t.Skip("SARIF_SCHEMA names no copy of sarif-schema-2.1.0.json")
	}
	for _, findings := range [][]Finding{sarifFindings(), nil} {
		cmd := exec.Command(needTool(t, "python3"), "-c", "import json,sys,jsonschema; jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1])))", schema)
		cmd.Stdin = strings.NewReader(string(sarifOf(t, findings)))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

// TestCheckTable: each identifier is there once, in the form of identifiers,
// and explained in sentences.
func TestCheckTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range Checks() {
		if seen[c.ID] || c.ID != strings.ToLower(c.ID) || strings.ContainsAny(c.ID, " _.") || c.ID == "" {
			t.Errorf("identifier %q is there twice, or no identifier", c.ID)
		}
		seen[c.ID] = true
		if c.Title == "" || strings.HasSuffix(c.Title, ".") || !strings.HasSuffix(c.Explain, ".") {
			t.Errorf("%s: title %q, explained by %q", c.ID, c.Title, c.Explain)
		}
	}
}
