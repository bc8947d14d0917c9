package oci

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// TestCollect: images of two indexes become one, sorted, with the time and the
// annotations that are given; the layers stay what they are.
func TestCollect(t *testing.T) {
	t.Parallel()
	build := func(platform string) Index {
		tree := func(context.Context) (fs.FS, error) { return fstest.MapFS{"a": {Data: []byte("same")}}, nil }
		plan := Plan{Images: []Image{{Platform: platform, Layers: []*Layer{{Name: "l", Tree: tree, To: "/"}}, Created: time.Unix(9, 0)}}}
		index, err := Builder{Cache: Cache{Dir: t.TempDir()}}.Build(t.Context(), plan)
		if err != nil {
			t.Fatal(err)
		}
		return index
	}
	arm, amd := build("linux/arm64"), build("linux/amd64")
	created := time.Unix(1700000000, 0)
	index, err := Collect([]Index{arm, amd}, created, map[string]string{"k": "v"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := Describe(index)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Platforms) != 2 || d.Platforms[0].Platform != "linux/amd64" || d.Platforms[1].Platform != "linux/arm64" || d.Annotations["k"] != "v" {
		t.Errorf("%+v", d)
	}
	before, err := Describe(amd)
	if err != nil {
		t.Fatal(err)
	}
	row := d.Platforms[0]
	if !row.Created.Equal(created) || row.Layers[0].Digest != before.Platforms[0].Layers[0].Digest || row.Layers[0].Name != "l" {
		t.Errorf("%+v", row)
	}
	if _, err := Collect([]Index{arm, arm}, created, nil); err == nil || !strings.Contains(err.Error(), "two for linux/arm64") {
		t.Errorf("twice the same: %v", err)
	}
	if _, err := Collect(nil, created, nil); err == nil {
		t.Error("nothing was collected without an error")
	}
}
