package oci

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func TestResultIsStable(t *testing.T) {
	t.Parallel()
	d, err := Describe(build(t, twoPlatforms()))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "images", "app.json")
	result := NewResult("app", d, Published{Digest: d.Digest, Tags: []MovedTag{{"localhost:5000/app:1", ""}, {"localhost:5000/app:latest", "sha256:0"}}})
	if err := result.Write(file); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "result", string(raw))
	wantError(t, result.Write(filepath.Join(file, "x")), "writing result")
}

func TestDescribeForeignImages(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	d, err := Describe(openBase(t, pushBase(t, r)).Index)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Platforms) != 2 || d.Attestations != 1 || d.SharedBytes != 0 || d.Platforms[1].Platform != "linux/arm64" || len(d.Platforms[0].Layers) != 2 {
		raw, _ := json.MarshalIndent(d, "", " ")
		t.Errorf("got %s", raw)
	}
	requests := r.requests()
	for _, l := range d.Platforms[0].Layers {
		if count(requests, "GET", l.Digest) != 0 {
			t.Errorf("layer %s was downloaded to describe it", l.Digest)
		}
	}
	if images, err := Streams(openBase(t, r.host+"/library/base:1").Index); err != nil || len(images) != 2 {
		t.Errorf("streams: %v, %v", images, err)
	}
}

func TestDockerArchive(t *testing.T) {
	t.Parallel()
	index := build(t, twoPlatforms())
	file := filepath.Join(t.TempDir(), "app.tar")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(DockerArchive(t.Context(), index, "linux/arm64", "app:latest", f), f.Close()); err != nil {
		t.Fatal(err)
	}
	tag, _ := ParseTag("app:latest")
	image, err := tarball.ImageFromPath(file, &tag)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(image); err != nil {
		t.Error(err)
	}
	if config, err := image.ConfigFile(); err != nil || config.Architecture != "arm64" {
		t.Errorf("config: %v, %v", config, err)
	}
	wantError(t, DockerArchive(t.Context(), index, "linux/s390x", "app:latest", &strings.Builder{}), "linux/s390x", "has linux/amd64, linux/arm64")
	wantError(t, DockerArchive(t.Context(), index, "linux/arm64", "app", &strings.Builder{}), "it has no tag")
	wantError(t, DockerArchive(t.Context(), index, "linux/arm64", "app:1", &limitedWriter{3000}), "docker archive", "disk full")
}

func TestOpenTellsFoldersFromReferences(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for ref, says := range map[string]string{
		"dist/images/app": "there is no OCI layout", "./x": "there is no OCI layout", dir: "there is no OCI layout", "oci:x": "there is no OCI layout",
		`dist\images`: "there is no OCI layout", "Upper": "lower case",
		"dist/x.whl": "no such file", "app.tar": "no such file", "testdata/x": "no such file", "docker-archive:none": "no such file",
	} {
		_, err := Open(t.Context(), ref, quick())
		wantError(t, err, says)
	}
	for _, ref := range []string{"debian", "acme/app:1", "localhost:5000/a/b", "ghcr.io/a/b", "notion.so/app", "ghcr.io/a/b.tar", "debian.tar:1"} {
		if looksLikePath(ref) {
			t.Errorf("%q is taken for a folder", ref)
		}
	}
	r := newRegistry(t)
	_, err := Open(t.Context(), r.host+"/none:1", quick())
	wantError(t, err, `opening image "`+r.host+`/none:1"`)
}

func TestOpenLayoutsOfOtherTools(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "app")
	if err := WriteLayout(t.Context(), dir, build(t, twoPlatforms()), "v1"); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(filepath.Join(dir, "index.json"))
	source, err := Open(t.Context(), dir, Remote{})
	if err != nil {
		t.Fatal(err)
	}
	manifest, _ := source.Index.IndexManifest()
	inner, _ := source.Index.RawManifest()
	two := strings.Replace(string(raw), `"manifests": [`, `"manifests": [{"mediaType":"`+string(manifest.Manifests[0].MediaType)+`","size":1,"digest":"`+manifest.Manifests[0].Digest.String()+`"},`, 1)
	for content, says := range map[string]string{
		`{"schemaVersion":2,"manifests":[]}`: "the layout is empty", two: "several images: sha256:", "{": "opening image", string(inner): "",
	} {
		if err := writeFile(filepath.Join(dir, "index.json"), []byte(content)); err != nil {
			t.Fatal(err)
		}
		switch _, err := Open(t.Context(), dir, Remote{}); {
		case says == "" && err != nil: // as skopeo and umoci write it
			t.Error(err)
		case says != "":
			wantError(t, err, says)
		}
	}
}
