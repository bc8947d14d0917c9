package targets

import (
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/report"
)

// TestAuditOnce: an image that has passed is not looked at again, one that has
// not is; another image, or more of the same, is another matter.
func TestAuditOnce(t *testing.T) {
	t.Parallel()
	j, _, out := testJob(t, map[string]string{"NOETL_CACHE": t.TempDir()})
	good, bad := auditFixture(t, arm64), auditFixture(t, amd64)
	for i, ask := range []struct {
		what   string
		passes bool
		skips  bool
		run    func() error
	}{
		{"first", true, false, func() error { return j.auditIndex(t.Context(), good, everyLayer) }},
		{"again", true, true, func() error { return j.auditIndex(t.Context(), good, everyLayer) }},
		{"less of it", true, false, func() error { return j.auditIndex(t.Context(), good, 1) }},
		{"wrong", false, false, func() error { return j.auditIndex(t.Context(), bad, everyLayer) }},
		{"wrong again", false, false, func() error { return j.auditIndex(t.Context(), bad, everyLayer) }},
	} {
		out.Reset()
		j.show = report.New(out, report.Options{})
		if err := ask.run(); (err == nil) != ask.passes {
			t.Errorf("%d, %s: %v", i, ask.what, err)
		}
		if got := strings.Contains(out.String(), "as before"); got != ask.skips {
			t.Errorf("%s: skipped is %v:\n%s", ask.what, got, out)
		}
	}
}
