package xbuild

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// testArchive is an archive of files in a folder of their own, whose modes and
// times are the given ones.
func testArchive(t *testing.T, format ArchiveFormat, mode os.FileMode, at time.Time) Archive {
	t.Helper()
	a := Archive{Name: "tool_1.2.3_os_arch", Format: format, Time: time.Unix(1700000001, 999).In(time.FixedZone("", 7200))}
	dir := t.TempDir()
	for _, to := range []string{"tool", "README.md", "completions/tool.bash", "completions/_tool", "LICENSE"} {
		from := filepath.Join(dir, filepath.Base(to))
		if err := os.WriteFile(from, []byte("the content of "+to+"\n"+strings.Repeat("x", 3000)), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(from, at, at); err != nil {
			t.Fatal(err)
		}
		a.Files = append(a.Files, ArchiveFile{To: to, From: from, Program: to == "tool"})
	}
	return a
}

func archiveBytes(t *testing.T, a Archive) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := a.Write(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestArchiveListing reads the archives back with other programs' code, and
// holds every entry against the golden file.
func TestArchiveListing(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	b := archiveBytes(t, testArchive(t, TarGz, 0o600, time.Now()))
	fmt.Fprintf(&out, "tar.gz, header % x\n", b[:10])
	gz, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(gz)
	for h, err := r.Next(); !errors.Is(err, io.EOF); h, err = r.Next() {
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		fmt.Fprintf(&out, "%c %04o %d/%d %q/%q %d %s %s %v %.30q %v\n", h.Typeflag, h.Mode, h.Uid, h.Gid, h.Uname, h.Gname, h.Size,
			h.ModTime.UTC().Format(time.RFC3339), h.Name, h.Format, content, err)
	}
	out.WriteString("zip\n")
	for _, early := range []bool{false, true} {
		a := testArchive(t, Zip, 0o600, time.Now())
		if early {
			a.Time, a.Files = time.Unix(0, 0), a.Files[:1]
		}
		listZip(t, &out, archiveBytes(t, a))
	}
	golden(t, "archive", out.String())
}

func listZip(t *testing.T, out io.Writer, b []byte) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		fmt.Fprintf(out, "%s %d %s %s method %d flags %#x made by %#x attributes %#x extra % x %.30q %v\n", f.Mode(), f.UncompressedSize64,
			f.Modified.UTC().Format(time.RFC3339), f.Name, f.Method, f.Flags, f.CreatorVersion, f.ExternalAttrs, f.Extra, content, err)
	}
}

// TestArchiveIsReproducible: modes, times and folders of the files on this host
// do not show, nor does the order in which they are given.
func TestArchiveIsReproducible(t *testing.T) {
	t.Parallel()
	for _, format := range []ArchiveFormat{TarGz, Zip} {
		one := testArchive(t, format, 0o600, time.Unix(1e9, 0))
		two := testArchive(t, format, 0o777, time.Now())
		two.Time = one.Time.In(time.FixedZone("elsewhere", -11*3600)).Add(time.Microsecond)
		two.Files[0], two.Files[3] = two.Files[3], two.Files[0]
		if !bytes.Equal(archiveBytes(t, one), archiveBytes(t, two)) {
			t.Errorf("%s: the same files make other bytes", format)
		}
		two.Files[0].Program = !two.Files[0].Program
		if bytes.Equal(archiveBytes(t, one), archiveBytes(t, two)) {
			t.Errorf("%s: another mode makes the same bytes", format)
		}
	}
}

// fullDisk takes so many bytes and then no more.
type fullDisk struct{ left int }

var errFull = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.left {
		n := d.left
		d.left = 0
		return n, errFull
	}
	d.left -= len(p)
	return len(p), nil
}

// TestArchiveOnFullDisk: wherever the disk ends, the last byte included, that is
// an error. The writers of tar and zip write their end where archiver does not
// look.
func TestArchiveOnFullDisk(t *testing.T) {
	t.Parallel()
	for _, format := range []ArchiveFormat{TarGz, Zip} {
		a := testArchive(t, format, 0o600, time.Now())
		whole := len(archiveBytes(t, a))
		for room := range whole {
			if err := a.Write(t.Context(), &fullDisk{room}); !errors.Is(err, errFull) {
				t.Fatalf("%s: with room for %d of %d bytes: %v", format, room, whole, err)
			}
		}
		if err := a.Write(t.Context(), &fullDisk{whole}); err != nil {
			t.Errorf("%s: with room for all: %v", format, err)
		}
	}
}

// cancelling cancels when so many writes were made.
type cancelling struct {
	left   int
	cancel context.CancelFunc
}

func (c *cancelling) Write(p []byte) (int, error) {
	if c.left--; c.left <= 0 {
		c.cancel()
	}
	return len(p), nil
}

// TestArchiveCancelled: also in the middle of a file.
func TestArchiveCancelled(t *testing.T) {
	t.Parallel()
	for _, format := range []ArchiveFormat{TarGz, Zip} {
		ctx, cancel := context.WithCancel(t.Context())
		a := testArchive(t, format, 0o600, time.Now())
		big := make([]byte, 1<<20) // more than any writer keeps back
		_, _ = rand.NewChaCha8([32]byte{}).Read(big)
		if err := os.WriteFile(a.Files[0].From, big, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := a.Write(ctx, &cancelling{1, cancel}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// TestArchiveOfWhatIsNoFile: folders, devices and nothing at all.
func TestArchiveOfWhatIsNoFile(t *testing.T) {
	t.Parallel()
	bad := map[string]string{"missing": filepath.Join(t.TempDir(), "x"), "folder": t.TempDir()}
	if runtime.GOOS != "windows" {
		bad["device"] = os.DevNull
	}
	for what, from := range bad {
		a := testArchive(t, TarGz, 0o600, time.Now())
		a.Files[1].From = from
		if err := a.Write(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), "no plain file") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
