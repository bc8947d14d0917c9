package debian

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/blakesmith/ar"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// fakeDeb describes a package; what is left empty gets a usual value.
type fakeDeb struct {
	name, version, arch string
	fields              string // further control fields, whole lines
	files               []tar.Header
	body                map[string]string // by the header's Name
	scripts             map[string]string // further control members
	compress            string            // xz (the default), zst, gz, or none
	security            bool
}

// build returns the control stanza and the .deb.
func (d *fakeDeb) build(t *testing.T) (string, []byte) {
	t.Helper()
	if d.version == "" {
		d.version = "1.0"
	}
	arch := d.arch
	if arch == "" {
		arch = "all"
	}
	control := fmt.Sprintf("Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: A test <test@example.org>\n%sDescription: a package\n", d.name, d.version, arch, d.fields)
	members := []tar.Header{{Name: "./control", Typeflag: tar.TypeReg, Mode: 0o644}}
	bodies := map[string]string{"./control": control}
	for _, name := range []string{"md5sums", "conffiles"} {
		if d.scripts[name] != "" {
			members = append(members, tar.Header{Name: "./" + name, Typeflag: tar.TypeReg, Mode: 0o644})
			bodies["./"+name] = d.scripts[name]
		}
	}
	kind := d.compress
	if kind == "" {
		kind = "xz"
	}
	return control, arFile(t,
		"debian-binary", []byte("2.0\n"),
		"control.tar.gz", compress(t, "gz", tarFile(t, members, bodies)),
		strings.TrimSuffix("data.tar."+kind, ".none"), compress(t, kind, tarFile(t, d.files, d.body)))
}

func tarFile(t *testing.T, headers []tar.Header, bodies map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		h.Size, h.ModTime = int64(len(bodies[h.Name])), today
		if h.Typeflag != tar.TypeReg {
			h.Size = 0
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			_ = must(io.WriteString(w, bodies[h.Name]))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func arFile(t *testing.T, namesAndData ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w := ar.NewWriter(&b)
	if err := w.WriteGlobalHeader(); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(namesAndData); i += 2 {
		data := namesAndData[i+1].([]byte)
		if err := w.WriteHeader(&ar.Header{Name: namesAndData[i].(string), Mode: 0o100644, Size: int64(len(data)), ModTime: today}); err != nil {
			t.Fatal(err)
		}
		_ = must(w.Write(data))
	}
	return b.Bytes()
}

func compress(t *testing.T, kind string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch kind {
	case "xz":
		w = must(xz.WriterConfig{DictCap: 1 << 16}.NewWriter(&b)) // the usual 8 MB take long to clear
	case "zst":
		w = must(zstd.NewWriter(&b))
	case "gz":
		w = gzip.NewWriter(&b)
	default:
		return data
	}
	_ = must(w.Write(data))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
