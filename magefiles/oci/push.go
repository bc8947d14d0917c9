package oci

import (
	"context"
	"fmt"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/sync/errgroup"
)

// Pushed says what one push did.
type Pushed struct {
	Ref    string // "registry/name@digest"
	Digest string
	Sent   int64 // bytes of blobs that went over the wire
	Reused int64 // bytes of blobs that were there or came from another repository
}

// push brings an index into a repository under its digest and under no tag:
// blobs first, then the images, then the index. Afterwards all of it is read
// back and compared. Blobs that the registry has are not sent again, and those
// of a base in the same registry are mounted.
func push(ctx context.Context, index Index, repo name.Repository, r Remote) (Pushed, error) {
	digest, err := index.Digest()
	if err != nil {
		return Pushed{}, err
	}
	images, err := imagesOf(index)
	if err != nil {
		return Pushed{}, err
	}
	pusher, err := remote.NewPusher(r.options(ctx)...)
	if err != nil {
		return Pushed{}, err
	}
	p := push1{ctx: ctx, repo: repo, pusher: pusher, remote: r}
	p.out = Pushed{Ref: repo.Digest(digest.String()).Name(), Digest: digest.String()}
	if err := p.blobs(images); err != nil {
		return Pushed{}, err
	}
	for _, image := range images {
		if err := p.manifest(image); err != nil {
			return Pushed{}, err
		}
	}
	if err := p.manifest(index); err != nil {
		return Pushed{}, err
	}
	return p.out, readBack(ctx, index, images, repo, r)
}

// imagesOf lists the images of an index, attestations included.
func imagesOf(index Index) ([]v1.Image, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	var images []v1.Image
	for _, desc := range manifest.Manifests {
		if !desc.MediaType.IsImage() {
			return nil, fmt.Errorf("entry %s is a %q and no image", desc.Digest, desc.MediaType)
		}
		image, err := index.Image(desc.Digest)
		if err != nil {
			return nil, err
		}
		images = append(images, image)
	}
	return images, nil
}

// push1 is one push into one repository.
type push1 struct {
	ctx    context.Context //nolint:containedctx // lives for one call of push
	repo   name.Repository
	pusher *remote.Pusher
	remote Remote

	mu  sync.Mutex // of out, and of Progress
	out Pushed
}

// blobs uploads each distinct blob of all images once.
func (p *push1) blobs(images []v1.Image) error {
	list, err := blobsOf(images)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(p.ctx)
	g.SetLimit(p.remote.jobs())
	for _, l := range list {
		g.Go(func() error { return p.blob(ctx, l) })
	}
	return g.Wait()
}

// blobsOf lists layers and configs, each digest once.
func blobsOf(images []v1.Image) ([]v1.Layer, error) {
	var list []v1.Layer
	seen := make(map[v1.Hash]bool)
	for _, image := range images {
		layers, err := image.Layers()
		if err != nil {
			return nil, err
		}
		config, err := partial.ConfigLayer(image)
		if err != nil {
			return nil, err
		}
		for _, l := range append(layers[:len(layers):len(layers)], config) {
			digest, err := l.Digest()
			if err != nil {
				return nil, err
			}
			if !seen[digest] {
				seen[digest] = true
				list = append(list, l)
			}
		}
	}
	return list, nil
}

func (p *push1) blob(ctx context.Context, l v1.Layer) error {
	desc, err := describeLayer(l)
	if err != nil {
		return err
	}
	counted := &countedLayer{Layer: l}
	var send v1.Layer = counted
	if m, ok := l.(*remote.MountableLayer); ok {
		counted.Layer = m.Layer
		send = &remote.MountableLayer{Layer: counted, Reference: m.Reference}
	}
	if err := p.pusher.Upload(ctx, p.repo, send); err != nil {
		return fmt.Errorf("sending blob %s: %w", desc.Digest, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	sent := counted.total()
	if p.out.Sent += sent; sent == 0 {
		p.out.Reused += desc.Size
	}
	if p.remote.Progress != nil {
		p.remote.Progress(BlobDone{Digest: desc.Digest.String(), Size: desc.Size, Sent: sent})
	}
	return nil
}

func (p *push1) manifest(m interface {
	remote.Taggable
	Digest() (v1.Hash, error)
},
) error {
	digest, err := m.Digest()
	if err != nil {
		return err
	}
	if err := p.pusher.Put(p.ctx, p.repo.Digest(digest.String()), m); err != nil {
		return fmt.Errorf("sending manifest %s: %w", digest, err)
	}
	return nil
}
