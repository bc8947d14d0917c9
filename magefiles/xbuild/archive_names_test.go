package xbuild

import (
	"bytes"
	"strings"
	"testing"
)

// TestArchiveNames: what some system cannot unpack is refused, and says why,
// before a file is read or a byte written.
func TestArchiveNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("abcdefghi/", 9)
	for _, c := range []struct{ to, says string }{
		{"tool.exe", ""},
		{"a/b c/d-e_f.1", ""},
		{".hidden", ""},
		{"console", ""},
		{"com10", ""},
		{"acon", ""},
		{"com", ""},
		{long + "x", ""},
		{long + "0123456789", "longer than 100"},
		{"CON", "device"},
		{"con.txt", "device"},
		{"a/nul/b", "device"},
		{"Aux.tar.gz", "device"},
		{"lpt9", "device"},
		{"com1 .x", "device"},
		{"conin$", "device"},
		{"a.", "ends in a dot"},
		{"a./b", "ends in a dot"},
		{"a ", "a space"},
		{"a:b", `':'`},
		{"a*", `'*'`},
		{"what?", `'?'`},
		{`a"b`, `'"'`},
		{"<a", `'<'`},
		{"a>", `'>'`},
		{"a|b", `'|'`},
		{`a\b`, `'\\'`},
		{"a\nb", `'\n'`},
		{"Größe", `'ö'`},
		{"a\xff", "clean"},
		{"", "clean"},
		{"/a", "clean"},
		{"../a", "clean"},
		{"a/../b", "clean"},
		{"a//b", "clean"},
		{"./a", "clean"},
		{"a/", "clean"},
		{"readme.MD", "capitals"},
		{"README.md", "capitals"},
		{"Docs/b", "capitals"},
		{"docs", "capitals"},
		{"readme.md/x", "capitals"},
	} {
		a := Archive{Name: "top", Format: Zip, Files: []ArchiveFile{{To: "README.md"}, {To: "docs/a"}, {To: c.to}}}
		var out bytes.Buffer
		switch err := a.Check(); {
		case c.says == "" && err != nil:
			t.Errorf("%q: %v", c.to, err)
		case c.says == "":
		case err == nil || !strings.Contains(err.Error(), c.says):
			t.Errorf("%q: got %v, want something with %q", c.to, err, c.says)
		case a.Write(t.Context(), &out) == nil || out.Len() > 0:
			t.Errorf("%q: it was written", c.to)
		}
	}
}

func TestArchivesOwnName(t *testing.T) {
	t.Parallel()
	files := []ArchiveFile{{To: "a"}}
	for _, c := range []struct {
		archive Archive
		says    string
	}{
		{Archive{Name: "a/b", Format: Zip, Files: files}, "slash"},
		{Archive{Name: "", Format: Zip, Files: files}, "clean"},
		{Archive{Name: "..", Format: Zip, Files: files}, "clean"},
		{Archive{Name: "nul", Format: Zip, Files: files}, "device"},
		{Archive{Name: "a", Format: ".rar", Files: files}, ".tar.gz, .zip"},
		{Archive{Name: "a", Format: TarGz}, "no files"},
	} {
		if err := c.archive.Check(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: got %v, want something with %q", c.archive, err, c.says)
		}
	}
}

func TestArchiveFormats(t *testing.T) {
	t.Parallel()
	for _, p := range Platforms() {
		want := TarGz
		if p.OS == "windows" {
			want = Zip
		}
		if got := p.ArchiveFormat(); got != want {
			t.Errorf("%s: %s", p, got)
		}
	}
}
