package xbuild

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFailuresAreDocumented: whoever looks for what a tool wrote finds it in the
// documentation, as code in a table there, but for the last cell of a row. … stands
// for anything there, and ' for any quotation mark, since Markdown has no use for `.
func TestFailuresAreDocumented(t *testing.T) {
	t.Parallel()
	var signs []*regexp.Regexp
	for _, name := range []string{"troubleshooting.md", "buildx.md", "buildx_engine.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "documentation", "docs", "development", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range regexp.MustCompile(`(?m)^\| (.*) \|[^|]*\|$`).FindAllStringSubmatch(string(text), -1) { // the last cell is the cure
			for _, m := range regexp.MustCompile("`([^`\n]{6,})`").FindAllStringSubmatch(row[1], -1) {
				sign := strings.ReplaceAll(regexp.QuoteMeta(m[1]), "…", "(?s:.*?)")
				signs = append(signs, regexp.MustCompile(strings.ReplaceAll(sign, "'", "['`\"‘’]")))
			}
		}
	}
	if len(signs) < 100 {
		t.Fatalf("only %d texts are in the documentation", len(signs))
	}
	for _, tr := range transcripts() {
		if tr.cure == "" || strings.Contains(tr.cure, "does not compile") {
			continue // says it itself
		}
		output := recorded(t, tr.file)
		found := false
		for _, sign := range signs {
			found = found || sign.MatchString(output)
		}
		if !found {
			t.Errorf("%s has no text that troubleshooting.md names; its cure is %q:\n%.600s", tr.file, tr.cure, output)
		}
	}
}
