package audit

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// made is an inventory of one layer per name, for tests of checks.
type made struct{ *Inventory }

func makeInventory(platform string, layers ...string) made {
	inv := &Inventory{Platform: platform, Files: map[string]*Entry{"/": {Path: "/", Mode: fs.ModeDir | 0o755, Layer: -1}}}
	for i, name := range layers {
		inv.Layers = append(inv.Layers, LayerFacts{Name: name, Index: i, Digest: "sha256:" + name})
	}
	return made{inv}
}

// add puts a file with its folders into the layer at index.
func (m made) add(layer int, name, text string) *Entry {
	e := &Entry{Path: name, Mode: 0o644, Layer: layer, File: &Content{
		Size: int64(len(text)), Sum: sha256.Sum256([]byte(text)), Text: []byte(text), Names: []string{name},
	}}
	m.put(e)
	return e
}

func (m made) put(e *Entry) {
	m.Files[e.Path] = e
	for i := strings.LastIndexByte(e.Path, '/'); i > 0; i = strings.LastIndexByte(e.Path[:i], '/') {
		if dir := e.Path[:i]; m.Files[dir] == nil {
			m.Files[dir] = &Entry{Path: dir, Mode: fs.ModeDir | 0o755, Layer: e.Layer}
		}
	}
}

// binary adds a library for a machine; equal seeds are equal bytes.
func (m made) binary(layer int, name, arch, seed string) *Entry {
	e := m.add(layer, name, seed)
	e.File.Text = nil
	e.File.Program = &Program{Binary: Binary{Format: ELF, Kind: Shared, Arch: arch, Machine: arch}}
	return e
}

// brief is findings in few words, sorted.
func brief(findings []Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s %s %s %s", f.Severity, f.ID, f.Platform, f.Path))
	}
	slices.Sort(out)
	return out
}

func wantBrief(t *testing.T, findings []Finding, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := brief(findings); !slices.Equal(got, want) {
		t.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	for _, f := range findings {
		if f.Message == "" || f.Cure == "" {
			t.Errorf("%s of %s has no message or no cure", f.ID, f.Path)
		}
	}
}

const site = "/opt/app/lib/python3.13/site-packages"

// twins are the two halves of an image without a fault.
func twins() (a, b made, same Sameness) {
	layers := []string{"base", "native", "pure"}
	a, b = makeInventory("linux/amd64", layers...), makeInventory("linux/arm64", layers...)
	for arch, m := range map[string]made{"x86_64": a, "aarch64": b} {
		machine := map[string]string{"x86_64": "amd64", "aarch64": "arm64"}[arch]
		m.binary(0, "/usr/lib/"+arch+"-linux-gnu/libc.so.6", machine, "libc "+arch)
		m.add(0, "/var/lib/dpkg/info/libc6:"+machine+".list", "list")
		m.binary(1, site+"/fast/_core.cpython-313-"+arch+"-linux-gnu.so", machine, "core "+arch)
		m.binary(1, site+"/fast.libs/libz-"+arch+"1234.so.1", machine, "libz "+arch)
		m.add(1, site+"/fast/__init__.py", "import")
		m.add(1, site+"/fast-1.2.dist-info/METADATA", "Version: 1.2")
		m.add(2, site+"/slow/__init__.py", "import")
		m.add(2, site+"/slow-3.0.dist-info/METADATA", "Version: 3.0")
	}
	return a, b, Sameness{Own: []string{"native", "pure"}, Shared: []string{"pure"}}
}

func TestAcrossTwins(t *testing.T) {
	t.Parallel()
	a, b, same := twins()
	wantBrief(t, Across([]*Inventory{b.Inventory, a.Inventory}, same))
	wantBrief(t, Across([]*Inventory{a.Inventory, b.Inventory}, Sameness{}))
	wantBrief(t, Across([]*Inventory{a.Inventory}, same))
	wantBrief(t, Across(nil, same))
}

func TestAcross(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(a, b made)
		want  []string
	}{
		{"the extension of the other machine", func(_, b made) {
			b.binary(1, site+"/fast/_core.cpython-313-aarch64-linux-gnu.so", "amd64", "core x86_64")
		}, []string{"error same-binary linux/arm64 " + site + "/fast/_core.cpython-313-aarch64-linux-gnu.so"}},
		{"the same in an archive", func(_, b made) {
			e := b.add(1, site+"/bundle.zip", "zip")
			e.File.Inner = []Inner{{Path: "x.jar!lib.so", Sum: sha256.Sum256([]byte("core x86_64")), Program: &Program{Binary: Binary{Format: ELF, Kind: Shared, Arch: "amd64"}}}}
		}, []string{"error same-binary linux/arm64 " + site + "/bundle.zip!x.jar!lib.so", "warning files-differ linux/arm64 " + site + "/bundle.zip"}},
		{"objects are no programs", func(a, b made) {
			for _, m := range []made{a, b} {
				m.binary(1, site+"/fast/start.o", "amd64", "object").File.Program.Kind = Object
			}
		}, []string{"warning same-binary linux/arm64 " + site + "/fast/start.o"}},
		{"code for neither", func(a, b made) {
			for _, m := range []made{a, b} {
				m.binary(1, site+"/fast/firmware.bin", "avr", "firmware")
				m.binary(1, site+"/fast/probe.o", "bpf", "probe")
				p := m.binary(1, site+"/fast/lib.dll", "386", "assembly").File.Program
				p.Format, p.Kind = PE, Managed
			}
		}, nil},
		{"another version in our layers", func(_, b made) {
			delete(b.Files, site+"/fast-1.2.dist-info/METADATA")
			delete(b.Files, site+"/fast-1.2.dist-info")
			b.add(1, site+"/fast-1.3.dist-info/METADATA", "Version: 1.3")
		}, []string{
			"error version-differs linux/arm64 " + site + "/fast-1.3.dist-info/METADATA",
			"note files-differ linux/amd64 " + site + "/fast-1.2.dist-info",
			"note files-differ linux/arm64 " + site + "/fast-1.3.dist-info",
		}},
		{"another version in the base", func(a, b made) {
			a.add(0, "/usr/lib/python3/dist-packages/Yaml.x-1.0.dist-info/METADATA", "")
			b.add(0, "/usr/lib/python3/dist-packages/yaml_x-2.0.dist-info/METADATA", "")
		}, []string{"warning version-differs linux/arm64 /usr/lib/python3/dist-packages/yaml_x-2.0.dist-info/METADATA"}},
		{"a distribution for one machine", func(a, _ made) {
			a.add(1, site+"/uvloop/__init__.py", "")
			a.add(1, site+"/uvloop/loop.pyi", "")
			a.add(1, site+"/uvloop-1.dist-info/METADATA", "")
		}, []string{"note files-differ linux/amd64 " + site + "/uvloop", "note files-differ linux/amd64 " + site + "/uvloop-1.dist-info"}},
		{
			"a file that one lacks", func(_, b made) { delete(b.Files, site+"/fast/__init__.py") },
			[]string{"warning files-differ linux/amd64 " + site + "/fast/__init__.py"},
		},
		{"a folder that one lacks", func(_, b made) {
			b.add(2, "/opt/app/extra/deep/a.txt", "")
			b.add(2, "/opt/app/extra/b.txt", "")
		}, []string{"warning files-differ linux/arm64 /opt/app/extra"}},
		{"the base is the distribution's business", func(a, _ made) { a.add(0, "/usr/share/misc/only-here", "") }, nil},
		{
			"a shared layer that is two", func(_, b made) { b.Layers[2].Digest = "sha256:0123" },
			[]string{"error layer-not-shared linux/arm64 /"},
		},
		{"a shared layer that is not there", func(_, b made) { b.Layers[2].Name = "other" }, []string{
			"error layer-not-shared linux/arm64 /",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, b, same := twins()
			c.spoil(a, b)
			findings := Across([]*Inventory{a.Inventory, b.Inventory}, same)
			if c.name == "a shared layer that is not there" { // its distributions are no longer ours on both sides: no more is known of them
				findings = slices.DeleteFunc(findings, func(f Finding) bool { return f.ID != IDLayerNotShared })
			}
			wantBrief(t, findings, c.want...)
		})
	}
}

