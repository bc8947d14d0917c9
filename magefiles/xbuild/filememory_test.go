package xbuild

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestFilesRemember: what is remembered is what a file holds, whatever was done to it, and only settled files are.
func TestFilesRemember(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, memory := filepath.Join(dir, "ü\t\n"), filepath.Join(dir, "keys", "files")
	write := func(content string) string {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Skip(err) // such names are no good on Windows
		}
		return hexSum([]byte(content))
	}
	f := OpenFiles(memory)
	check := func(step, want string) {
		t.Helper()
		if got, err := f.Sum(file); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", step, got, err, want)
		}
	}
	check("new", write("1"))
	if len(f.known) != 0 {
		t.Error("a file that was written a moment ago was remembered")
	}
	f.now = func() time.Time { return time.Now().Add(time.Hour) }
	check("settled", hexSum([]byte("1")))
	if info, _ := os.Stat(file); len(f.known) != 1 {
		if _, _, ok := fileState(info); ok {
			t.Error("a settled file was not remembered")
		}
	}
	old, _ := os.Stat(file)
	want := write("2") // of the same size
	if err := os.Chtimes(file, old.ModTime(), old.ModTime()); err != nil {
		t.Fatal(err)
	}
	check("rewritten with its old time", want)
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	f = OpenFiles(memory)
	check("read again", want)
	if raw, err := os.ReadFile(memory); err == nil {
		raw[len(raw)/2] ^= 1
		if err := os.WriteFile(memory, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f = OpenFiles(memory)
	check("a garbled memory", want)
}

// TestBlobSum: links that come and go change nothing of what is known of a blob; other bytes do.
func TestBlobSum(t *testing.T) {
	t.Parallel()
	blob := filepath.Join(t.TempDir(), "blob")
	if err := os.WriteFile(blob, []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(blob, old, old); err != nil {
		t.Fatal(err)
	}
	f := OpenFiles(filepath.Join(t.TempDir(), "files"))
	sum := func(want string) {
		t.Helper()
		if got, err := f.BlobSum(blob); err != nil || got != hexSum([]byte(want)) {
			t.Errorf("%q, %v; want that of %q", got, err, want)
		}
	}
	sum("1")
	if err := os.Link(blob, blob+".link"); err != nil {
		t.Skip(err)
	}
	for name, r := range f.known { // so that asking again would show
		f.known[name] = remembered{r.state, hexSum([]byte("remembered")), r.used}
	}
	sum("remembered")
	if err := os.WriteFile(blob, []byte("2"), 0o600); err != nil {
		t.Fatal(err)
	}
	sum("2")
}
