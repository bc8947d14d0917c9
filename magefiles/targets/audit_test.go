package targets

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// elf is the header of a shared library for a machine.
func elf(machine uint16) []byte {
	h := make([]byte, 64)
	copy(h, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(h[16:], 3)
	binary.LittleEndian.PutUint16(h[18:], machine)
	return h
}

const (
	amd64 = 62
	arm64 = 183
)

// auditFixture is an index of both platforms with a layer of ours each, whose
// library is for the machine given.
func auditFixture(t *testing.T, arm uint16) oci.Index {
	t.Helper()
	plan := oci.Plan{}
	for platform, machine := range map[string]uint16{"linux/amd64": amd64, "linux/arm64": arm} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "lib.so"), elf(machine), 0o644); err != nil {
			t.Fatal(err)
		}
		plan.Images = append(plan.Images, oci.Image{
			Platform: platform, Layers: []*oci.Layer{{Name: "ours", Tree: oci.Dir(dir), To: "/opt/app"}}, Created: fileTime(), FileTime: fileTime(),
		})
	}
	slices.SortFunc(plan.Images, func(a, b oci.Image) int { return strings.Compare(a.Platform, b.Platform) })
	index, err := oci.Builder{Cache: oci.Cache{Dir: t.TempDir()}}.Build(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// TestAuditFindsTheCopy: a file of amd64's in the image for arm64 is named with
// its layer and the cure, by the step of images and by the target.
func TestAuditFindsTheCopy(t *testing.T) {
	t.Parallel()
	j, _, out := testJob(t, nil)
	index := auditFixture(t, amd64)
	err := j.auditIndex(t.Context(), index, everyLayer)
	if err == nil {
		t.Fatal("it passed")
	}
	for _, word := range []string{"/opt/app/lib.so", `"ours"`, "linux/arm64"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is missing in: %v", word, err)
		}
	}
	layout, sarif := filepath.Join(t.TempDir(), "image"), filepath.Join(t.TempDir(), "new", "out.sarif")
	if err := oci.WriteLayout(t.Context(), layout, index, "latest"); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := j.audit(t.Context(), auditFlags{image: layout, sarif: sarif}); err == nil {
		t.Error("the target passed")
	}
	for _, word := range []string{"linux/arm64: 2 errors", "[same-binary] /opt/app/lib.so (layer 0, \"ours\")"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("%q is missing in:\n%s", word, out)
		}
	}
	if strings.Contains(out.String(), "linux/amd64: 1 error") {
		t.Errorf("the file is wrong where it belongs, too:\n%s", out)
	}
	text, err := os.ReadFile(sarif)
	if err != nil || !json.Valid(text) || !bytes.Contains(text, []byte(`"same-binary"`)) {
		t.Errorf("the SARIF file: %v\n%s", err, text)
	}
	if err := j.audit(t.Context(), auditFlags{image: layout, platform: "linux/amd64"}); err != nil {
		t.Errorf("the half that is right: %v", err)
	}
	if err := j.audit(t.Context(), auditFlags{image: layout, platform: "linux/s390x"}); err == nil || !strings.Contains(err.Error(), "linux/amd64, linux/arm64") {
		t.Errorf("a platform that is not there: %v", err)
	}
}

// TestAuditWaivers: what project.go accepts does not stop the build, and its
// reason is shown.
func TestAuditWaivers(t *testing.T) {
	t.Parallel()
	j, _, out := testJob(t, nil)
	j.Waivers = []waiver{
		{ID: audit.IDArch, Path: "/opt/app/*.so", Reason: "a fixture of the tests"},
		{ID: audit.IDSameBinary, Path: "/opt/**", Platform: "linux/arm64", Reason: "the same fixture"},
		{ID: audit.IDSetuid, Path: "/nowhere", Reason: "long gone"},
	}
	layout := filepath.Join(t.TempDir(), "image")
	if err := oci.WriteLayout(t.Context(), layout, auditFixture(t, amd64), "latest"); err != nil {
		t.Fatal(err)
	}
	if err := j.audit(t.Context(), auditFlags{image: layout}); err != nil {
		t.Error(err)
	}
	for _, word := range []string{"because: a fixture of the tests", "because: the same fixture"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("%q is missing in:\n%s", word, out)
		}
	}
	if strings.Contains(out.String(), audit.IDWaiverUnused) {
		t.Errorf("a waiver for our image is missed in another one:\n%s", out)
	}
}

// TestWaiversOfProject: those in project.go can be used.
func TestWaiversOfProject(t *testing.T) {
	t.Parallel()
	for _, w := range thisProject().Waivers {
		if err := w.Check(); err != nil {
			t.Errorf("the waiver of %q for %q: %v", w.ID, w.Path, err)
		}
		if !slices.ContainsFunc(audit.Checks(), func(c audit.CheckInfo) bool { return c.ID == w.ID }) {
			t.Errorf("there is no check %q", w.ID)
		}
	}
}

