package targets

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/bench"
)

// TestHowFast: the README's table and picture are made from the result that is
// committed, or there are none.
func TestHowFast(t *testing.T) {
	t.Parallel()
	const dir = "documentation/docs/development/bench/"
	text, err := os.ReadFile("../../" + dir + "result.json")
	if errors.Is(err, fs.ErrNotExist) {
		readme, err := os.ReadFile("../../README.md")
		if err != nil || strings.Contains(string(readme), "generated:bench") {
			t.Errorf("the README has figures, and %sresult.json is not there (%v)", dir, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := bench.Read(text)
	if err != nil || len(r.Samples) == 0 {
		t.Fatalf("the result has %d samples (%v)", len(r.Samples), err)
	}
	generated(t, "../../README.md", "bench", "![Times by scenario and engine]("+dir+"result.svg)\n\n"+r.Markdown())
	if *update {
		if err := os.WriteFile("../../"+dir+"result.svg", []byte(r.SVG()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	picture, err := os.ReadFile("../../" + dir + "result.svg")
	if err != nil || strings.ReplaceAll(string(picture), "\r\n", "\n") != r.SVG() {
		t.Errorf("%sresult.svg is not made from the result (%v): run go test ./magefiles/targets -update", dir, err)
	}
}

// TestChanges: each change of the base is another one, and a lock's entries are
// whole.
func TestChanges(t *testing.T) {
	t.Parallel()
	entries := lockEntries("# x\na==1 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\nb==2 \\\n    --hash=sha256:3\n")
	if len(entries) != 2 || !strings.HasPrefix(entries[1], "b==2") || strings.Count(entries[0], "--hash=") != 2 {
		t.Errorf("%q", entries)
	}
}
