package oci_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing/fstest"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
)

// The digests below change when the bytes of layers or manifests do, whoever
// builds and wherever. If that was intended, raise layerFormat in cache.go.
func ExampleBuilder_Build() {
	cache, err := os.MkdirTemp("", "oci")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(cache)

	page := &oci.Layer{Name: "page", To: "/srv", Tree: oci.FS(fstest.MapFS{
		"index.html": {Data: []byte(strings.Repeat("<p>Hello, every machine</p>\n", 5000))},
		"Ä/run":      {Data: []byte("#!/bin/sh\n"), Mode: 0o755},
	})}
	image := func(platform string) oci.Image {
		return oci.Image{Platform: platform, Layers: []*oci.Layer{page}, Created: time.Unix(0, 0)}
	}
	index, err := oci.Builder{Cache: oci.Cache{Dir: cache}}.Build(context.Background(), oci.Plan{
		Images: []oci.Image{image("linux/amd64"), image("linux/arm64")},
	})
	if err != nil {
		panic(err)
	}
	description, err := oci.Describe(index)
	if err != nil {
		panic(err)
	}
	fmt.Println(description.Digest)
	for _, row := range description.Platforms {
		fmt.Println(row.Platform, row.Layers[0].Name, row.Layers[0].Digest, row.Layers[0].Shared)
	}
	// Output:
	// sha256:86b0a187f772578d1aa9cbc45f0ea56313dccedd22b0615633284c2dae8a9e8a
	// linux/amd64 page sha256:4271f9985b8f3a94b868209475bc70fdd0b49f83fd5874972cf79bd0e9b91d91 true
	// linux/arm64 page sha256:4271f9985b8f3a94b868209475bc70fdd0b49f83fd5874972cf79bd0e9b91d91 true
}
