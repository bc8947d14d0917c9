//go:build e2e

package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestIncremental changes one line of each part, with the real tools, and looks at which steps ran. What every other kind of change
// does is told by the unit tests of the keys. In the end, what was compiled piece by piece is what was compiled at once.
func TestIncremental(t *testing.T) {
	c := images(t)
	c.unchanged(t)
	c.must(t, "images")
	before := c.result(t)
	t.Run("changes", func(t *testing.T) { c.incremental(t) })
	c.must(t, "images") // with all files as they were: that is what unchanged looks at
	if after := c.result(t); after.Digest != before.Digest {
		differ(t, before, after)
	}
}

// incremental makes the changes, and takes them back in the end.
func (c checkout) incremental(t *testing.T) {
	ran := func(args ...string) []string {
		t.Helper()
		out := c.mage(t, append([]string{"images", "-explain"}, args...)...).out
		_, why, found := strings.Cut(out, "why each step ran:\n")
		if !found {
			t.Fatalf("no reasons in\n%s", out)
		}
		var steps []string
		for _, line := range regexp.MustCompile(`(?m)^  (\S.*?)  +(.*)$`).FindAllStringSubmatch(why, -1) {
			if !strings.HasPrefix(line[2], "nothing changed") {
				steps = append(steps, line[1]+": "+line[2])
			}
		}
		return steps
	}
	ran() // with whatever other tests have left
	if got := ran(); got != nil {
		t.Errorf("with nothing changed there ran %q", got)
	}
	for _, change := range []struct{ file, from, to, want string }{
		{"noetl/server/__main__.py", "", "\n# one line more\n", "package: noetl/server/__main__.py changed"},
		{"crates/noetlctl/src/main.rs", "", "\n#[used]\nstatic MORE: &str = \"one line more\";\n", "cli: crates/noetlctl/src/main.rs changed"},
		{"ui-src/index.html", "</body>", "<!-- one more --></body>", "ui: ui-src/index.html changed"},
		{"documentation/docs/development/design.md", "", "\n", ""},
	} {
		c.edit(t, change.file, func(text string) string {
			if change.from == "" {
				return text + change.to
			}
			return strings.Replace(text, change.from, change.to, 1)
		})
		var want []string
		if change.want != "" {
			want = []string{change.want}
		}
		if got := ran(); !slices.Equal(got, want) {
			t.Errorf("%s: there ran %q, want %q", change.file, got, want)
		}
	}
	if got := ran("-platforms=linux/amd64"); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "ui") || strings.HasPrefix(s, "wheels") }) {
		t.Errorf("for one platform there ran %q", got)
	}
}
