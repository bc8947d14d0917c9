package audit

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("reading golden file: %v; create it with go test -update", err)
	}
	// Git may check the file out with CRLF on Windows.
	if want := strings.ReplaceAll(string(want), "\r\n", "\n"); got != want {
		t.Errorf("%s differs; accept with -update\n--- got\n%s\n--- want\n%s", file, got, want)
	}
}

// needTool skips on a laptop without the tool and fails in CI.
func needTool(t *testing.T, tool string) string {
	t.Helper()
	p, err := exec.LookPath(tool)
	if err == nil {
		return p
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is needed in CI: %v", tool, err)
	}
	t.Skipf("%s is not installed", tool)
	return ""
}

// elfFile writes a minimal ELF header.
func elfFile(machine uint16, bits int, order binary.ByteOrder, kind uint16, flags uint32, osabi byte) []byte {
	h := make([]byte, 64)
	copy(h, "\x7fELF")
	h[4], h[5], h[6], h[7] = 1, 1, 1, osabi
	at := elfFlags32
	if bits == 64 {
		h[4], at = 2, elfFlags64
	}
	if order == binary.BigEndian {
		h[5] = 2
	}
	order.PutUint16(h[16:], kind)
	order.PutUint16(h[18:], machine)
	order.PutUint32(h[at:], flags)
	return h
}

func elfAMD64() []byte { return elfFile(62, 64, binary.LittleEndian, 3, 0, 0) }
func elfARM64() []byte { return elfFile(183, 64, binary.LittleEndian, 3, 0, 0) }

// peFile writes a minimal PE header, with a .NET directory if clr.
func peFile(machine, flags, subsystem uint16, clr bool) []byte {
	h := make([]byte, 512)
	copy(h, "MZ")
	le := binary.LittleEndian
	le.PutUint32(h[peOffsetAt:], 128)
	copy(h[128:], "PE\x00\x00")
	coff := h[132:]
	le.PutUint16(coff, machine)
	le.PutUint16(coff[coffOptional:], 240)
	le.PutUint16(coff[coffFlags:], flags)
	opt := coff[coffSize:]
	le.PutUint16(opt, 0x20b)
	le.PutUint16(opt[optSubsystem:], subsystem)
	le.PutUint32(opt[108:], 16)
	if clr {
		le.PutUint32(opt[112+optCLR*8:], 0x2000)
	}
	return h
}

// machoFile writes a thin 64-bit header, or a universal one for several CPUs.
func machoFile(kind uint32, cpus ...uint32) []byte {
	if len(cpus) == 1 {
		h := make([]byte, 32)
		for i, v := range []uint32{macho64, cpus[0], 0, kind} {
			binary.LittleEndian.PutUint32(h[4*i:], v)
		}
		return h
	}
	h := binary.BigEndian.AppendUint32(nil, machoFat)
	h = binary.BigEndian.AppendUint32(h, uint32(len(cpus)))
	for _, c := range cpus {
		h = binary.BigEndian.AppendUint32(h, c)
		h = append(h, make([]byte, 16)...)
	}
	return h
}

func reg(name string, body []byte) entry {
	return entry{tar.Header{Name: name, Typeflag: tar.TypeReg}, body}
}
func dir(name string) entry { return entry{tar.Header{Name: name, Typeflag: tar.TypeDir}, nil} }
func hard(name, to string) entry {
	return entry{tar.Header{Name: name, Linkname: to, Typeflag: tar.TypeLink}, nil}
}

func soft(name, to string) entry {
	return entry{tar.Header{Name: name, Linkname: to, Typeflag: tar.TypeSymlink}, nil}
}

type entry struct {
	tar.Header
	body []byte
}

func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, e := range entries {
		e.Mode, e.Size = 0o755, int64(len(e.body))
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// layers makes an image of tars; the names are "base", "layer 1", …
func layers(tars ...[]byte) []Layer {
	var ls []Layer
	for i, b := range tars {
		l := Layer{Name: "base", Index: i, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}
		if i > 0 {
			l.Name = "layer " + string(rune('0'+i))
		}
		ls = append(ls, l)
	}
	return ls
}

// places is "severity id path@layer" of each finding, for short tests.
func places(findings []Finding) string {
	var s []string
	for _, f := range findings {
		s = append(s, f.Severity+" "+f.ID+" "+f.Path+"@"+string(rune('0'+f.LayerIndex)))
	}
	return strings.Join(s, "\n")
}
