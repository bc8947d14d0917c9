package targets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAdoptingShowsTheProject holds the example in adopting.md against the file
// that the end-to-end test builds with.
func TestAdoptingShowsTheProject(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.FromSlash("../e2e/testdata/adopter/magefiles/targets/project.go"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	generated(t, "../../documentation/docs/development/adopting.md", "project", "```go\n"+text+"```\n")
}

// TestAdopterIsAnother: nothing in the second project has this one's name; its
// locks name no registry.
func TestAdopterIsAnother(t *testing.T) {
	t.Parallel()
	root, files := filepath.FromSlash("../e2e/testdata/adopter"), 0
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(p)
		text := strings.ToLower(string(b))
		for _, name := range []string{thisProject().Name, "resolved\":", "index-url"} {
			// uv's header repeats its own flags.
			if strings.Contains(strings.ReplaceAll(text, "--no-emit-index-url", ""), name) {
				t.Errorf("%s has %q", p, name)
			}
		}
		return err
	})
	if err != nil || files < 12 {
		t.Fatalf("%d files: %v", files, err)
	}
}
