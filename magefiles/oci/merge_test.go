package oci

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// about is a plan with annotations, as a project would give them.
func about(plan Plan, revision string) Plan {
	plan.Annotations = map[string]string{annotationRevision: revision, "org.opencontainers.image.version": "1"}
	for i := range plan.Images {
		plan.Images[i].Annotations = plan.Annotations
		plan.Images[i].Config.Labels = plan.Annotations
	}
	return plan
}

// only is the part of a plan that one runner builds.
func only(plan Plan, platform string) Plan {
	plan.Images = slices.DeleteFunc(slices.Clone(plan.Images), func(i Image) bool { return i.Platform != platform })
	return plan
}

// pushShard builds and pushes one platform, and returns its shard file.
func pushShard(t *testing.T, r *testRegistry, dir string, plan Plan, edit func(*Shard)) string {
	t.Helper()
	index, repo := build(t, plan), r.host+"/app"
	if _, err := Publish(t.Context(), Publication{Index: index, Repositories: []string{repo}}, quick()); err != nil {
		t.Fatal(err)
	}
	s, err := NewShard(index, repo, []string{"ui"})
	if err != nil {
		t.Fatal(err)
	}
	s.Revision, s.Project = plan.Annotations[annotationRevision], "sha256:project"
	s.Locks, s.Tools = map[string]string{"a.lock": "sha256:a", "b.lock": "sha256:b"}, map[string]string{"cargo": "1.95"}
	if edit != nil {
		edit(&s)
	}
	file := filepath.Join(dir, ShardFile([]string{plan.Images[0].Platform}))
	if err := s.Write(file); err != nil {
		t.Fatal(err)
	}
	return file
}

func merge(t *testing.T, from []string, platforms ...string) (Merged, error) {
	t.Helper()
	parts, err := OpenParts(t.Context(), from, quick())
	if err != nil {
		return Merged{}, err
	}
	return Merge{Parts: parts, Platforms: platforms, Shared: []string{"ui"}}.Build()
}

func both() []string { return []string{"linux/amd64", "linux/arm64"} }

// TestMergeIsTheSameIndex: shards, in any order and by any name, make the index
// that one build of both platforms makes.
func TestMergeIsTheSameIndex(t *testing.T) {
	t.Parallel()
	r, dir := newRegistry(t), t.TempDir()
	plan := about(twoPlatforms(), "abc")
	want := digest(t, build(t, plan))
	amd64 := pushShard(t, r, dir, only(plan, "linux/amd64"), nil)
	arm64 := pushShard(t, r, dir, only(plan, "linux/arm64"), nil)
	ref := func(file string) string {
		s, err := ReadShard(file)
		if err != nil {
			t.Fatal(err)
		}
		return s.Ref()
	}
	image := func(file string) string {
		s, _ := ReadShard(file)
		return s.Repository + "@" + s.Platforms[0].Digest
	}
	layout := filepath.Join(t.TempDir(), "layout")
	if err := WriteLayout(t.Context(), layout, build(t, only(plan, "linux/arm64")), "x"); err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string][]string{
		"files": {amd64, arm64}, "other order": {arm64, amd64}, "folder": {dir}, "references": {ref(arm64), ref(amd64)},
		"images": {image(amd64), image(arm64)}, "mixed": {amd64, image(arm64)}, "layout": {layout, amd64},
	} {
		got, err := merge(t, from, both()...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := digest(t, got.Index); d != want || len(got.Notes) > 0 {
			t.Errorf("%s: %s, want %s; notes %v", name, d, want, got.Notes)
		}
		if repo := r.host + "/app"; !slices.Equal(got.Repositories, []string{repo}) {
			t.Errorf("%s: from %v", name, got.Repositories)
		}
	}
	// Into a registry that has nothing of it.
	other := newRegistry(t)
	got, _ := merge(t, []string{dir}, both()...)
	tag := other.host + "/elsewhere/app:1"
	if _, err := Publish(t.Context(), Publication{Index: got.Index, Tags: []string{tag}, Platforms: both()}, quick()); err != nil {
		t.Fatal(err)
	}
	source := openBase(t, tag)
	if err := validate.Index(source.Index); err != nil || source.Digest != want {
		t.Errorf("copied: %s, %v", source.Digest, err)
	}
}

