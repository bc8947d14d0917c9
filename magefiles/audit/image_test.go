package audit

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// What a container sees of a stack of layers decides.
func TestImageLayers(t *testing.T) {
	t.Parallel()
	bad, good := elfAMD64(), elfARM64()
	for name, c := range map[string]struct {
		layers [][]entry
		want   string
	}{
		"nothing":               {nil, ""},
		"clean":                 {[][]entry{{reg("usr/a", good)}, {reg("usr/b", []byte("text"))}}, ""},
		"wrong":                 {[][]entry{{reg("usr/a", good)}, {reg("usr/b", bad)}}, "error arch /usr/b@1"},
		"name says nothing":     {[][]entry{{reg("notes.txt", bad), reg("lib.so", []byte("text"))}}, "error arch /notes.txt@0"},
		"odd names":             {[][]entry{{reg("./a", bad), reg("/b", bad), reg("../../c", bad)}}, "error arch /a@0\nerror arch /b@0\nerror arch /c@0"},
		"replaced":              {[][]entry{{reg("a", bad)}, {reg("a", good)}}, ""},
		"replaced by wrong":     {[][]entry{{reg("a", good)}, {reg("a", bad)}}, "error arch /a@1"},
		"replaced by text":      {[][]entry{{reg("a", bad)}, {reg("a", []byte("#!/bin/sh"))}}, ""},
		"replaced by link":      {[][]entry{{reg("a", bad)}, {soft("a", "b")}}, ""},
		"replaced by folder":    {[][]entry{{reg("a", bad)}, {dir("a")}}, ""},
		"folder by file":        {[][]entry{{reg("d/e/a", bad), reg("da", bad)}, {reg("d", nil)}}, "error arch /da@0"},
		"folder by link":        {[][]entry{{reg("d/a", bad)}, {soft("d", "e")}}, ""},
		"folder again":          {[][]entry{{reg("d/a", bad)}, {dir("d")}}, "error arch /d/a@0"},
		"twice in one layer":    {[][]entry{{reg("a", bad), reg("a", good)}}, ""},
		"whiteout":              {[][]entry{{reg("d/a", bad), reg("d/b", bad)}, {reg("d/.wh.a", nil)}}, "error arch /d/b@0"},
		"whiteout of folder":    {[][]entry{{reg("d/e/a", bad), reg("da", bad)}, {reg(".wh.d", nil)}}, "error arch /da@0"},
		"whiteout, then new":    {[][]entry{{reg("d/a", bad)}, {reg(".wh.d", nil), reg("d/b", bad)}}, "error arch /d/b@1"},
		"new, then whiteout":    {[][]entry{{reg("d/a", bad)}, {reg("d/b", bad), reg(".wh.d", nil)}}, "error arch /d/b@1"},
		"whiteout below only":   {[][]entry{{reg(".wh.a", nil)}, {reg("a", bad)}}, "error arch /a@1"},
		"opaque":                {[][]entry{{reg("d/a", bad), reg("d/e/b", bad), reg("c", bad)}, {reg("d/.wh..wh..opq", nil)}}, "error arch /c@0"},
		"opaque, own files":     {[][]entry{{reg("d/a", bad)}, {reg("d/b", bad), reg("d/.wh..wh..opq", nil)}}, "error arch /d/b@1"},
		"opaque root":           {[][]entry{{reg("d/a", bad), reg("b", bad)}, {reg(".wh..wh..opq", nil)}}, ""},
		"whiteout's metadata":   {[][]entry{{reg("plnk", bad)}, {reg(".wh..wh.plnk", bad), reg(".wh.", bad)}}, "error arch /plnk@0"},
		"back again":            {[][]entry{{reg("a", bad)}, {reg(".wh.a", nil)}, {reg("a", bad)}}, "error arch /a@2"},
		"hard links once":       {[][]entry{{reg("b", bad), hard("a", "b"), hard("./c", "/b")}}, "error arch /a@0"},
		"hard link survives":    {[][]entry{{reg("b", bad), hard("a", "b")}, {reg(".wh.b", nil), reg("a2", good)}}, "error arch /a@0"},
		"hard link across":      {[][]entry{{reg("b", bad)}, {hard("a", "b"), reg("b", good)}}, "error arch /a@1"},
		"hard link to text":     {[][]entry{{reg("t", nil), reg("a", bad)}, {hard("a", "t")}}, ""},
		"hard link no target":   {[][]entry{{hard("a", "nowhere")}}, ""},
		"no excuse by link":     {[][]entry{{reg("lib/firmware/a", bad), hard("z", "lib/firmware/a")}}, "error arch /z@0"},
		"symlinks are not read": {[][]entry{{soft("a", "b"), soft("b", "a"), soft("/c", "/c")}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tars [][]byte
			for _, l := range c.layers {
				tars = append(tars, tarOf(t, l...))
			}
			findings, stats, err := findingsOfImage(t.Context(), "linux/arm64", layers(tars...))
			if err != nil {
				t.Fatal(err)
			}
			findings = slices.DeleteFunc(findings, func(f Finding) bool { return f.ID == IDLinkDangling }) // links are not what this is about
			if got := places(findings); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
			if stats.Layers != len(tars) {
				t.Errorf("%d layers, want %d", stats.Layers, len(tars))
			}
		})
	}
}

