package oci

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func TestBaseLayerInEveryCompression(t *testing.T) {
	t.Parallel()
	pack := func(w io.WriteCloser, to *bytes.Buffer) []byte {
		if _, err := io.WriteString(w, "a tar"); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return to.Bytes()
	}
	var gz, zst bytes.Buffer
	zw, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	for kind, content := range map[types.MediaType][]byte{
		types.DockerLayer:             pack(gzip.NewWriter(&gz), &gz),
		types.OCILayerZStd:            pack(zw, &zst),
		types.DockerUncompressedLayer: []byte("a tar"),
	} {
		oci, err := ociLayerType(kind)
		if err != nil {
			t.Fatal(err)
		}
		from := static.NewLayer(content, kind)
		desc, err := describeLayer(from)
		if err != nil {
			t.Fatal(err)
		}
		l := &baseLayer{Layer: from, desc: desc, kind: oci, cache: Cache{Dir: t.TempDir()}, ctx: t.Context()}
		r, err := l.Uncompressed()
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		got, err := io.ReadAll(r)
		if string(got) != "a tar" || errors.Join(err, r.Close()) != nil {
			t.Errorf("%s: got %q, %v", kind, got, err)
		}
	}
	_, err = ociLayerType(types.DockerForeignLayer)
	wantError(t, err, "choose another base")
}

func TestBaseLayerThatIsNoArchive(t *testing.T) {
	t.Parallel()
	for _, kind := range []types.MediaType{types.OCILayer, types.OCILayerZStd} {
		from := static.NewLayer([]byte("plain text, and long enough"), kind)
		desc, _ := describeLayer(from)
		l := &baseLayer{Layer: from, desc: desc, kind: kind, cache: Cache{Dir: t.TempDir()}, ctx: t.Context()}
		r, err := l.Uncompressed()
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if err == nil {
			t.Errorf("%s: rubbish was unpacked", kind)
		}
	}
}

func TestBaseLayerWithOtherContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	desc, _ := describeLayer(static.NewLayer([]byte("right"), types.OCILayer))
	l := &baseLayer{Layer: static.NewLayer([]byte("wrong"), types.OCILayer), desc: desc, kind: types.OCILayer, cache: Cache{Dir: dir}, ctx: t.Context()}
	_, err := l.Compressed()
	wantError(t, err, "fetching base layer "+desc.Digest.String(), "its content is sha256:")
	wantNoFiles(t, dir)
}

func TestLayersAreFoundByEitherDigest(t *testing.T) {
	t.Parallel()
	index := build(t, twoPlatforms())
	manifest, _ := index.IndexManifest()
	image, err := index.Image(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	layers, _ := image.Layers()
	for _, l := range layers {
		diff, _ := l.DiffID()
		name, _ := l.Digest()
		if got, err := image.LayerByDiffID(diff); err != nil || digest(t, got) != name.String() {
			t.Errorf("by diff id %s: %v", diff, err)
		}
		if got, err := image.LayerByDigest(name); err != nil || digest(t, got) != name.String() {
			t.Errorf("by digest %s: %v", name, err)
		}
	}
	name, _ := image.ConfigName()
	if got, err := image.LayerByDigest(name); err != nil || digest(t, got) != name.String() {
		t.Errorf("the config: %v", err)
	}
	_, err = image.LayerByDigest(v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("0", 64)})
	wantError(t, err, "none of that digest")
}

func TestParentsThatEverybodyNeeds(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"/tmp/x": "5 1777 0:0 1700000000 tmp/\n5 0755 9:9 1700000000 tmp/x/\n", "/root": "5 0700 9:9 1700000000 root/\n", "/": "",
	} {
		got := listing(t, strings.NewReader(tarOf(t, fstest.MapFS{}, &Layer{Name: "l", To: to, Owner: Owner{9, 9}})))
		if got != want {
			t.Errorf("%s: got %q, want %q", to, got, want)
		}
	}
}

func TestFullDiskHasACure(t *testing.T) {
	t.Parallel()
	_, err := Cache{Dir: t.TempDir()}.add(func(io.Writer) (v1.Hash, error) {
		return v1.Hash{}, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	})
	wantError(t, err, "free some space")
}