// TestSameness: what the audit expects of the layers is what the plan makes.
func TestSameness(t *testing.T) {
	t.Parallel()
	same := thisProject().sameness()
	if got, want := fmt.Sprint(same.Own), "[python packages, native python packages, shared noetl CLI web UI noetl package]"; got != want {
		t.Errorf("our layers are %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(same.Shared), "[Debian trixie, shared python packages, shared web UI noetl package]"; got != want {
		t.Errorf("shared are %s, want %s", got, want)
	}
}

// TestShowAudit: a wrong base does not bury the terminal, and names from within
// an image do nothing to it.
func TestShowAudit(t *testing.T) {
	t.Parallel()
	r := auditResult{Image: "app", Platforms: []auditPlatform{{Platform: "linux/amd64"}, {Platform: "linux/arm64"}}}
	for i := range 200 {
		r.Findings = append(r.Findings, audit.Finding{ID: audit.IDArch, Severity: audit.Error, Platform: "linux/arm64", Path: fmt.Sprintf("/a\x1b]0;x\a\n%d", i), LayerIndex: -1, Message: "m", Cure: "c"})
	}
	r.Findings = append(r.Findings, audit.Finding{ID: audit.IDWaiverUnused, Severity: audit.Warning, Path: "/b", LayerIndex: -1, Message: "m", Cure: "c"})
	var out bytes.Buffer
	showAudit(&out, r)
	text := out.String()
	if n := strings.Count(text, "[arch]"); n == 0 || n > auditShown {
		t.Errorf("%d findings are shown, want at most %d", n, auditShown)
	}
	if strings.ContainsAny(text, "\x1b\a") || strings.Count(text, "\n") > 2*auditShown+10 {
		t.Errorf("the terminal gets %q", text)
	}
	for _, word := range []string{"and 184 more", "linux/arm64: 200 errors", "about the audit itself", "app: 200 errors, 1 warning"} {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing in:\n%s", word, text)
		}
	}
}

// TestUnusedWaiver: in our own image, one that excuses nothing is told of.
func TestUnusedWaiver(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	j.Waivers = []waiver{{ID: audit.IDSetuid, Path: "/nowhere", Reason: "long gone"}, {ID: audit.IDArch, Path: "/x", Platform: "linux/s390x", Reason: "not built now"}}
	inv := &audit.Inventory{Platform: "linux/arm64"}
	for i, name := range j.sameness().Own {
		inv.Layers = append(inv.Layers, audit.LayerFacts{Name: name, Index: i})
	}
	r := j.judge("app", []inspected{{inventory: inv}})
	if len(r.Findings) != 1 || r.Findings[0].ID != audit.IDWaiverUnused || r.Findings[0].Path != "/nowhere" {
		t.Errorf("found %v, want the waiver of /nowhere", r.Findings)
	}
}

// TestAuditWheels: what was put into laid-out packages by hand is named with the
// layer that it would have been in.
func TestAuditWheels(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	dir := j.path("dist/wheels/linux-arm64")
	if err := os.MkdirAll(filepath.Join(dir, "pkg"), 0o755); err != nil {
		t.Fatal(err)
	}
	for machine, wrong := range map[uint16]bool{arm64: false, amd64: true} {
		if err := os.WriteFile(filepath.Join(dir, "pkg", "planted.so"), elf(machine), 0o644); err != nil {
			t.Fatal(err)
		}
		err := j.auditWheels(t.Context(), xbuild.Platform{OS: "linux", Arch: "arm64"}, dir)
		if (err != nil) != wrong {
			t.Errorf("a library for machine %d: %v", machine, err)
		}
		if text := report.Message(err); wrong && (!strings.Contains(text, "dist/wheels/linux-arm64/pkg/planted.so") ||
			!strings.Contains(text, nativeLayer) || !strings.Contains(text, "cure: ")) {
			t.Errorf("it says %s", text)
		}
	}
}

// TestWarnOf: a build shows the first few of what does not stop it.
func TestWarnOf(t *testing.T) {
	t.Parallel()
	j, _, out := testJob(t, nil)
	findings := []audit.Finding{{Severity: audit.Note, ID: "noted"}}
	for range fewWarnings + 2 {
		findings = append(findings, audit.Finding{Severity: audit.Warning, ID: "arch", Path: "opt/x.so", LayerIndex: -1, Message: "is for another system"})
	}
	j.warnOf(findings)
	if got := out.String(); strings.Count(got, "warning: [arch] opt/x.so: ") != fewWarnings || !strings.Contains(got, "and 2 more") || strings.Contains(got, "noted") {
		t.Errorf("got %s", got)
	}
}
