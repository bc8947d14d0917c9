package audit

import (
	"crypto/sha256"
	"io/fs"
	"path"
	"slices"
	"testing"
)

// stage is an inventory under construction.
type stage struct{ *Inventory }

func newStage(platform string) stage {
	s := stage{&Inventory{Platform: platform, Layers: []LayerFacts{{Name: "base"}, {Name: "app", Index: 1}}, Config: &Config{}, Files: map[string]*Entry{}}}
	s.dir("/", 0o755)
	return s
}

func (s stage) add(name string, mode fs.FileMode, c *Content) *Entry {
	for d := path.Dir(name); d != "/"; d = path.Dir(d) {
		if s.Files[d] == nil {
			s.Files[d] = &Entry{Path: d, Mode: fs.ModeDir | 0o755, Layer: 0}
		}
	}
	e := &Entry{Path: name, Mode: mode, Layer: 1, File: c}
	if c != nil {
		c.Names = append(c.Names, name)
	}
	s.Files[name] = e
	return e
}

func (s stage) dir(name string, mode fs.FileMode) *Entry {
	return s.add(name, fs.ModeDir|mode, nil)
}

func (s stage) link(name, to string) *Entry {
	e := s.add(name, fs.ModeSymlink|0o777, nil)
	e.Link = to
	return e
}

func (s stage) text(name, text string) *Entry {
	return s.add(name, 0o644, textContent(text))
}

func textContent(text string) *Content {
	return &Content{Size: int64(len(text)), Sum: sha256.Sum256([]byte(text)), Head: []byte(text), Text: []byte(text)}
}

// program adds native code: see nativeCode for what it is.
func (s stage) program(name, what string) *Entry {
	return s.add(name, 0o755, &Content{Size: 1000, Program: nativeCode(what)})
}

func nativeCode(what string) *Program {
	elf := func(arch, machine string, libraries ...string) *Program {
		return &Program{Binary: Binary{Format: ELF, Kind: Shared, Arch: arch, Machine: machine, Bits: 64, Endian: "little"}, Libraries: libraries}
	}
	switch what {
	case "amd64":
		return elf("amd64", "x86-64", "libc.so.6")
	case "arm64":
		return elf("arm64", "64-bit arm", "libc.so.6")
	case "amd64 musl":
		return elf("amd64", "x86-64", "libc.musl-x86_64.so.1")
	case "arm64 musl":
		return elf("arm64", "64-bit arm", "libc.musl-aarch64.so.1")
	case "darwin":
		return &Program{Binary: Binary{Format: MachO, Kind: Shared, OS: "darwin", Arch: "arm64", Machine: "arm64", Bits: 64, Endian: "little"}}
	case "windows":
		return &Program{Binary: Binary{Format: PE, Kind: Shared, OS: "windows", Arch: "amd64", Machine: "x86-64", Bits: 64, Endian: "little"}}
	}
	panic(what)
}

// glibc adds C library and loader of Debian's arm64.
func (s stage) glibc(version ...string) stage {
	s.program("/usr/lib/ld-linux-aarch64.so.1", "arm64")
	c := s.program("/usr/lib/aarch64-linux-gnu/libc.so.6", "arm64")
	for _, v := range version {
		c.File.Program.Defines = append(c.File.Program.Defines, "GLIBC_"+v)
	}
	return s
}

// briefs are one finding in a few words, for tables.
func briefs(findings []Finding) []string {
	list := []string{}
	for _, f := range findings {
		list = append(list, f.Severity+" "+f.ID+" "+f.Path)
	}
	slices.Sort(list)
	return list
}

func expect(t *testing.T, got []Finding, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(briefs(got), want) {
		t.Errorf("got  %q\nwant %q\n%v", briefs(got), want, got)
	}
	for _, f := range got {
		if f.Message == "" || f.Cure == "" {
			t.Errorf("%v has no message or no cure", f)
		}
	}
}
