package targets

import (
	"errors"
	"io"
	"testing"
	"testing/fstest"

	"github.com/noetl/noetl/magefiles/oci"
)

// TestLearners: of a layer that was made just now, or by an earlier build, nothing is read again.
func TestLearners(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	ctx := t.Context()
	plan := oci.Plan{Images: []oci.Image{{Platform: "linux/amd64", Created: fileTime(), Layers: []*oci.Layer{{Name: "app", To: "/", Tree: oci.FS(fstest.MapFS{
		"usr/bin/app":                 {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
		"site/x-1.dist-info/RECORD":   {Data: []byte("x.py,,\n")},
		"site/x-1.dist-info/METADATA": {Data: []byte("Name: x\n")},
		"site/x.py":                   {Data: []byte("1")},
	})}}}}}
	index, err := oci.Builder{Cache: j.layers(), Readers: j.learners(order{attest: true})}.Build(ctx, plan)
	if err != nil {
		t.Fatal(err)
	}
	images, err := oci.Streams(index)
	if err != nil {
		t.Fatal(err)
	}
	layer := images[0].Layers[0]
	layer.Open = func() (io.ReadCloser, error) { return nil, errors.New("it is read again") }
	images[0].Layers[0] = layer
	memory, err := j.layerMemory()
	if err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"in this build", "in the next"} {
		content, err := j.layerContent(ctx, layer)
		if err != nil || len(content.Files) != 4 || content.Texts["site/x-1.dist-info/METADATA"] == "" {
			t.Errorf("%s the bill has %+v; %v", when, content, err)
		}
		lists, err := j.listsOf(ctx, layer)
		if err != nil || lists.Sizes["/site/x.py"] != 1 || len(lists.Lists) != 1 {
			t.Errorf("%s the report has %+v; %v", when, lists, err)
		}
		inventory, err := inspectImage(ctx, images[0], everyLayer, memory)
		if err != nil || inventory.Files["/usr/bin/app"] == nil {
			t.Errorf("%s the audit has %+v; %v", when, inventory, err)
		}
		clear(j.read.by)
	}
}
