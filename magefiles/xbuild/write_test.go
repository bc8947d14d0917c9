package xbuild

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func TestWriteProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "ein Ordner", "tool.exe")
	steps := []struct {
		what, content string
		before        func()
		changed       bool
	}{
		{"new", "1", func() {}, true},
		{"the same", "1", func() { touch(t, dir) }, false},
		{"another", "2", func() {}, true},
		{"the same, but not to be run", "2", func() { _ = os.Chmod(name, 0o644) }, runtime.GOOS != "windows"},
	}
	for _, step := range steps {
		step.before()
		changed, err := WriteProgram(name, []byte(step.content))
		if changed != step.changed || err != nil {
			t.Errorf("%s: changed %v, %v; want %v", step.what, changed, err, step.changed)
		}
		if got, want := readFiles(t, dir), []string{"ein Ordner/tool.exe=" + step.content}; !slices.Equal(got, want) {
			t.Errorf("%s: there is %q, want %q", step.what, got, want)
		}
		if !executable755(name) {
			t.Errorf("%s: it cannot be run", step.what)
		}
	}
}

// TestWriteProgramThatRuns: on Windows the one that runs has to step aside, twice if need be, and goes when it has ended.
func TestWriteProgramThatRuns(t *testing.T) {
	t.Parallel()
	exe, err := os.ReadFile(self(t, "args").Name)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "tool.exe")
	run := func() func() { // until it is let go
		r, w := io.Pipe()
		started, done := make(chan struct{}), make(chan error, 1)
		go func() {
			done <- Exec(os.Environ())(t.Context(), Cmd{Name: name, Args: []string{"-helper", "cat"}, Stdin: r, Stdout: onWrite(func() { close(started) })})
		}()
		if _, err := w.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		<-started
		return func() {
			_ = w.Close()
			if err := <-done; err != nil {
				t.Errorf("the program that ran was disturbed: %v", err)
			}
		}
	}
	var ends []func()
	for n := range 3 {
		if changed, err := WriteProgram(name, append(slices.Clip(exe), make([]byte, n)...)); !changed || err != nil {
			t.Fatalf("version %d, while %d others run: changed %v, %v", n, n, changed, err)
		}
		ends = append(ends, run())
	}
	for _, end := range ends {
		end()
	}
	if _, err := WriteProgram(name, []byte("last")); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteProgram(name, []byte("last")); err != nil { // what stepped aside last is swept the next time
		t.Fatal(err)
	}
	if got, want := readFiles(t, filepath.Dir(name)), []string{"tool.exe=last"}; !slices.Equal(got, want) {
		t.Errorf("%d files are left, want the program alone", len(got))
	}
}

type onWrite func()

func (f onWrite) Write(p []byte) (int, error) { f(); return len(p), nil }

// TestReplaceAside is the part of it that every system can do.
func TestReplaceAside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tool := filepath.Join(dir, "tool")
	writeFiles(t, dir, map[string]string{"tool": "1", "tool.old": "0", "next": "2"})
	if err := replaceAside(filepath.Join(dir, "next"), tool); err != nil {
		t.Fatal(err)
	}
	if got, want := readFiles(t, dir), []string{"tool=2", "tool.old=1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := replaceAside(filepath.Join(dir, "absent"), tool); err == nil {
		t.Error("nothing was put in place")
	}
	if got, want := readFiles(t, dir), []string{"tool=2"}; !slices.Equal(got, want) {
		t.Errorf("after a failure: %q, want %q", got, want)
	}
	writeFiles(t, dir, map[string]string{"tool.old": "1", "tool.old3": "3", "tool.older": "somebody's"})
	sweepAside(tool)
	if got, want := readFiles(t, dir), []string{"tool=2", "tool.older=somebody's"}; !slices.Equal(got, want) {
		t.Errorf("after the sweep: %q, want %q", got, want)
	}
}
