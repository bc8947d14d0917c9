package audit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"testing"
)

// plant is a file that is wrong on a platform, and its twin that is right.
type plant struct {
	name        string
	wrong, twin []byte
	id          string
	severity    string
	nested      string // the severity in an archive; empty for what is not looked for there
}

// nest is a way to hide a file in a layer.
type nest struct {
	name  string
	path  string // of the finding; empty if there is none
	inZip bool
	lay   func(t *testing.T, body []byte) []entry
	after []entry // what a later layer adds
}

// nests are the ways of the corpus. Members of archives are stored, not
// deflated: this is about finding them.
func nests() []nest {
	const wheel, file = "opt/p-1.0-cp313-cp313-linux_any.whl", "opt/app/plugin.bin"
	zipped := func(name string, inner ...string) func(*testing.T, []byte) []entry {
		return func(t *testing.T, body []byte) []entry {
			for _, in := range slices.Backward(inner) {
				body = zipOf(t, 0, member{"META-INF/notes.txt", []byte("notes")}, member{in, body})
			}
			return []entry{reg(name, body)}
		}
	}
	plain := func(_ *testing.T, body []byte) []entry { return []entry{reg(file, body)} }
	return []nest{
		{"plain", "/" + file, false, plain, nil},
		{"hard link", "/opt/app/a-link", false, func(_ *testing.T, body []byte) []entry {
			return []entry{reg(file, body), hard("opt/app/a-link", file)}
		}, nil},
		{"behind a link", "/opt/store/plugin.bin", false, func(_ *testing.T, body []byte) []entry {
			return []entry{dir("opt/store"), soft("opt/current", "store"), reg("opt/current/plugin.bin", body)}
		}, nil},
		{"wheel", "/" + wheel + "!p/x.so", true, zipped(wheel, "p/x.so"), nil},
		{"jar", "/opt/j.jar!native/libj.so", true, zipped("opt/j.jar", "native/libj.so"), nil},
		{"zip in zip", "/opt/data.bin!in.zip!x", true, zipped("opt/data.bin", "in.zip", "x"), nil},
		{"replaced", "", false, plain, []entry{reg(file, []byte("text"))}},
		{"whited out", "", false, plain, []entry{reg("opt/app/.wh.plugin.bin", nil)}},
		{"folder whited out", "", false, plain, []entry{reg("opt/.wh.app", nil)}},
		{"opaque", "", false, plain, []entry{reg("opt/app/.wh..wh..opq", nil)}},
	}
}

// score is how many of what a corpus held were judged right.
type score struct{ found, plants, silent, removed, clean, twins int }

func (s score) String() string {
	return fmt.Sprintf("plants found: %d of %d; silent about removed ones: %d of %d; clean twins: %d of %d",
		s.found, s.plants, s.silent, s.removed, s.clean, s.twins)
}

const corpusLayers = 3 // base, middle, top

// sow plants each file in each layer by each nesting, one at a time, and its
// twin likewise. base is what every image has.
func (s *score) sow(t *testing.T, platform string, base []entry, plants []plant) {
	t.Helper()
	for _, p := range plants {
		for _, n := range nests() {
			want := Finding{ID: p.id, Severity: p.severity, Platform: platform, Path: n.path}
			if n.inZip {
				want.Severity = p.nested
			}
			if n.path != "" && want.Severity == "" {
				continue
			}
			for want.LayerIndex = range corpusLayers {
				s.one(t, fmt.Sprintf("%s, %s", p.name, n.name), base, n, p, want)
			}
		}
	}
}

