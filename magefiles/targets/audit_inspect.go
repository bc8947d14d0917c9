package targets

import (
	"archive/zip"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// inspected is one platform of what is audited.
type inspected struct {
	name, digest string
	inventory    *audit.Inventory
}

// inspect reads what somebody points at. platform is a choice of those that an
// image has, and what a tree is for.
func (j *job) inspect(ctx context.Context, image, platform string) ([]inspected, error) {
	info, err := os.Stat(image)
	folder := err == nil && info.IsDir() && !exists(filepath.Join(image, "oci-layout"))
	packed := err == nil && !info.IsDir() && isZip(image)
	if !folder && !packed {
		source, err := oci.Open(ctx, image, j.remote())
		if err != nil {
			return nil, err
		}
		return inspectIndex(ctx, source.Index, platform, everyLayer, nil)
	}
	if platform == "" {
		return nil, fmt.Errorf("auditing %q: it does not say what it is meant for: add -platform=linux/arm64", image)
	}
	tree := os.DirFS(image)
	if packed {
		z, err := zip.OpenReader(image)
		if err != nil {
			return nil, fmt.Errorf("opening %q: %w", image, err)
		}
		defer func() { _ = z.Close() }()
		tree = fs.FS(z)
	}
	inv, err := audit.InspectTree(ctx, tree, platform)
	if err != nil {
		return nil, err
	}
	return []inspected{{inventory: inv}}, nil
}

func isZip(file string) bool {
	return slices.Contains([]string{".whl", ".zip", ".egg", ".jar"}, strings.ToLower(filepath.Ext(file)))
}

// everyLayer asks inspectIndex for whole images.
const everyLayer = 0

// atOnce is how many platforms are read side by side: each takes a processor,
// and memory for the largest of its native files.
const atOnce = 2

// inspectIndex reads each platform of an index, or the one that is asked for:
// the top layers of each, or all. What memory has of a layer is not read.
func inspectIndex(ctx context.Context, index oci.Index, platform string, top int, memory audit.Memory) ([]inspected, error) {
	images, err := oci.Streams(index)
	if err != nil {
		return nil, err
	}
	if platform != "" {
		var has []string
		for _, image := range images {
			has = append(has, image.Platform)
		}
		images = slices.DeleteFunc(images, func(p oci.PlatformImage) bool { return p.Platform != platform })
		if len(images) == 0 {
			return nil, fmt.Errorf("auditing for %s: the image has only %s", platform, strings.Join(has, ", "))
		}
	}
	out := make([]inspected, len(images))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, image := range images {
		g.Go(func() error {
			inv, err := inspectImage(ctx, image, top, memory)
			if err != nil {
				return fmt.Errorf("auditing the image for %s: %w", image.Platform, err)
			}
			out[i] = inspected{image.Name, image.Digest, inv}
			return nil
		})
	}
	err = g.Wait()
	return out, err
}

func inspectImage(ctx context.Context, image oci.PlatformImage, top int, memory audit.Memory) (*audit.Inventory, error) {
	if n := len(image.Layers); top != everyLayer && n > top {
		image.Layers = image.Layers[n-top:]
	}
	var layers []audit.Layer
	for _, l := range image.Layers {
		layers = append(layers, audit.Layer{Name: l.Name, Index: l.Index, Digest: l.Digest, Open: l.Open, Memory: memory})
	}
	r := image.Runtime
	return audit.InspectImage(ctx, image.Platform, layers, &audit.Config{
		Entrypoint: r.Entrypoint, Command: r.Command, User: r.User, WorkingDir: r.WorkingDir, Env: r.Env, Ports: r.Ports,
	})
}

// sameness is what the plan promises of the image's layers: all but the base
// are ours, and what two platforms share is one layer in it.
func (p project) sameness() audit.Sameness {
	var same audit.Sameness
	plan := p.plan(xbuild.Platforms()[:2], inputs{})
	a, b := plan.Images[0].Layers, plan.Images[1].Layers
	base := len(p.baseLayers(baseTree{}))
	for i, l := range a {
		if i >= base {
			same.Own = append(same.Own, l.Name)
		}
		if l == b[i] {
			same.Shared = append(same.Shared, l.Name)
		}
	}
	return same
}

// madeOf reports whether an image has all the layers.
func madeOf(inv *audit.Inventory, names []string) bool {
	for _, name := range names {
		if !slices.ContainsFunc(inv.Layers, func(l audit.LayerFacts) bool { return l.Name == name }) {
			return false
		}
	}
	return true
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
