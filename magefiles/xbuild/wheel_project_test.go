package xbuild

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func zipped(t *testing.T, tree fstest.MapFS) string {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		file, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(tree[name].Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "a ü.whl")
	if err := os.WriteFile(name, buffer.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestWheelTree(t *testing.T) {
	t.Parallel()
	tree, dist, err := WheelTree(zipped(t, wheelFiles("a", "1", "py3-none-any", map[string]string{"a/__init__.py": "x", "a/sub/m.py": "y"})))
	if err != nil {
		t.Fatal(err)
	}
	if dist.Name != "a" || dist.Version != "1" || !dist.Pure {
		t.Errorf("it is %+v", dist)
	}
	if err := fstest.TestFS(tree, "a/__init__.py", "a/sub/m.py", "a-1.dist-info/RECORD"); err != nil {
		t.Error(err)
	}
	if content, err := fs.ReadFile(tree, "a/sub/m.py"); err != nil || string(content) != "y" {
		t.Errorf("read %q, %v", content, err)
	}
}

func TestWheelTreeRefuses(t *testing.T) {
	t.Parallel()
	two := wheelFiles("a", "1", "py3-none-any", nil)
	maps.Copy(two, wheelFiles("b", "1", "py3-none-any", nil))
	tests := []struct {
		name string
		tree fstest.MapFS
		want string
	}{
		{"two distributions", two, "2 distributions"},
		{"no distribution", fstest.MapFS{"a.py": {}}, "0 distributions"},
		{"files for elsewhere", wheelFiles("a", "1", "py3-none-any", map[string]string{"a-1.data/scripts/x": ""}), "belongs elsewhere"},
		{"a file that is not listed", wheelFiles("a", "1", "py3-none-any", map[string]string{"evil.py!": ""}), "not in its RECORD"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := WheelTree(zipped(t, test.tree)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	if _, _, err := WheelTree("wheel_project_test.go"); err == nil {
		t.Error("what is no zip was accepted")
	}
}

func TestBuildWheelKeepsTheOldOneWhenItFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	names := []string{"a-1-py3-none-any.whl"}
	run := func(_ context.Context, c Cmd) error {
		if c.Args[0] == "--version" {
			return nil
		}
		for _, name := range names {
			writeFiles(t, after(c, "--out-dir"), map[string]string{name: "zip"})
		}
		return nil
	}
	built, err := BuildWheel(t.Context(), run, ProjectWheel{UV: UV{Path: "uv"}, Dir: dir, Out: out})
	if err != nil || built.File != filepath.Join(out, names[0]) {
		t.Fatalf("built %q, %v", built.File, err)
	}
	for _, names = range [][]string{nil, {"a.whl", "b.whl"}} {
		if _, err := BuildWheel(t.Context(), run, ProjectWheel{UV: UV{Path: "uv"}, Dir: dir, Out: out}); err == nil {
			t.Errorf("uv left %d wheels, and that was no error", len(names))
		}
	}
	if _, err := BuildWheel(t.Context(), (&Recorder{Reply: failing("it broke")}).Run, ProjectWheel{UV: UV{Path: "uv"}, Dir: dir, Out: out}); err == nil {
		t.Error("the failure of uv was no error")
	}
	if _, err := BuildWheel(t.Context(), run, ProjectWheel{UV: UV{Path: "uv"}, Dir: dir, Out: dir}); err == nil {
		t.Error("a folder with something else in it was replaced")
	}
	if got, want := readFiles(t, dir), []string{"out/a-1-py3-none-any.whl=zip"}; !slices.Equal(got, want) {
		t.Errorf("in the end there is %q, want %q", got, want)
	}
}