func TestImageStats(t *testing.T) {
	t.Parallel()
	a, b := tarOf(t, dir("d"), reg("d/a", elfARM64()), reg("t", make([]byte, 3*HeadSize))), tarOf(t, reg(".wh.t", nil), reg("d/a", nil))
	_, got, err := findingsOfImage(t.Context(), "linux/arm64", layers(a, b))
	want := Stats{Files: 3, Binaries: 1, Bytes: int64(len(a) + len(b)), Layers: 2}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if got := want.Add(want); got.Files != 6 || got.Bytes != 2*want.Bytes || got.Binaries != 2 || got.Layers != 4 {
		t.Errorf("sum %+v", got)
	}
}

func TestImageBadInput(t *testing.T) {
	t.Parallel()
	whole := tarOf(t, reg("usr/lib/x.so", elfAMD64()), reg("big", bytes.Repeat([]byte("z"), 20000)))
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx      context.Context
		platform string
		tar      []byte
		want     []string // all in the message
	}{
		"cut in header":  {t.Context(), "linux/arm64", whole[:300], []string{`layer 1 "layer 1"`, "unexpected EOF", "cut off or damaged"}},
		"cut in head":    {t.Context(), "linux/arm64", whole[:540], []string{`"usr/lib/x.so"`, "unexpected EOF", "cut off or damaged"}},
		"cut in body":    {t.Context(), "linux/arm64", whole[:9000], []string{"reading tar", "unexpected EOF", "cut off or damaged"}},
		"garbage":        {t.Context(), "linux/arm64", bytes.Repeat([]byte("garbage!"), 500), []string{"invalid tar header", "cut off or damaged"}},
		"canceled":       {canceled, "linux/arm64", whole, []string{"context canceled"}},
		"no platform":    {t.Context(), "", whole, []string{`""`, "os/arch"}},
		"one word":       {t.Context(), "arm64", whole, []string{`"arm64"`, "linux/arm64"}},
		"attestation":    {t.Context(), "unknown/unknown", whole, []string{"unknown platform", "known are"}},
		"os without cpu": {t.Context(), "darwin/s390x", whole, []string{"unknown platform"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings, _, err := findingsOfImage(c.ctx, c.platform, layers(tarOf(t), c.tar))
			if err == nil || findings != nil {
				t.Fatalf("err %v, findings %v", err, findings)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in %q", w, err)
				}
			}
			if name == "canceled" && (!errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "damaged")) {
				t.Errorf("an interrupt is told as %q", err)
			}
		})
	}
}

// A reader that checks a digest at the end must be read to the end and closed,
// and its complaint must arrive.
func TestImageReadsToTheEnd(t *testing.T) {
	t.Parallel()
	padded := append(tarOf(t, reg("a", elfARM64())), make([]byte, 100000)...)
	s := &stream{Reader: bytes.NewReader(padded), end: errors.New("digest differs")}
	open := func() (io.ReadCloser, error) { return s, nil }
	_, _, err := findingsOfImage(t.Context(), "linux/arm64", []Layer{{Name: "x", Open: open}})
	if !errors.Is(err, s.end) || !s.closed {
		t.Errorf("err %v, closed %v", err, s.closed)
	}
	broken := errors.New("no such blob")
	_, _, err = findingsOfImage(t.Context(), "linux/arm64", []Layer{{Name: "x", Open: func() (io.ReadCloser, error) { return nil, broken }}})
	if !errors.Is(err, broken) {
		t.Errorf("err %v", err)
	}
}

type stream struct {
	io.Reader
	end    error
	closed bool
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err == io.EOF {
		err = s.end
	}
	return n, err
}

func (s *stream) Close() error { s.closed = true; return nil }

func TestFindingText(t *testing.T) {
	t.Parallel()
	site := "opt/app/lib/python3.13/site-packages/"
	le := binary.LittleEndian
	base := tarOf(t, reg("usr/bin/python3.13", elfAMD64()), hard("usr/bin/python3", "usr/bin/python3.13"), hard("usr/bin/python", "usr/bin/python3"))
	native := tarOf(t,
		reg(site+"uvloop/loop.cpython-313-aarch64-linux-gnu.so", elfAMD64()), hard(site+"x.so", site+"uvloop/loop.cpython-313-aarch64-linux-gnu.so"),
		reg(site+"setuptools/gui-arm64.exe", peFile(0xaa64, 0, 2, false)),
		reg(site+"w.pyd", peFile(0x8664, coffDLL, 2, false)),
		reg("app/addon.node", machoFile(8, 0x1000007, 0x100000c)),
		reg("app/native.node", elfFile(40, 32, le, 3, 0x5000400, 0)),
		reg("app/crt1.o", elfFile(62, 64, le, 1, 0, 0)),
		reg("app/cut.so", []byte("\x7fELF...")),
		reg("app/bsd", elfFile(183, 64, le, 2, 0, 9)),
		reg("app/weird", elfFile(9999, 64, le, 2, 0, 0)))
	findings, stats, err := findingsOfImage(t.Context(), "linux/arm64", layers(base, native))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range findings {
		out.WriteString(f.String() + "\n")
	}
	out.WriteString(Count(findings).String() + "\n")
	out.WriteString(Count(nil).String() + "\n")
	out.WriteString(Check(findings).Error() + "\n")
	out.WriteString(Check(findings[:1]).Error() + "\n")
	golden(t, "findings", out.String())
	if stats.Binaries != 10 {
		t.Errorf("%d binaries", stats.Binaries)
	}
	if err := Check(findings[len(findings)-1:]); err != nil {
		t.Errorf("a note became the error %v", err)
	}
	var f *Failure
	if !errors.As(Check(findings), &f) || f.Cure() != findings[0].Cure {
		t.Errorf("the failure has no cure")
	}
}
