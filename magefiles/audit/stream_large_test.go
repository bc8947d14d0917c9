package audit

import (
	"archive/tar"
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// maxPerEntry is what an entry may cost in memory, in bytes: its facts, its
// content's, and its path.
const maxPerEntry = 600

// A directory of very many files costs so much for each, and no more. The
// number can be raised by AUDIT_ENTRIES, to see what an audit of it needs.
func TestManyEntries(t *testing.T) {
	count := 200_000
	if testing.Short() {
		count = 20_000
	}
	if n, err := strconv.Atoi(os.Getenv("AUDIT_ENTRIES")); err == nil {
		count = n
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	inv, err := InspectImage(t.Context(), "linux/arm64", []Layer{{Open: func() (io.ReadCloser, error) { return manyEntries(count), nil }}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if len(inv.Files) != count+2 {
		t.Errorf("%d entries", len(inv.Files))
	}
	each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / int64(count)
	t.Logf("%d bytes for each of %d entries; %d MB from the system", each, count, after.Sys>>20)
	if each > maxPerEntry {
		t.Errorf("%d bytes for each entry, want at most %d", each, maxPerEntry)
	}
	runtime.KeepAlive(inv)
}

// Past the bound it is an error, and not a machine without memory.
func TestTooManyEntries(t *testing.T) {
	t.Parallel()
	root := newRootfs()
	root.files = make(map[string]*Entry, maxEntries)
	one := &Entry{Path: "/x"}
	for i := range maxEntries {
		root.files[strconv.Itoa(i)] = one
	}
	if err := root.put(one); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%v", err)
	}
}

func manyEntries(count int) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(w, 1<<20)
		archive := tar.NewWriter(buffered)
		for i := range count {
			name := fmt.Sprintf("some/%s%07d", "file-of-a-package-", i)
			if err := archive.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: 1}); err != nil {
				w.CloseWithError(err)
				return
			}
			_, _ = archive.Write([]byte{'x'})
		}
		_ = archive.Close()
		_ = buffered.Flush()
		_ = w.Close()
	}()
	return r
}