func (s *score) one(t *testing.T, where string, base []entry, n nest, p plant, want Finding) {
	t.Helper()
	found := sown(t, want.Platform, base, n, want.LayerIndex, p.wrong)
	switch {
	case n.path == "":
		if s.removed++; len(found) == 0 {
			s.silent++
		} else {
			t.Errorf("%s: %s, layer %d: found what is not there: %v", want.Platform, where, want.LayerIndex, found)
		}
	default:
		if s.plants++; is(found, want) {
			s.found++
		} else {
			t.Errorf("%s: %s, layer %d: want one %s %s %s, got %v", want.Platform, where, want.LayerIndex, want.Severity, want.ID, want.Path, found)
		}
	}
	s.twins++
	if found := sown(t, want.Platform, base, n, want.LayerIndex, p.twin); len(found) == 0 {
		s.clean++
	} else {
		t.Errorf("%s: %s, layer %d: false alarm for the twin: %v", want.Platform, where, want.LayerIndex, found)
	}
}

// is reports whether there is one finding, as wanted.
func is(found []Finding, want Finding) bool {
	if len(found) != 1 {
		return false
	}
	f := found[0]
	return f.ID == want.ID && f.Severity == want.Severity && f.Platform == want.Platform && f.Path == want.Path &&
		f.LayerIndex == want.LayerIndex && f.Layer == layerName(want.LayerIndex) && f.Message != "" && f.Cure != ""
}

func layerName(i int) string { return []string{"base", "packages", "application", "last"}[i] }

// sown is what is found in an image with body planted in one layer.
func sown(t *testing.T, platform string, base []entry, n nest, layer int, body []byte) []Finding {
	t.Helper()
	tars := make([][]entry, corpusLayers, corpusLayers+1)
	tars[0] = slices.Clone(base)
	tars[1] = []entry{reg("opt/readme.txt", []byte("text"))}
	tars[2] = []entry{reg("opt/app/main.py", []byte("print(1)\n"))}
	tars[layer] = append(tars[layer], n.lay(t, body)...)
	if n.after != nil {
		tars = append(tars, n.after)
	}
	var ls []Layer
	for i, entries := range tars {
		ls = append(ls, Layer{Name: layerName(i), Index: i, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(tarOf(t, entries...))), nil
		}})
	}
	config := &Config{Entrypoint: []string{"/usr/bin/app"}, User: "10001", WorkingDir: "/"}
	inv, err := InspectImage(context.WithoutCancel(t.Context()), platform, ls, config)
	if err != nil {
		t.Fatal(err)
	}
	return inv.Check()
}

// cleanBase is a small glibc system in the manner of Debian, of files that hold
// what a loader looks at, with one program.
func cleanBase(platform string) []entry {
	arch, machine, bits, triple := "amd64", uint16(62), 64, "x86_64-linux-gnu"
	switch platform {
	case "linux/arm64":
		arch, machine, triple = "arm64", 183, "aarch64-linux-gnu"
	case "linux/arm/v7":
		arch, machine, bits, triple = "arm", 40, 32, "arm-linux-gnueabihf"
	}
	app := elfProgram(arch, "libc.so.6")
	app.machine, app.bits = machine, bits
	libc := app
	libc.soname, libc.libraries, libc.interpreter = "libc.so.6", nil, ""
	libc.defines = []string{"GLIBC_2.2.5", "GLIBC_2.4", "GLIBC_2.14", "GLIBC_2.17", "GLIBC_2.34"}
	loader := libc
	loader.soname, loader.defines = path.Base(app.interpreter), nil
	float := func(b []byte) []byte {
		if machine == 40 {
			copy(b[elfFlags32:], []byte{0, 4, 0, 5}) // EABI 5, hard float
		}
		return b
	}
	home := "/usr/lib/" + triple + "/"
	return []entry{
		dir("usr/lib"), dir("usr/lib64"), soft("lib", "usr/lib"), soft("lib64", "usr/lib64"), dir("opt/app"),
		reg("etc/passwd", []byte("root:x:0:0:root:/root:/bin/sh\n")), reg("etc/group", []byte("root:x:0:\n")),
		reg(home+"libc.so.6", float(libc.bytes())),
		reg(home+loader.soname, float(loader.bytes())), soft("usr"+app.interpreter, home+loader.soname),
		reg("usr/bin/app", float(app.bytes())),
	}
}

func slurp(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
