package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Layer is one layer of an image.
type Layer struct {
	Name   string // what its maker calls it; may be empty
	Index  int    // its place in the image, 0 at the bottom; they are wanted in order
	Digest string // of the compressed blob; may be empty
	// Open begins the layer's uncompressed tar stream. The stream is read to
	// its end, so that a reader which checks a digest gets to see all of it.
	Open func() (io.ReadCloser, error)

	Memory Memory // of layers by Digest; nil reads the layer
}

// InspectImage reads what a container of the image would see: layers are read
// in order, bottom first, and what a later one removes or replaces is not there.
// platform is what the image's config says, as in "linux/arm64"; config may be
// nil. If the first layer is not the bottom one, the inventory is Partial.
//
// The layers are streamed; nothing is unpacked but, one at a time, native files
// and archives that are too large for memory. Memory grows with the number of
// files and the length of their paths, not with sizes. An error means that the
// image could not be read, and says where.
func InspectImage(ctx context.Context, platform string, layers []Layer, config *Config) (*Inventory, error) {
	if _, err := parsePlatform(platform); err != nil {
		return nil, err
	}
	defer frugal()()
	inv, err := inspectLayers(ctx, platform, layers, config)
	if !errors.Is(err, errOther) {
		return inv, err
	}
	layers = slices.Clone(layers)
	for i, l := range layers {
		if l.Memory != nil {
			layers[i].Memory = forgetful{l.Memory} // what it is given now fits, until the layers below are other ones again
		}
	}
	return inspectLayers(ctx, platform, layers, config)
}

// forgetful is a memory that has nothing yet.
type forgetful struct{ Memory }

func (forgetful) Load(string) []byte { return nil }

func inspectLayers(ctx context.Context, platform string, layers []Layer, config *Config) (*Inventory, error) {
	inv := &Inventory{Platform: platform, Config: config, Partial: len(layers) > 0 && layers[0].Index > 0}
	root, c := newRootfs(), newContents()
	for i, l := range layers {
		root.begin(i)
		if err := readLayer(ctx, l, root, c, &inv.Stats); err != nil {
			return nil, fmt.Errorf("auditing layer %d %q: %w", l.Index, l.Name, err)
		}
		if err := root.end(); err != nil {
			return nil, fmt.Errorf("auditing layer %d %q: %w", l.Index, l.Name, err)
		}
		inv.Layers = append(inv.Layers, LayerFacts{Name: l.Name, Index: l.Index, Digest: l.Digest})
		inv.Stats.Layers++
	}
	inv.Files, inv.Removed = root.files, root.missed()
	inv.name(c.shared)
	return inv, nil
}

// name fills in the names of each file. One array holds those of the files that
// have only one: there may be a million.
func (inv *Inventory) name(shared map[*Content]bool) {
	single := make([]string, 0, len(inv.Files))
	for p, e := range inv.Files {
		switch {
		case e.File == nil:
		case shared[e.File]:
			e.File.Names = append(e.File.Names, p)
		default:
			single = append(single, p)
			e.File.Names = single[len(single)-1 : len(single) : len(single)]
		}
	}
	for file := range shared {
		if file != nil {
			slices.Sort(file.Names)
		}
	}
}
