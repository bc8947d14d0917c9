package xbuild

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
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

func TestBuildWheelDoesOnlyWhatIsNeeded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	version, ran := "uv 1", 0
	w := ProjectWheel{
		UV: UV{Path: "uv"}, Dir: dir, Out: filepath.Join(dir, "dist", "app"), Exclude: []string{"/dist", "/crates", "__pycache__"},
		Ledger: Ledger{Root: dir, Dir: filepath.Join(dir, "dist", "keys")},
	}
	run := func(_ context.Context, c Cmd) error {
		if c.Args[0] == "--version" {
			_, err := io.WriteString(c.Stdout, version)
			return err
		}
		ran++
		writeFiles(t, after(c, "--out-dir"), map[string]string{"a-1-py3-none-any.whl": "zip"})
		return nil
	}
	write := func(name, content string) func() {
		return func() { writeFiles(t, dir, map[string]string{name: content}) }
	}
	steps := []struct {
		name   string
		change func()
		want   []string
	}{
		{"first", write("app/a.py", "1"), []string{"there is no earlier result"}},
		{"again", func() {}, nil},
		{"new times", func() { touch(t, dir) }, nil},
		{"a line", write("app/a.py", "2"), []string{"app/a.py changed"}},
		{"a file more", write("app/b.py", "1"), []string{"app/b.py added"}},
		{"another part", write("crates/main.rs", "1"), nil},
		{"bytecode", write("app/__pycache__/a.pyc", "1"), nil},
		{"uv", func() { version = "uv 2.1.0" }, []string{"uv changed"}},
		{"a variable of uv", func() { w.Ledger.Environ = []string{"UV_INDEX_URL=x", "OTHER=1"} }, []string{"UV_INDEX_URL set"}},
		{"the wheel", write("dist/app/a-1-py3-none-any.whl", "x"), []string{"dist/app/a-1-py3-none-any.whl changed"}},
		{"no wheel", func() { _ = os.RemoveAll(w.Out) }, []string{"dist/app/a-1-py3-none-any.whl removed"}},
	}
	for _, step := range steps {
		step.change()
		before := ran
		built, err := BuildWheel(t.Context(), run, w)
		if err != nil || filepath.Base(built.File) != "a-1-py3-none-any.whl" {
			t.Fatalf("%s: %+v, %v", step.name, built, err)
		}
		if !slices.Equal(built.Why, step.want) || (ran > before) != (step.want != nil) {
			t.Errorf("%s: ran %v, because %q; want %q", step.name, ran > before, built.Why, step.want)
		}
	}
}
