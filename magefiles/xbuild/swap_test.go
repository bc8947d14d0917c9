package xbuild

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// writeFiles makes a folder with the given files in it.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// readFiles is the inverse of writeFiles: every file of a folder, sorted, as "name=content".
func readFiles(t *testing.T, dir string) []string {
	t.Helper()
	return readFS(t, os.DirFS(dir))
}

func readFS(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(fsys, name)
		files = append(files, name+"="+string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestSwap(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ui", "mit Leerzeichen", "größe-界", "it's \"quoted\" $HOME"} {
		if runtime.GOOS == "windows" && name[0] == 'i' {
			continue // a quote is no letter of a file name there
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir, next := filepath.Join(top, "core", name), filepath.Join(top, "state", name+".new")
			writeFiles(t, next, map[string]string{"index.html": "1", "assets/a.js": "a"})
			if err := Swap(next, dir); err != nil {
				t.Fatalf("first, with nothing there: %v", err)
			}
			writeFiles(t, next, map[string]string{"index.html": "2"})
			if err := Swap(next, dir); err != nil {
				t.Fatalf("second, over the first: %v", err)
			}
			if got, want := readFiles(t, top), []string{"core/" + name + "/index.html=2"}; !slices.Equal(got, want) {
				t.Errorf("after two swaps: %q, want %q", got, want)
			}
		})
	}
}

func TestSwapKeepsTheOldOnFailure(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir := filepath.Join(top, "ui")
	writeFiles(t, dir, map[string]string{"index.html": "old"})
	if err := Swap(filepath.Join(top, "absent"), dir); err == nil {
		t.Error("a missing folder was swapped in")
	}
	writeFiles(t, top, map[string]string{"file": ""})
	if err := Swap(filepath.Join(top, "file"), dir); err == nil {
		t.Error("a file was swapped in for a folder")
	}
	if got, want := readFiles(t, dir), []string{"index.html=old"}; !slices.Equal(got, want) {
		t.Errorf("after failed swaps: %q, want %q", got, want)
	}
}

func TestSwapReplacesALeftoverOfAKilledOne(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir, next := filepath.Join(top, "ui"), filepath.Join(top, "next")
	writeFiles(t, dir, map[string]string{"index.html": "old"})
	writeFiles(t, next, map[string]string{"index.html": "new"})
	writeFiles(t, next+".old", map[string]string{"junk": "of a killed swap"})
	if err := Swap(next, dir); err != nil {
		t.Fatal(err)
	}
	if got, want := readFiles(t, top), []string{"ui/index.html=new"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSwapByCopy(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir, next := filepath.Join(top, "ui"), filepath.Join(top, "elsewhere", "next")
	writeFiles(t, dir, map[string]string{"index.html": "old"})
	writeFiles(t, next, map[string]string{"index.html": "new", "assets/b": "b"})
	if err := swapCopy(next, dir); err != nil {
		t.Fatal(err)
	}
	if got, want := readFiles(t, top), []string{"ui/assets/b=b", "ui/index.html=new"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSwapAcrossFileSystems needs a second file system; Linux mostly has one in /dev/shm.
func TestSwapAcrossFileSystems(t *testing.T) {
	t.Parallel()
	other, err := os.MkdirTemp("/dev/shm", "swap-") //nolint:usetesting // another file system is the point
	if err != nil {
		t.Skip("no second file system: ", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(other) })
	top := t.TempDir()
	dir, next := filepath.Join(top, "ui"), filepath.Join(other, "next")
	for _, content := range []string{"first, with nothing there", "second, over the first"} {
		writeFiles(t, next, map[string]string{"index.html": content})
		if err := Swap(next, dir); err != nil {
			t.Fatal(err)
		}
		if got, want := readFiles(t, top), []string{"ui/index.html=" + content}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := readFiles(t, other); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
}

func TestRecoverSwap(t *testing.T) {
	t.Parallel()
	for _, killed := range []string{"state/next.old/", "core/.ui.new-123/old/"} {
		t.Run(killed, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir, next := filepath.Join(top, "core", "ui"), filepath.Join(top, "state", "next")
			if err := RecoverSwap(next, dir); err != nil {
				t.Errorf("with nothing there: %v", err)
			}
			writeFiles(t, top, map[string]string{killed + "index.html": "old", "state/next/index.html": "new"})
			if err := RecoverSwap(next, dir); err != nil {
				t.Fatal(err)
			}
			if got, want := readFiles(t, dir), []string{"index.html=old"}; !slices.Equal(got, want) {
				t.Errorf("recovered %q, want %q", got, want)
			}
			writeFiles(t, top, map[string]string{killed + "index.html": "older"})
			if err := RecoverSwap(next, dir); err != nil {
				t.Fatal(err)
			}
			if got, want := readFiles(t, dir), []string{"index.html=old"}; !slices.Equal(got, want) {
				t.Errorf("what was there was replaced: %q, want %q", got, want)
			}
			if err := Swap(next, dir); err != nil {
				t.Fatal(err)
			}
			if got, want := readFiles(t, dir), []string{"index.html=new"}; !slices.Equal(got, want) {
				t.Errorf("the next swap: %q, want %q", got, want)
			}
		})
	}
}

// TestExchange: on Linux the folder is there at every moment. A reader that looks all the time finds it always.
func TestExchange(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	dir, next := filepath.Join(top, "ui"), filepath.Join(top, "next")
	writeFiles(t, dir, map[string]string{"index.html": "0"})
	writeFiles(t, next, map[string]string{"index.html": "1"})
	if err := exchange(next, dir); err != nil {
		t.Skip("this system or this disk cannot exchange folders: ", err)
	}
	if got, want := readFiles(t, top), []string{"next/index.html=0", "ui/index.html=1"}; !slices.Equal(got, want) {
		t.Fatalf("after the exchange: %q, want %q", got, want)
	}
	stop, missed := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				missed <- n
				return
			default:
				if _, err := os.Stat(filepath.Join(dir, "index.html")); err != nil {
					n++
				}
			}
		}
	}()
	for range 200 {
		writeFiles(t, next, map[string]string{"index.html": "2"})
		if err := Swap(next, dir); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	if n := <-missed; n != 0 {
		t.Errorf("the folder was not there %d times", n)
	}
}
