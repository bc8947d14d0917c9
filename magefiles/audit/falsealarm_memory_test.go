package audit

import (
	"archive/tar"
	"bufio"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

const (
	maxMemory  = 200 << 20 // bytes of the whole process
	largeFiles = 6         // of the text's size
	largeText  = 250 << 20
	largeELF   = 500 << 20
)

// An image of two gigabytes, with a program of half a gigabyte, is audited in
// little memory. The measure is the system's, of a process of its own.
func TestLargeImageMemory(t *testing.T) {
	if os.Getenv("E2E") == "" || runtime.GOOS != "linux" {
		t.Skip("hashes gigabytes, and asks Linux what that took: set E2E=1")
	}
	if os.Getenv("AUDIT_CHILD") == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLargeImageMemory$", "-test.v")
		cmd.Env = append(os.Environ(), "AUDIT_CHILD=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Logf("%s", out)
		return
	}
	findings, stats, err := findingsOfImage(t.Context(), "linux/arm64", []Layer{{Name: "large", Open: func() (io.ReadCloser, error) { return largeImage(), nil }}})
	if err != nil {
		t.Fatal(err)
	}
	if got := places(findings); !strings.Contains(got, "error arch /opt/large@0") || stats.Bytes < largeFiles*largeText+largeELF {
		t.Errorf("found %s in %+v", got, stats)
	}
	if peak := peakMemory(t); peak > maxMemory {
		t.Errorf("it took %d MB, want at most %d", peak>>20, maxMemory>>20)
	} else {
		t.Logf("%d MB read, %d MB of memory", stats.Bytes>>20, peak>>20)
	}
}

// peakMemory is what the process had at most, in bytes (proc_pid_status(5)).
func peakMemory(t *testing.T) int {
	t.Helper()
	for line := range strings.Lines(string(slurp(t, "/proc/self/status"))) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
			if err != nil {
				t.Fatal(err)
			}
			return n << 10
		}
	}
	t.Fatal("the system does not say how much memory it was")
	return 0
}

func largeImage() io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(w, 1<<20)
		archive := tar.NewWriter(buffered)
		block := []byte(strings.Repeat("some text of a log or another\n", 40000))
		put := func(name string, head []byte, size int64) error {
			if err := archive.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o755, Size: size}); err != nil {
				return err
			}
			_, err := archive.Write(head)
			for left := size - int64(len(head)); left > 0 && err == nil; left -= int64(len(block)) {
				_, err = archive.Write(block[:min(left, int64(len(block)))])
			}
			return err
		}
		err := put("opt/large", elfProgram("amd64", "libc.so.6").bytes(), largeELF)
		for i := range largeFiles {
			if err == nil {
				err = put("var/log/"+strconv.Itoa(i), nil, largeText)
			}
		}
		if err == nil {
			err = archive.Close()
		}
		if err == nil {
			err = buffered.Flush()
		}
		w.CloseWithError(err)
	}()
	return r
}
