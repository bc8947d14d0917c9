package audit

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

// FuzzImage reads any bytes as the upper layer of an image. It wants no panic,
// no hang, a consistent inventory, and findings that are complete.
func FuzzImage(f *testing.F) {
	base := tarOf(f, soft("lib", "usr/lib"), reg("usr/lib/a.so", elfAMD64()), dir("d"), reg("d/e/f", []byte("x")))
	huge := rawEntry{tar.Header{Name: "holes", Typeflag: tar.TypeReg}, "x"}
	for _, seed := range [][]byte{
		nil, tarOf(f),
		tarOf(f, reg("../../etc/passwd", []byte("root:x:0:0::/:/bin/sh")), reg("/abs", elfARM64()), soft("up", "../../../..")),
		tarOf(f, soft("a", "b"), soft("b", "a"), reg("a/x", []byte("x")), hard("c", "a"), hard("e", "e"), hard("f", "a/x")),
		tarOf(f, reg("lib/b.so", elfAMD64()), reg(".wh.d", nil), reg("usr/.wh..wh..opq", nil), reg("d/e", nil)),
		tarOf(f, soft("x", "x/x/x"), reg("x/y", nil), reg("lib/.wh.a.so", nil), reg(".wh..", nil)),
		tarOf(f, reg(strings.Repeat("long/", 60)+"x", []byte("#!/bin/sh")), reg("x.whl", zipOf(f, zip.Deflate, member{"y.so", elfAMD64()}))),
		rawTar(f, rawEntry{tar.Header{Name: "pax", Typeflag: tar.TypeReg, PAXRecords: map[string]string{"VENDOR.key": strings.Repeat("v", 5000)}, Format: tar.FormatPAX}, "x"}),
		rawTar(f, huge), sparseTar(),
		tarOf(f, reg("cut", bytes.Repeat([]byte("z"), 2000)))[:1500],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		inv, err := InspectImage(t.Context(), "linux/arm64", layers(base, data), &Config{Entrypoint: []string{"lib/a.so"}})
		if took := time.Since(start); took > 20*time.Second {
			t.Fatalf("took %s", took)
		}
		if err != nil {
			return
		}
		consistent(t, inv)
		if len(inv.Layers) != 2 {
			t.Fatalf("%d layers and no error", len(inv.Layers))
		}
		for _, x := range inv.Check() {
			complete(t, x)
		}
	})
}

// FuzzZip reads any bytes as an archive in an image.
func FuzzZip(f *testing.F) {
	inner := zipOf(f, zip.Deflate, member{"p/y.so", elfAMD64()}, member{"p/__init__.py", nil})
	for _, seed := range [][]byte{
		inner, zipOf(f, zip.Store, member{"in.jar", inner}, member{"../../x", elfARM64()}), inner[:60],
		zipOf(f, zip.Deflate, member{"zeros.so", append(elfARM64(), make([]byte, 1<<20)...)}),
		zipOf(f, zip.Deflate), []byte("PK\x03\x04PK\x05\x06"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		budget := newInnerBudget()
		start := time.Now()
		for _, in := range budget.read(bytes.NewReader(data), int64(len(data))) {
			if (in.Program == nil) != errIsLimit(in.Fault) || in.Program != nil && in.Path == "" {
				t.Fatalf("%+v", in)
			}
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Fatalf("took %s", took)
		}
	})
}

func complete(t *testing.T, x Finding) {
	t.Helper()
	if x.ID == "" || x.Severity == "" || x.Message == "" || x.Cure == "" || !strings.HasPrefix(x.Path, "/") || strings.Contains(x.Path+"/", "/../") && !strings.Contains(x.Path, "!") {
		t.Fatalf("%+v", x)
	}
}

// sparseTar says that it has a file of eight exabytes, all of it a hole.
func sparseTar() []byte {
	block := make([]byte, 512)
	copy(block, "holes")
	copy(block[100:], "0000644\x00")
	copy(block[124:], "00000000000\x00")
	copy(block[136:], "00000000000\x00")
	block[156] = tar.TypeGNUSparse
	copy(block[257:], "ustar  \x00")
	copy(block[386:], "777777777777777777777")                            // the hole is where this long map says
	copy(block[386:], "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff") // offset of the only fragment
	copy(block[398:], "00000000000\x00")                                  // of no bytes
	copy(block[483:], "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff") // the file's real size
	sum := 8 * int(' ')
	for i, b := range block {
		if i < 148 || i >= 156 {
			sum += int(b)
		}
	}
	copy(block[148:], []byte{'0' + byte(sum>>15&7), '0' + byte(sum>>12&7), '0' + byte(sum>>9&7), '0' + byte(sum>>6&7), '0' + byte(sum>>3&7), '0' + byte(sum&7), 0, ' '})
	return append(block, make([]byte, 1024)...)
}

// A hole of exabytes costs no time.
func TestSparseBomb(t *testing.T) {
	t.Parallel()
	inv, err := InspectImage(t.Context(), "linux/arm64", layers(sparseTar()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if e := inv.Files["/holes"]; e == nil || e.File.Size < 1<<60 || !errIsLimit(e.File.Fault) {
		t.Errorf("%+v", e)
	}
}

// Reading stops at an interrupt, wherever it is.
func TestInspectCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	body := tarOf(t, reg("big", make([]byte, 4<<20)))
	l := Layer{Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(body[:1<<20]), onRead(cancel), bytes.NewReader(body[1<<20:]))), nil
	}}
	if _, err := InspectImage(ctx, "linux/arm64", []Layer{l}, nil); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("%v", err)
	}
}

type onRead func()

func (f onRead) Read([]byte) (int, error) { f(); return 0, io.EOF }
