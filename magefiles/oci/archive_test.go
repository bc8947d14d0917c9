package oci

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// What "docker save" writes, of one image and of several.
func TestOpenDockerArchive(t *testing.T) {
	t.Parallel()
	index := build(t, twoPlatforms())
	one := filepath.Join(t.TempDir(), "app.tar")
	var buf bytes.Buffer
	if err := errors.Join(DockerArchive(t.Context(), index, "linux/arm64", "app:latest", &buf), os.WriteFile(one, buf.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	want := streamsText(t, index, "linux/arm64")
	for _, ref := range []string{one, "docker-archive:" + one} {
		source, err := Open(t.Context(), ref, Remote{})
		if err != nil {
			t.Fatal(err)
		}
		if got := streamsText(t, source.Index, ""); got != "app:latest "+want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	images := map[name.Reference]v1.Image{}
	manifest, _ := index.IndexManifest()
	for i, desc := range manifest.Manifests {
		tag, err := name.NewTag(fmt.Sprintf("app:%d", i))
		if err != nil {
			t.Fatal(err)
		}
		if images[tag], err = index.Image(desc.Digest); err != nil {
			t.Fatal(err)
		}
	}
	two := filepath.Join(t.TempDir(), "two.tar")
	if err := tarball.MultiRefWriteToFile(two, images); err != nil {
		t.Fatal(err)
	}
	source, err := Open(t.Context(), two, Remote{})
	if err != nil {
		t.Fatal(err)
	}
	got := streamsText(t, source.Index, "")
	for _, part := range []string{"app:0 linux/amd64", "app:1 linux/arm64"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in %s", part, got)
		}
	}
	if err := validate.Index(source.Index); err != nil {
		t.Error(err)
	}
}

// An archive of a layout is its own index again, and may be compressed.
func TestOpenLayoutArchive(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "app")
	index := build(t, twoPlatforms())
	if err := WriteLayout(t.Context(), dir, index, "v1"); err != nil {
		t.Fatal(err)
	}
	plain := tarDir(t, dir, nil)
	var zipped, zstdd bytes.Buffer
	z := gzip.NewWriter(&zipped)
	s, _ := zstd.NewWriter(&zstdd)
	for _, w := range []io.WriteCloser{z, s} {
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	want := streamsText(t, index, "")
	for what, raw := range map[string][]byte{"oci.tar": plain, "oci.tar.gz": zipped.Bytes(), "oci.tar.zst": zstdd.Bytes()} {
		file := filepath.Join(t.TempDir(), what)
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		source, err := Open(t.Context(), "oci-archive:"+file, Remote{})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(streamsText(t, source.Index, ""), "v1 ", ""); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
		}
	}

	// Docker's index lists platforms that it did not pull.
	manifest, _ := index.IndexManifest()
	absent := manifest.Manifests[0].Digest
	some := filepath.Join(t.TempDir(), "some.tar")
	if err := os.WriteFile(some, tarDir(t, dir, func(name string) bool { return name != blobName(absent) }), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := Open(t.Context(), some, Remote{})
	if err != nil {
		t.Fatal(err)
	}
	if got := streamsText(t, source.Index, ""); strings.Contains(got, "linux/amd64") || !strings.Contains(got, "linux/arm64") {
		t.Errorf("got %s", got)
	}
}

func TestOpenIsNoArchive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	document := func(name, body string) []byte {
		var buf bytes.Buffer
		w := tar.NewWriter(&buf)
		_ = w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(body)), Mode: 0o644})
		_, _ = w.Write([]byte(body))
		_ = w.Close()
		return buf.Bytes()
	}
	empty := sha256Of("")
	for what, c := range map[string]struct {
		raw  []byte
		says string
	}{
		"text":        {[]byte("just some text that is no archive at all"), "no tar archive of images"},
		"nothing":     {nil, "no tar archive of images"},
		"gzip":        {[]byte("\x1f\x8b garbage"), "no tar archive of images"},
		"export":      {document("bin/sh", "x"), "neither index.json nor manifest.json"},
		"cut":         {document("manifest.json", strings.Repeat("x", 2000))[:1000], "cut off or damaged"},
		"bad json":    {document("manifest.json", "{"), "reading manifest.json"},
		"no config":   {document("manifest.json", `[{"Config":"a.json","Layers":[]}]`), `"a.json" in the archive`},
		"no image":    {document("manifest.json", `[]`), "the archive is empty"},
		"too large":   {document("index.json", strings.Repeat(" ", maxDocument+1)), "more than"},
		"bad index":   {document("index.json", "["), "reading index.json"},
		"absent blob": {document("index.json", `{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":1,"digest":"`+empty+`"}]}`), "none of the images"},
	} {
		file := filepath.Join(dir, what)
		if err := os.WriteFile(file, c.raw, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), file, Remote{})
		wantError(t, err, `opening image "`, c.says)
	}
}

// Links in an archive go in circles, out of it, or nowhere.
func TestArchiveLinks(t *testing.T) {
	t.Parallel()
	a := &archive{members: map[string]member{"a": {link: "b"}, "b": {link: "a"}, "c": {link: "nowhere"}, "d/e": {link: "f"}, "f": {offset: 1, size: 2}}}
	for name, want := range map[string]bool{"a": false, "c": false, "d/e": true, "../d/e": true, "x": false} {
		if _, ok := a.find(name); ok != want {
			t.Errorf("%s: %v", name, ok)
		}
	}
}

func FuzzArchive(f *testing.F) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, h := range []tar.Header{
		{Name: "manifest.json", Typeflag: tar.TypeReg, Size: 44}, {Name: "a/layer.tar", Typeflag: tar.TypeSymlink, Linkname: "../b/layer.tar"},
	} {
		if err := w.WriteHeader(&h); err != nil {
			f.Fatal(err)
		}
		if _, err := w.Write([]byte(`[{"Config":"manifest.json","Layers":["a"]}] `)[:h.Size]); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(bytes.Clone(buf.Bytes()))
	f.Add([]byte("\x1f\x8b\x08"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(dir, fmt.Sprint(os.Getpid()))
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		source, err := openArchive(file)
		if err != nil {
			return
		}
		if _, err := Streams(source.Index); err != nil {
			t.Fatalf("opened, and cannot be read: %v", err)
		}
	})
}

// streamsText is name, platform, and each layer's first entry.
func streamsText(t *testing.T, index Index, only string) string {
	t.Helper()
	images, err := Streams(index)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range images {
		if only != "" && p.Platform != only {
			continue
		}
		words := strings.TrimSpace(p.Name + " " + p.Platform)
		for _, l := range p.Layers {
			r, err := l.Open()
			if err != nil {
				t.Fatal(err)
			}
			words += " " + strings.ReplaceAll(listing(t, r), "\n", ";")
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
		out = append(out, words+fmt.Sprint(p.Runtime))
	}
	return strings.Join(out, "\n")
}

// tarDir packs the files of a folder that keep wants.
func tarDir(t *testing.T, dir string, keep func(string) bool) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	err := filepath.Walk(dir, func(file string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		if rel = filepath.ToSlash(rel); keep != nil && !keep(rel) {
			return nil
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: rel, Typeflag: tar.TypeReg, Size: int64(len(raw)), Mode: 0o644}); err != nil {
			return err
		}
		_, err = w.Write(raw)
		return err
	})
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func sha256Of(s string) string {
	h, _, _ := v1.SHA256(strings.NewReader(s))
	return h.String()
}