func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	plan := about(twoPlatforms(), "abc")
	otherUI := about(twoPlatforms(), "abc")
	for i := range otherUI.Images {
		otherUI.Images[i].Layers[1] = layer("ui", "built by another npm")
	}
	otherTime := about(twoPlatforms(), "abc")
	otherTime.Annotations = maps.Clone(plan.Annotations)
	otherTime.Annotations["org.opencontainers.image.created"] = "2000"
	for name, test := range map[string]struct {
		arm64    Plan
		edit     func(*Shard)
		refs     bool // shards are named by references, without files
		says     []string
		platform []string
	}{
		"revision":                   {arm64: about(twoPlatforms(), "def"), says: []string{"source revision differs: abc in ", "amd64.json, def in ", "arm64.json"}},
		"revision of references":     {arm64: about(twoPlatforms(), "def"), refs: true, says: []string{"source revision differs: abc in ", ", def in "}},
		"project":                    {arm64: plan, edit: func(s *Shard) { s.Project = "sha256:other" }, says: []string{"project description differs: sha256:project in ", "sha256:other in "}},
		"lock":                       {arm64: plan, edit: func(s *Shard) { s.Locks["b.lock"] = "sha256:c" }, says: []string{"lock file b.lock differs: sha256:b in ", "sha256:c in "}},
		"lock missing":               {arm64: plan, edit: func(s *Shard) { delete(s.Locks, "a.lock") }, says: []string{"lock file a.lock differs: sha256:a in ", "none in "}},
		"several":                    {arm64: about(twoPlatforms(), "def"), edit: func(s *Shard) { s.Locks["b.lock"] = "sha256:c" }, says: []string{"revision differs", "b.lock differs"}},
		"shared layer":               {arm64: otherUI, says: []string{"shared layer ui differs: sha256:", "amd64.json", "arm64.json"}},
		"shared layer of references": {arm64: otherUI, refs: true, says: []string{"shared layer ui differs: sha256:"}},
		"time":                       {arm64: otherTime, says: []string{"annotation created differs: none in ", "2000 in "}},
		"missing":                    {arm64: plan, platform: []string{"linux/amd64", "linux/arm64", "linux/riscv64"}, says: []string{"linux/riscv64 is missing: the parts have linux/amd64, linux/arm64"}},
		"too many":                   {arm64: plan, platform: []string{"linux/amd64"}, says: []string{"linux/arm64, from ", "was not asked for: linux/amd64"}},
		"spelling":                   {arm64: plan, platform: []string{"linux/arm64/v8"}, says: []string{"is written"}},
		"forged":                     {arm64: plan, edit: func(s *Shard) { s.Platforms[0].Platform = "linux/riscv64" }, says: []string{"arm64.json", "it says", "as the build has left it"}},
		"gone":                       {arm64: plan, edit: func(s *Shard) { s.Digest = "sha256:" + strings.Repeat("0", 64) }, says: []string{"arm64.json", "not to be had"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, dir := newRegistry(t), t.TempDir()
			from := []string{
				pushShard(t, r, dir, only(plan, "linux/amd64"), nil),
				pushShard(t, r, dir, only(test.arm64, "linux/arm64"), test.edit),
			}
			for i := 0; test.refs && i < len(from); i++ {
				s, _ := ReadShard(from[i])
				from[i] = s.Ref()
			}
			if test.platform == nil {
				test.platform = both()
			}
			_, err := merge(t, from, test.platform...)
			wantError(t, err, test.says...)
		})
	}
}

func TestMergeTwiceAndAlone(t *testing.T) {
	t.Parallel()
	r, dir := newRegistry(t), t.TempDir()
	amd64 := pushShard(t, r, dir, only(about(twoPlatforms(), "abc"), "linux/amd64"), nil)
	_, err := merge(t, []string{amd64, amd64}, both()...)
	wantError(t, err, "linux/amd64 is there twice", "linux/arm64 is missing")
	_, err = merge(t, []string{amd64}, both()...)
	wantError(t, err, "linux/arm64 is missing: the parts have linux/amd64")
	if _, err := merge(t, []string{amd64}, "linux/amd64"); err != nil {
		t.Error(err)
	}
	_, err = merge(t, nil, both()...)
	wantError(t, err, "nothing to merge")
}

