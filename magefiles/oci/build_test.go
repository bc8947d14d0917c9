package oci

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"testing/fstest"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func TestBuildMakesAnOCIIndex(t *testing.T) {
	t.Parallel()
	plan := twoPlatforms()
	plan.Annotations = map[string]string{"org.opencontainers.image.title": "app"}
	index := build(t, plan)
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if manifest.MediaType != types.OCIImageIndex || manifest.Annotations["org.opencontainers.image.title"] != "app" {
		t.Errorf("index: %+v", manifest)
	}
	for i, platform := range []string{"linux/amd64", "linux/arm64"} {
		desc := manifest.Manifests[i]
		image, err := index.Image(desc.Digest)
		if err != nil {
			t.Fatal(err)
		}
		m, _ := image.Manifest()
		config, _ := image.ConfigFile()
		if desc.Platform.String() != platform || config.Platform().String() != platform {
			t.Errorf("entry %d is for %s, its config for %s, want %s", i, desc.Platform, config.Platform(), platform)
		}
		if desc.MediaType != types.OCIManifestSchema1 || m.MediaType != types.OCIManifestSchema1 ||
			m.Config.MediaType != types.OCIConfigJSON || m.Layers[0].MediaType != types.OCILayer {
			t.Errorf("media types: %s, %+v", desc.MediaType, m)
		}
		if config.Author != "" || !config.Created.Equal(epoch()) || len(config.History) != 2 || config.History[1].CreatedBy != "ui" {
			t.Errorf("config: %+v", config)
		}
	}
}

func TestBuildVariant(t *testing.T) {
	t.Parallel()
	plan := onePlatform()
	plan.Images[0].Platform = "linux/arm/v7"
	index := build(t, plan)
	manifest, _ := index.IndexManifest()
	image, err := index.Image(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	config, _ := image.ConfigFile()
	if config.Variant != "v7" || manifest.Manifests[0].Platform.Variant != "v7" {
		t.Errorf("variant %q in the config, %q in the index", config.Variant, manifest.Manifests[0].Platform.Variant)
	}
}

func TestBuildMakesAnEqualLayerOnce(t *testing.T) {
	t.Parallel()
	opened, openedShared := 0, 0
	plan := twoPlatforms()
	shared := countedTree(&openedShared)
	shared.Key = ""
	for i := range plan.Images { // two values with one key, as two steps may make; one value without
		plan.Images[i].Layers = append(plan.Images[i].Layers, countedTree(&opened), shared)
	}
	d, err := Describe(build(t, plan))
	if err != nil {
		t.Fatal(err)
	}
	if opened != 1 || openedShared != 1 {
		t.Errorf("the layers were made %d and %d times", opened, openedShared)
	}
	for i, shared := range []bool{false, true, true, true} {
		a, b := d.Platforms[0].Layers[i], d.Platforms[1].Layers[i]
		if (a.Digest == b.Digest) != shared || a.Shared != shared || b.Shared != shared {
			t.Errorf("layer %d: %+v and %+v, want shared %t", i, a, b, shared)
		}
	}
}

// TestBuildSameOften: under a new key, content that is in the cache is not made again; from then on the new key knows it, too.
func TestBuildSameOften(t *testing.T) {
	t.Parallel()
	var made, cached int
	opened := 0
	b := Builder{Cache: Cache{Dir: t.TempDir()}, Progress: func(l LayerDone) {
		if l.Cached {
			cached++
		} else {
			made++
		}
	}}
	for _, step := range []struct {
		key                  string
		content              string
		still                bool
		made, cached, opened int
	}{
		{"1", "a", true, 1, 0, 1},
		{"1", "a", true, 0, 1, 0},
		{"2", "a", true, 0, 1, 1},
		{"2", "a", true, 0, 1, 0},
		{"3", "b", true, 1, 0, 1},
		{"4", "b", false, 0, 1, 1},
		{"4", "c", true, 1, 0, 1}, // what was not what the key names is not kept under it
	} {
		made, cached, opened = 0, 0, 0
		tree := FS(fstest.MapFS{"file": file(step.content)})
		plan := onePlatform()
		plan.Images[0].Layers = []*Layer{{
			Name: "base", To: "/", Key: step.key, SameOften: true, Still: func() bool { return step.still },
			Tree: func(ctx context.Context) (fs.FS, error) { opened++; return tree(ctx) },
		}}
		if _, err := b.Build(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		if made != step.made || cached != step.cached || opened != step.opened {
			t.Errorf("%q under %q: %d made, %d cached, read %d times; want %d, %d, %d", step.content, step.key, made, cached, opened, step.made, step.cached, step.opened)
		}
	}
}

// TestBuildIsTheSameEverywhere builds the same tree from two folders of the
// host whose files differ in all that must not matter.
func TestBuildIsTheSameEverywhere(t *testing.T) {
	var digests []string
	for i, zone := range []*time.Location{time.UTC, time.FixedZone("far", 13*3600)} {
		dir := filepath.Join(t.TempDir(), fmt.Sprintf("a folder %dß", i))
		mode := []os.FileMode{0o600, 0o666}[i]
		for name, content := range map[string]string{"z": "1", "a/b": "2", "a.c": "3"} {
			file := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o700|mode); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(content), mode); err != nil {
				t.Fatal(err)
			}
		}
		plan := onePlatform(&Layer{Name: "l", To: "/x", Tree: Dir(dir), Executable: func(n string) bool { return n == "z" }})
		plan.Images[0].Created = epoch().In(zone).Add(time.Duration(i) * time.Millisecond)
		plan.Images[0].Config = Config{
			Env: map[string]string{"B": "2", "A": "1", "C": "3"}, Labels: map[string]string{"b": "2", "a": "1"},
			Ports: [][]string{{"1/tcp", "2/tcp"}, {"2/tcp", "1/tcp"}}[i],
		}
		digests = append(digests, digest(t, build(t, plan)))
	}
	if digests[0] != digests[1] {
		t.Errorf("two digests: %v", digests)
	}
}

