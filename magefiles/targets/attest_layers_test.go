package targets

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/oci"
)

// tarLayer is a layer out of headers; a regular file's content is its name.
func tarLayer(t *testing.T, digest string, headers ...tar.Header) oci.LayerStream {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		if h.Typeflag == tar.TypeReg {
			h.Size = int64(len(h.Name))
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, h.Name[:h.Size]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return oci.LayerStream{Name: digest, Digest: digest, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(b.Bytes())), nil
	}}
}

func regular(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name} }

// TestImageContent: upper layers replace and remove what lower ones have, links
// lead to copyright files, and what was read once is not read again.
func TestImageContent(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	image := oci.PlatformImage{Layers: []oci.LayerStream{
		tarLayer(t, "lower", regular("./usr/share/doc/gcc-base/copyright"), regular("gone/a"), regular("opaque/b"), regular("kept"),
			regular("x-1.dist-info/METADATA"),
			tar.Header{Typeflag: tar.TypeSymlink, Name: "usr/share/doc/libgcc", Linkname: "gcc-base"},
			tar.Header{Typeflag: tar.TypeLink, Name: "again", Linkname: "kept"},
			tar.Header{Typeflag: tar.TypeSymlink, Name: "usr/share/doc/loop", Linkname: "loop"}),
		tarLayer(t, "upper", regular(".wh.gone"), regular("opaque/.wh..wh..opq"), regular("opaque/new"), regular("x-1.dist-info/.wh.METADATA")),
	}}
	for range 2 {
		c, err := j.imageContent(t.Context(), image, everyLayer)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range c.take(func(string) bool { return true }) {
			got = append(got, f.Path)
			if f.SHA1 == "" || f.SHA256 == "" {
				t.Errorf("%+v has no sums", f)
			}
		}
		if want := "again kept opaque/new usr/share/doc/gcc-base/copyright"; strings.Join(got, " ") != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if c.copyright("libgcc") == "" || c.copyright("loop") != "" || len(c.texts) != 1 {
			t.Errorf("texts %v, links %v", c.texts, c.links)
		}
		for i := range image.Layers {
			image.Layers[i].Open = func() (io.ReadCloser, error) { return nil, errors.New("it was read before") }
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := j.layerContent(cancelled, tarLayer(t, "third", regular("a"))); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