func TestMergeNotes(t *testing.T) {
	t.Parallel()
	r, dir := newRegistry(t), t.TempDir()
	for i, platform := range both() {
		pushShard(t, r, dir, only(about(twoPlatforms(), "abc-dirty"), platform), func(s *Shard) { s.Tools["cargo"] = fmt.Sprintf("1.9%d", i) })
	}
	got, err := merge(t, []string{dir}, both()...)
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(got.Notes, "\n")
	for _, want := range []string{"not committed", "tool cargo differs: 1.90 in ", "1.91 in "} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes do not say %q: %s", want, notes)
		}
	}
}

// TestMergeForeignImages: attestations are left out, and an image that says two
// things of itself is refused.
func TestMergeForeignImages(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	got, err := merge(t, []string{pushBase(t, r)}, both()...)
	if err != nil {
		t.Fatal(err)
	}
	manifest, _ := got.Index.IndexManifest()
	if len(manifest.Manifests) != 2 || len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "1 entries of") {
		t.Errorf("%+v, notes %v", manifest.Manifests, got.Notes)
	}
	image, err := build(t, only(twoPlatforms(), "linux/amd64")).Image(firstDigest(t, build(t, only(twoPlatforms(), "linux/amd64"))))
	if err != nil {
		t.Fatal(err)
	}
	wrong := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}})
	layout := filepath.Join(t.TempDir(), "wrong")
	if err := WriteLayout(t.Context(), layout, wrong, "x"); err != nil {
		t.Fatal(err)
	}
	_, err = merge(t, []string{layout}, "linux/arm64")
	wantError(t, err, "the index says that it is for linux/arm64", "its own config says linux/amd64")
}

func firstDigest(t *testing.T, index Index) v1.Hash {
	t.Helper()
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	return manifest.Manifests[0].Digest
}

// TestMergeCarriesDocuments: provenance of a shard's index goes on with its
// image, bills of materials go along into another repository.
func TestMergeCarriesDocuments(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	plan := about(twoPlatforms(), "abc")
	var sources []*Source
	for _, platform := range both() {
		index := build(t, only(plan, platform))
		whole, image := digest(t, index), firstDigest(t, index).String()
		_, err := Publish(t.Context(), Publication{Index: index, Repositories: []string{r.host + "/app"}, Artifacts: []Artifact{
			{Subject: whole, Type: "application/vnd.in-toto+json", Title: "p", Content: []byte("provenance of " + platform)},
			{Subject: whole, Type: "application/vnd.signature", Title: "s", Content: []byte("signature")},
			{Subject: image, Type: "application/spdx+json", Title: "b", Content: []byte("bill of " + platform)},
		}}, quick())
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, openBase(t, r.host+"/app@"+whole))
	}
	merged, err := merge(t, []string{sources[0].Name, sources[1].Name}, both()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, repository := range []string{r.host + "/app", r.host + "/other"} {
		papers, notes, err := Carried(t.Context(), sources, merged.Index, repository, quick())
		if err != nil {
			t.Fatal(err)
		}
		if len(notes) != 2 || !strings.Contains(notes[0], "signature") {
			t.Errorf("notes: %v", notes)
		}
		if _, err := Publish(t.Context(), Publication{Index: merged.Index, Tags: []string{repository + ":1"}, Artifacts: papers}, quick()); err != nil {
			t.Fatal(err)
		}
		d, err := openBase(t, repository+":1").Describe(t.Context(), quick())
		if err != nil || len(d.Referrers) != 0 || len(d.Platforms) != 2 {
			t.Fatalf("%+v, %v", d, err)
		}
		for _, p := range d.Platforms {
			if len(p.Referrers) != 2 || p.Referrers[0].Type != "application/spdx+json" {
				t.Errorf("%s: %s has %+v", repository, p.Platform, p.Referrers)
			}
		}
	}
}
