package report

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// samplePage is a build of two platforms. What comes from outside tries to
// break out of where it stands.
func samplePage() Page {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	parts := []string{"ui", "cli", "python packages", "base"}
	digest := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	image := func(platform, c string, own ...int64) PageImage {
		i := PageImage{Platform: platform, Digest: digest(c), Layers: []PageLayer{
			{"Debian trixie", digest(c + "1")[:71], own[0], "kept"},
			{"python packages, native", digest(c + "2")[:71], own[1], "made"},
			{"python packages, shared", digest("c"), 1198702, "made"},
			{"example CLI", digest(c + "3")[:71], own[2], "made"},
			{"web UI", digest("d"), 81546, "made"},
			{"example package", digest("e"), 21421, "made"},
		}}
		for _, l := range i.Layers {
			i.Size += l.Size
		}
		return i
	}
	p := Page{
		Title: "example-dev", Subtitle: "Version 0.1.0 for linux/amd64 and linux/arm64", State: "done", Start: start, End: at(48900),
		Facts: []Fact{{Name: "Time", Value: "48.9s", Note: "117s of steps"}, {Name: "linux/amd64", Value: "30.4 MB"}, {Name: "linux/arm64", Value: "30.2 MB"}, {Name: "Shared", Value: "1.30 MB", Note: "one copy"}, {Name: "Audit", Value: "no findings", Note: "715 binaries"}},
		Steps: []Result{
			{Name: "python packages", State: "skipped", Detail: "17 distributions, as before", Start: start, End: at(300)},
			{Name: "base", State: "done", Detail: "Debian trixie", Start: start, End: at(8100), Log: "logs/base.log"},
			{Name: "ui", State: "done", Detail: "5 files, 253 kB", Start: at(10), End: at(12300), Log: "logs/ui.log"},
			{Name: "cli", State: "done", Detail: "cargo 1.95.0 + zig", Start: at(12), End: at(44100), Log: "logs/cli.log"},
			{Name: "layers", State: "done", After: parts, Start: at(44100), End: at(45900)},
			{Name: "audit", State: "done", After: []string{"layers"}, Start: at(45900), End: at(47500)},
			{Name: "layout", State: "done", After: []string{"audit"}, Start: at(47500), End: at(48800)},
		},
		Image: []PageImage{image("linux/amd64", "a", 19949771, 7727351, 1398790), image("linux/arm64", "b", 20038668, 7480000, 1320000)},
		Total: 59200000, Shared: 1301669,
		Audit: &PageAudit{
			Platforms: []PageAudited{{"linux/amd64", 0, 1, 0, 4100, 360, 96e6}, {"linux/arm64", 0, 0, 0, 4090, 355, 101e6}},
			Findings:  []PageFinding{{"warning", "elf-damaged", "linux/amd64", "/opt/<script>alert(1)</script>", `it says "</style>" & more`, "look at it"}},
			Waived:    []PageFinding{{"error", "elf-arch", "linux/arm64", "/usr/lib/x.so", "is for amd64", "it is test data"}},
		},
		Inputs: []FactGroup{
			{"Source", []Fact{{Name: "Revision", Value: strings.Repeat("0a", 20), Code: true}, {Name: "Created", Value: "2026-01-02 03:04:05 UTC"}}},
			{"Locks", []Fact{{Name: "requirements.lock", Value: digest("1"), Code: true}, {Name: "crates/Cargo.lock", Value: digest("2"), Code: true}}},
			{"Result", []Fact{{Name: "Index", Value: digest("3"), Code: true}}},
		},
	}
	for i := range 34 {
		size := int64(9e6) / int64(i+1)
		p.Packages = append(p.Packages, Package{fmt.Sprintf("package-%d", i), "1." + fmt.Sprint(i), []string{"Debian", "Python"}[i%2], map[string]int64{"linux/amd64": size, "linux/arm64": size + 1000}, i%4 == 1})
	}
	return p
}

func render(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Render(&b); err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("PAGE_OUT"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "page.html"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// TestPage: nothing from outside is more than text, and the same data give the
// same page.
func TestPage(t *testing.T) {
	t.Parallel()
	html := render(t, samplePage())
	if strings.Contains(html, "<script>alert") || strings.Contains(html, `"</style>"`) || strings.Count(html, "<script>") != 1 {
		t.Error("text from outside became mark-up")
	}
	if strings.Contains(html, "ZgotmplZ") {
		t.Error("the template puts a value where it is not safe")
	}
	for _, outside := range []string{"http:", "https:", "url(//", "@import", "src="} {
		if strings.Contains(strings.ReplaceAll(html, "img-src data:", ""), outside) {
			t.Errorf("the page has %q: it is to need nothing else", outside)
		}
	}
	if again := render(t, samplePage()); again != html {
		t.Error("the same data give another page")
	}
}

// TestEmptyPage: a build that failed at once has a page.
func TestEmptyPage(t *testing.T) {
	t.Parallel()
	html := render(t, Page{Title: "example", State: "failed", Problem: "cli: no linker\ncure: install one"})
	for _, want := range []string{"cure: install one", "failed"} {
		if !strings.Contains(html, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	for _, part := range []string{`id="time"`, `id="image"`, `id="sizes"`, `id="audit"`, `id="inputs"`} {
		if strings.Contains(html, part) {
			t.Errorf("it has an empty part, %s", part)
		}
	}
}
