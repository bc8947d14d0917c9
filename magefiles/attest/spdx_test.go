package attest

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

// golden compares with testdata/NAME.golden.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(string(want), "\r\n", "\n"); string(got) != want {
		t.Errorf("%s differs; run the test with -update if it should\n--- got\n%s--- want\n%s", file, got, want)
	}
}

func sums(path string) File {
	return File{Path: path, SHA1: strings.Repeat("1", 40), SHA256: strings.Repeat("2", 64)}
}

// someImage has a component of each kind.
func someImage(t *testing.T) Image {
	t.Helper()
	debs := DpkgPackages(someStatus, Distribution{"debian", "Debian GNU/Linux", "trixie"}, func(name string) string {
		return map[string]string{"libc6": someCopyright}[name]
	})
	debs[0].Checksums = []Checksum{{"SHA256", strings.Repeat("d", 64)}}
	cli := Component{
		Kind: "own", Name: "cli", Version: "1.0.0", PURL: PURL("generic", "", "cli", "1.0.0", nil), License: ParseLicense("MIT"),
		Purpose: "APPLICATION", Files: []File{sums("usr/bin/cli")}, DependsOn: []string{ID("cargo", "serde", "1.0.0"), "cargo-not-there-1"},
	}
	crate := Crate(LockedCrate{Name: "serde", Version: "1.0.0", Source: "registry+x", SHA256: strings.Repeat("c", 64)}, "MIT/Apache-2.0")
	crate.Parent = cli.ID()
	dist, requires := PythonDistribution(someMetadata, "3.13")
	dist.Files = []File{sums("site/b.py"), sums("site/a.py")}
	python := []Component{dist, {Kind: "pypi", Name: "idna", Version: "3.0"}}
	LinkPython(python, [][]string{requires, nil})
	return Image{
		Name: "app", Version: "1.0.0", Digest: "sha256:" + strings.Repeat("a", 64), Platform: "linux/arm64",
		Namespace: "https://example.org/app/spdx", Supplier: "Example", Tool: "test-1", Created: time.Unix(1_700_000_000, 0),
		Components: slices.Concat(python, []Component{crate, cli}, debs),
	}
}

func TestSPDX(t *testing.T) {
	t.Parallel()
	d, err := SPDX(someImage(t))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "image.spdx.json", raw)
	structure(t, raw)
	// The order in which facts come in is chance.
	again := someImage(t)
	slices.Reverse(again.Components)
	slices.Reverse(again.Components[len(again.Components)-1].Files)
	second, err := SPDX(again)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := second.JSON(); err != nil || string(other) != string(raw) {
		t.Errorf("another order gives another document: %v", err)
	}
}

func TestSPDXRefuses(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*Image){
		"no SHA-256 digest":     func(i *Image) { i.Digest = "latest" },
		"is there twice":        func(i *Image) { i.Components = append(i.Components, i.Components[0]) },
		"which is not in the":   func(i *Image) { i.Components[0].Parent = "nobody" },
		"to another component ": func(i *Image) { i.Components[1].Files = i.Components[0].Files },
	} {
		image := someImage(t)
		change(&image)
		if _, err := SPDX(image); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want one that says %q", err, says)
		}
	}
}

// structure holds a document against what SPDX 2.3 demands: identifiers are
// unique, references lead somewhere, what has to be there is.
func structure(t *testing.T, raw []byte) {
	t.Helper()
	var d Document
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	pattern := regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.-]+$`)
	add := func(id string) {
		if ids[id] || !pattern.MatchString(id) {
			t.Errorf("identifier %q is wrong or there twice", id)
		}
		ids[id] = true
	}
	add(d.SPDXID)
	for _, p := range d.Packages {
		add(p.SPDXID)
		if p.Name == "" || p.Download == "" || p.FilesAnalyzed != (p.VerificationCode != nil) {
			t.Errorf("package %+v lacks something", p)
		}
		for _, ref := range regexp.MustCompile(`LicenseRef-[A-Za-z0-9.-]+`).FindAllString(p.LicenseDeclared, -1) {
			if !slices.ContainsFunc(d.Extracted, func(e ExtractedLicense) bool { return e.ID == ref && e.Text != "" }) {
				t.Errorf("%s: the text of %s is missing", p.Name, ref)
			}
		}
	}
	for _, f := range d.Files {
		add(f.SPDXID)
		if !strings.HasPrefix(f.Name, "./") || f.Checksums[0].Algorithm != "SHA1" {
			t.Errorf("file %+v", f)
		}
	}
	contained := map[string]bool{}
	for _, r := range d.Relationships {
		if !ids[r.From] || !ids[r.To] {
			t.Errorf("%+v leads nowhere", r)
		}
		if r.Type == "CONTAINS" || r.Type == "DESCRIBES" {
			contained[r.To] = true
		}
	}
	for id := range ids {
		if !contained[id] && id != d.SPDXID {
			t.Errorf("%s is in nothing", id)
		}
	}
}