// TestAcrossForeign: of images that promise nothing, one note is enough.
func TestAcrossForeign(t *testing.T) {
	t.Parallel()
	a, b, _ := twins()
	a.add(2, "/app/one.txt", "")
	a.add(2, "/app/two.txt", "")
	b.add(2, "/usr/local/bin/three", "")
	b.add(2, "/etc/four.conf", "")
	findings := Across([]*Inventory{a.Inventory, b.Inventory}, Sameness{})
	wantBrief(t, findings, "note files-differ linux/arm64 /")
	if want := "1 application file is only here and 2 are only on linux/amd64"; len(findings) == 1 && !strings.Contains(findings[0].Message, want) {
		t.Errorf("it says %q, want %q in it", findings[0].Message, want)
	}
}

func TestSameName(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"/usr/lib/x86_64-linux-gnu/libz.so", "/usr/lib/aarch64-linux-gnu/libz.so"},
		{"/usr/lib/x86_64-linux-gnu/libz.so", "/usr/lib/arm-linux-gnueabihf/libz.so"},
		{"/a/_c.cpython-313-x86_64-linux-gnu.so", "/a/_c.cpython-313-aarch64-linux-gnu.so"},
		{"/lib/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.2"},
		{"/var/lib/dpkg/info/libc6:amd64.list", "/var/lib/dpkg/info/libc6:arm64.list"},
		{"/n/esbuild-linux-x64/bin", "/n/esbuild-linux-arm64/bin"},
		{"/n/x86/bin", "/n/i386/bin"},
		{"/n/armhf/bin", "/n/s390x/bin"},
		{"/n/powerpc64le/bin", "/n/riscv64gc/bin"},
		{"/n/mips64el/bin", "/n/loong64/bin"},
	} {
		if a, b := sameName(pair[0]), sameName(pair[1]); a != b {
			t.Errorf("%s and %s are %s and %s", pair[0], pair[1], a, b)
		}
	}
	for _, name := range []string{"/usr/bin/charm", "/opt/alarm.txt", "/x/farm64x/y"} {
		if got := sameName(name); got != name {
			t.Errorf("%s became %s", name, got)
		}
	}
}
