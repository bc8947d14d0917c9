//go:build e2e

package e2e

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// product is the image's, as project.go has it.
const product = "noetl-local-dev"

// platforms are those that the image is built for when nobody says.
func platforms() []string { return []string{"linux/amd64", "linux/arm64"} }

// built is the result file for machines: its names are a promise.
type built struct {
	Name, Digest, Layout    string
	Platforms               []builtPlatform
	TotalBytes, SharedBytes int64
	Tags                    []struct{ Ref, Digest, Previous string }
}

type builtPlatform struct {
	Platform, Digest string
	Size             int64
	Layers           []struct {
		Name, Digest string
		Size         int64
		Shared       bool
	}
}

// layers are the digests by the layers' names.
func (p builtPlatform) layers() map[string]string {
	out := map[string]string{}
	for _, l := range p.Layers {
		out[l.Name] = l.Digest
	}
	return out
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("decoding %q: %v", text, err)
	}
	return v
}

func (c checkout) path(rel string) string { return filepath.Join(c.dir, filepath.FromSlash(rel)) }

// cache is a folder in the cache of downloads and layers. Tests that need an
// empty one move it aside: another NOETL_CACHE would be another linker for
// cargo, which would compile everything again.
func (c checkout) cache(sub string) string {
	i := slices.IndexFunc(c.env, func(pair string) bool { return strings.HasPrefix(pair, "NOETL_CACHE=") })
	return filepath.Join(strings.TrimPrefix(c.env[i], "NOETL_CACHE="), sub)
}

func (c checkout) read(t *testing.T, rel string) string {
	t.Helper()
	b, err := os.ReadFile(c.path(rel))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// result is what the last build said of itself.
func (c checkout) result(t *testing.T) built {
	t.Helper()
	return decode[built](t, c.read(t, "dist/images/"+product+".json"))
}

// edit changes a file until the test ends.
func (c checkout) edit(t *testing.T, rel string, change func(string) string) {
	t.Helper()
	before := c.read(t, rel)
	after := change(before)
	if after == before {
		t.Fatalf("the edit of %s changes nothing: the test no longer fits the file", rel)
	}
	info, err := os.Stat(c.path(rel))
	if err != nil {
		t.Fatal(err)
	}
	c.write(t, rel, after)
	t.Cleanup(func() {
		c.write(t, rel, before)
		// cargo goes by times: it would compile for minutes.
		if err := os.Chtimes(c.path(rel), info.ModTime(), info.ModTime()); err != nil {
			t.Error(err)
		}
	})
}

func (c checkout) write(t *testing.T, rel, text string) {
	t.Helper()
	if err := os.WriteFile(c.path(rel), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// aside moves a file or folder out of the way until the test ends; what has
// come in its place is removed then.
func (c checkout) aside(t *testing.T, rel string) {
	t.Helper()
	from := c.path(rel)
	if filepath.IsAbs(rel) {
		from = rel
	}
	hidden := from + ".aside"
	if err := os.Rename(from, hidden); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(from); err != nil {
			t.Error(err)
		}
		if err := os.Rename(hidden, from); err != nil {
			t.Error(err)
		}
	})
}

// unchanged fails the test if, at its end, the image, its result or the UI is
// another one, or something that nobody asked for lies in dist.
func (c checkout) unchanged(t *testing.T) {
	t.Helper()
	before := c.state(t)
	t.Cleanup(func() {
		after := c.state(t)
		for file, content := range before {
			if got, ok := after[file]; !ok || got != content {
				t.Errorf("%s is not what it was (there now: %v)", file, ok)
			}
		}
		for file := range after {
			if _, ok := before[file]; !ok {
				t.Errorf("%s was left behind", file)
			}
		}
	})
}

// state is the files that matter: the content of small ones, the names of all.
func (c checkout) state(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, root := range []string{"dist", "noetl/core/ui"} {
		err := filepath.WalkDir(c.path(root), func(path string, d fs.DirEntry, err error) error {
			rel, _ := filepath.Rel(c.dir, path)
			switch {
			case strings.HasSuffix(path, ".aside"):
				return filepath.SkipDir
			case err != nil || d.IsDir() && (rel == filepath.FromSlash("dist/logs") || rel == filepath.FromSlash("dist/keys")):
				return filepath.SkipDir
			case d.IsDir() && filepath.Dir(rel) == filepath.FromSlash("dist/wheels"):
				out[rel] = "" // laid out for the lock of now, whatever it is; a leftover has another name
				return filepath.SkipDir
			case d.IsDir():
				return nil
			}
			out[rel] = ""
			if strings.HasPrefix(rel, filepath.FromSlash("dist/images/")) && !strings.Contains(rel, "blobs") || root != "dist" {
				b, err := os.ReadFile(path)
				out[rel] = string(b)
				return err
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