func TestFileTimeKeepsLayersOverCommits(t *testing.T) {
	t.Parallel()
	made := func(created, files time.Time) Description {
		plan := twoPlatforms()
		for i := range plan.Images {
			plan.Images[i].Created, plan.Images[i].FileTime = created, files
		}
		d, err := Describe(build(t, plan))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	fixed := time.Unix(1, 0)
	a, b := made(epoch(), fixed), made(epoch().Add(time.Hour), fixed)
	if a.Digest == b.Digest || !reflect.DeepEqual(a.Platforms[0].Layers, b.Platforms[0].Layers) {
		t.Errorf("a new commit has to make a new image of the same layers: %+v, %+v", a, b)
	}
	if c := made(epoch(), time.Time{}); c.Platforms[0].Layers[0].Digest == a.Platforms[0].Layers[0].Digest {
		t.Error("FileTime is not what the files have")
	}
}

func TestBuildRefusesBadPlans(t *testing.T) {
	t.Parallel()
	tree := FS(fstest.MapFS{})
	image := func(change func(*Image)) Plan {
		i := Image{Platform: "linux/amd64", Created: epoch(), Layers: []*Layer{{Name: "l", To: "/x", Tree: tree}}}
		change(&i)
		return Plan{Images: []Image{i}}
	}
	twice := twoPlatforms()
	twice.Images[1].Platform = twice.Images[0].Platform
	for says, plan := range map[string]Plan{
		"no image":                                     {},
		`platform "linux/arm64" is there twice`:        twice,
		`"": want os/arch`:                             image(func(i *Image) { i.Platform = "" }),
		`"linux": want os/arch`:                        image(func(i *Image) { i.Platform = "linux" }),
		`"linux/": want os/arch`:                       image(func(i *Image) { i.Platform = "linux/" }),
		`"Linux/amd64": want`:                          image(func(i *Image) { i.Platform = "Linux/amd64" }),
		`is written "linux/arm64" here`:                image(func(i *Image) { i.Platform = "linux/arm64/v8" }),
		"it has no time":                               image(func(i *Image) { i.Created = time.Time{} }),
		`"x" is not an absolute directory`:             image(func(i *Image) { i.Layers[0] = &Layer{Name: "l", To: "x", Tree: tree} }),
		`"/x/../y" is not an absolute directory`:       image(func(i *Image) { i.Layers[0] = &Layer{Name: "l", To: "/x/../y", Tree: tree} }),
		`layer for "/x": it has no name`:               image(func(i *Image) { i.Layers[0] = &Layer{To: "/x", Tree: tree} }),
		`layer "l": it has no tree`:                    image(func(i *Image) { i.Layers[0] = &Layer{Name: "l", To: "/x"} }),
		"is negative":                                  image(func(i *Image) { i.Layers[0] = &Layer{Name: "l", To: "/x", Tree: tree, Owner: Owner{-1, 0}} }),
		`"A=B" is not a name of an environment variab`: image(func(i *Image) { i.Config.Env = map[string]string{"A=B": ""} }),
	} {
		_, err := Builder{Cache: Cache{Dir: t.TempDir()}}.Build(context.Background(), plan)
		wantError(t, err, says)
	}
}

func TestMergeConfig(t *testing.T) {
	t.Parallel()
	base := v1.Config{
		Env: []string{"PATH=/bin", "LANG=C", "X=1"}, Entrypoint: []string{"sh"}, Cmd: []string{"-c"}, User: "root",
		Labels: map[string]string{"a": "1", "b": "1"}, Hostname: "4f3c", ExposedPorts: map[string]struct{}{"80/tcp": {}},
	}
	got := mergeConfig(base, Config{
		Env: map[string]string{"X": "2", "B": "", "A": "1"}, Entrypoint: []string{"app"}, User: "1", WorkingDir: "/w",
		Labels: map[string]string{"b": "2"}, Ports: []string{"81/tcp"}, Volumes: []string{"/v"}, StopSignal: "SIGINT",
	})
	want := v1.Config{
		Env: []string{"PATH=/bin", "LANG=C", "X=2", "A=1", "B="}, Entrypoint: []string{"app"}, User: "1", WorkingDir: "/w",
		Labels: map[string]string{"a": "1", "b": "2"}, StopSignal: "SIGINT",
		ExposedPorts: map[string]struct{}{"80/tcp": {}, "81/tcp": {}}, Volumes: map[string]struct{}{"/v": {}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if base.Labels["b"] != "1" || base.Env[2] != "X=1" {
		t.Error("the base was changed")
	}
	if kept := mergeConfig(base, Config{}); kept.Cmd[0] != "-c" || kept.User != "root" {
		t.Errorf("the base was not inherited: %+v", kept)
	}
}
