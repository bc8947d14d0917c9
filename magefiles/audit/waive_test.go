package audit

import (
	"strings"
	"testing"
)

func TestWaive(t *testing.T) {
	t.Parallel()
	findings := []Finding{
		{ID: IDArch, Severity: Error, Platform: "linux/arm64", Path: "/opt/a/b/x.so", LayerIndex: 1, Message: "m", Cure: "c"},
		{ID: IDArch, Severity: Error, Platform: "linux/amd64", Path: "/opt/a/b/x.so", LayerIndex: 1, Message: "m", Cure: "c"},
		{ID: IDSetuid, Severity: Warning, Platform: "linux/arm64", Path: "/opt/a/b/x.so", LayerIndex: 1, Message: "m", Cure: "c"},
	}
	for _, c := range []struct {
		name   string
		waiver Waiver
		kept   []string
	}{
		{"one platform", Waiver{IDArch, "/opt/a/b/x.so", "linux/arm64", "known"}, []string{"error arch linux/amd64 /opt/a/b/x.so", "warning setuid linux/arm64 /opt/a/b/x.so"}},
		{"all platforms", Waiver{IDArch, "/opt/**/*.so", "", "known"}, []string{"warning setuid linux/arm64 /opt/a/b/x.so"}},
		{"unused", Waiver{IDSetuid, "/opt/a/b/y.so", "", "known"}, []string{
			"error arch linux/amd64 /opt/a/b/x.so", "error arch linux/arm64 /opt/a/b/x.so", "warning setuid linux/arm64 /opt/a/b/x.so",
			"warning waiver-unused  /opt/a/b/y.so",
		}},
		{"not audited", Waiver{IDSetuid, "/opt/a/b/y.so", "linux/riscv64", "known"}, []string{
			"error arch linux/amd64 /opt/a/b/x.so", "error arch linux/arm64 /opt/a/b/x.so", "warning setuid linux/arm64 /opt/a/b/x.so",
		}},
		{"without a reason", Waiver{IDArch, "/opt/**", "", " "}, []string{
			"error arch linux/amd64 /opt/a/b/x.so", "error arch linux/arm64 /opt/a/b/x.so", "error waiver-invalid  /opt/**", "warning setuid linux/arm64 /opt/a/b/x.so",
		}},
		{"of waivers", Waiver{IDWaiverUnused, "/opt/**", "", "known"}, []string{
			"error arch linux/amd64 /opt/a/b/x.so", "error arch linux/arm64 /opt/a/b/x.so", "error waiver-invalid  /opt/**", "warning setuid linux/arm64 /opt/a/b/x.so",
		}},
	} {
		kept, waived := Waive(findings, []Waiver{c.waiver}, []string{"linux/amd64", "linux/arm64"})
		t.Run(c.name, func(t *testing.T) { wantBrief(t, kept, c.kept...) })
		for _, w := range waived {
			if w.Reason != "known" || !strings.Contains(w.String(), "because: known") {
				t.Errorf("%s: %q is waived for %q", c.name, w.Path, w.Reason)
			}
		}
		if own := len(findings) + strings.Count(strings.Join(c.kept, " "), "waiver-"); len(kept)+len(waived) != own {
			t.Errorf("%s: %d kept and %d waived of %d", c.name, len(kept), len(waived), own)
		}
	}
}

// TestWaiverOverlap: two waivers of one finding are both used.
func TestWaiverOverlap(t *testing.T) {
	t.Parallel()
	f := Finding{ID: IDArch, Severity: Error, Platform: "linux/arm64", Path: "/a/b"}
	kept, waived := Waive([]Finding{f}, []Waiver{{IDArch, "/a/*", "", "one"}, {IDArch, "/a/b", "", "two"}}, nil)
	if len(kept) != 0 || len(waived) != 1 || waived[0].Reason != "one" {
		t.Errorf("kept %v, waived %v", kept, waived)
	}
}

func TestMatchPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"/a/b", "/a/b", true},
		{"a/b", "/a/b", true},
		{"/a/b", "a/b", true},
		{"/a/b", "/a/b/c", false},
		{"/a/b/", "/a/b/c/d", true},
		{"/a/*/c", "/a/b/c", true},
		{"/a/*/c", "/a/b/b/c", false},
		{"/a/**/c", "/a/b/b/c", true},
		{"/a/**/c", "/a/c", true},
		{"**/*.so", "/x/y/z.so", true},
		{"**", "/x", true},
		{"/a/[", "/a/[", false},
		{"/" + strings.Repeat("**/", 60) + "x", "/" + strings.Repeat("a/", 60) + "y", false},
	} {
		if got := matchPath(c.pattern, c.name); got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.pattern, c.name, got, c.want)
		}
	}
}
