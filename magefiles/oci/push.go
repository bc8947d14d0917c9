package oci

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"
)

// Pushed says what one push did.
type Pushed struct {
	Ref    string // "registry/name@digest"
	Digest string
	Sent   int64 // bytes of blobs that went over the wire
	Reused int64 // bytes of blobs that were there or came from another repository
}

// push1 is one push into one repository.
type push1 struct {
	ctx     context.Context //nolint:containedctx // lives for one call of push
	session *session
	from    *name.Repository // that has all blobs already, in the same registry

	attached []AttachedArtifact

	mu   sync.Mutex // of what follows, and of Progress
	sent map[v1.Hash]int64
	size map[v1.Hash]int64
}

// newPush logs in for pushing. Of the layers some may be mounted from elsewhere.
func newPush(ctx context.Context, repo name.Repository, r Remote, layers []v1.Layer, from *name.Repository) (*push1, error) {
	s, err := r.session(ctx, repo, transport.PushScope, mountable(repo, layers, from)...)
	if err != nil {
		return nil, err
	}
	return &push1{ctx: ctx, session: s, from: from, sent: make(map[v1.Hash]int64), size: make(map[v1.Hash]int64)}, nil
}

// mountable lists the repositories, in the same registry, that layers come from.
func mountable(repo name.Repository, layers []v1.Layer, from *name.Repository) []name.Repository {
	var out []name.Repository
	seen := map[string]bool{repo.Name(): true}
	add := func(r name.Repository) {
		if r.RegistryStr() == repo.RegistryStr() && !seen[r.Name()] {
			seen[r.Name()] = true
			out = append(out, r)
		}
	}
	if from != nil {
		add(*from)
	}
	for _, l := range layers {
		if m, ok := l.(*remote.MountableLayer); ok {
			add(m.Reference.Context())
		}
	}
	return out
}

// push brings an index into a repository under its digest and under no tag:
// blobs first, then the images, then the index, then what is attached to it,
// while all of it is read back and compared. What the registry turns out to
// lack although it has been sent (there are clean-up jobs, and commits that were
// acknowledged and lost) is sent once more. From is a repository that has just
// got the same index.
func push(ctx context.Context, what Publication, repo name.Repository, r Remote, from *name.Repository) (*push1, error) {
	images, err := imagesOf(what.Index)
	if err != nil {
		return nil, err
	}
	blobs, err := blobsOf(images)
	if err != nil {
		return nil, err
	}
	p, err := newPush(ctx, repo, r, blobs, from)
	if err != nil {
		return nil, err
	}
	b := newBudget(r.Patience, r.Waiting)
	for {
		err := p.all(what, images, blobs)
		if err == nil || !lacks(err) {
			return p, err
		}
		if err := b.again(ctx, err); err != nil {
			return p, err
		}
	}
}

// lackError is about something that the registry should have by now, and has not.
type lackError struct{ err error }

func (e *lackError) Error() string { return e.err.Error() }
func (e *lackError) Unwrap() error { return e.err }

func lacks(err error) bool { return errors.As(err, new(*lackError)) }

// all does everything in its order. Doing it again costs little: what is there is
// found to be there.
func (p *push1) all(what Publication, images []v1.Image, blobs []v1.Layer) error {
	if err := p.blobs(blobs); err != nil {
		return err
	}
	err := p.each(p.ctx, len(images), func(ctx context.Context, i int) error { return p.manifest(ctx, images[i]) })
	if err != nil {
		return err
	}
	if err := p.manifest(p.ctx, what.Index); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(p.ctx)
	g.Go(func() (err error) {
		p.attached, err = attach(ctx, p.session.repo, what.Index, what.Artifacts, p.session.remote)
		return err
	})
	g.Go(func() error { return p.readBack(ctx, what.Index, images, blobs) })
	return g.Wait()
}

func (p *push1) pushed(repo name.Repository, digest v1.Hash) Pushed {
	out := Pushed{Ref: repo.Digest(digest.String()).Name(), Digest: digest.String()}
	for h, sent := range p.sent {
		if out.Sent += sent; sent == 0 {
			out.Reused += p.size[h]
		}
	}
	return out
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

// blobs uploads what is not there, some at the same time.
func (p *push1) blobs(list []v1.Layer) error {
	return p.each(p.ctx, len(list), func(ctx context.Context, i int) error { return p.blob(ctx, list[i]) })
}

// each does something to n things, some at the same time. The first error ends it.
func (p *push1) each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(p.session.remote.jobs())
	for i := range n {
		g.Go(func() error { return do(ctx, i) })
	}
	return g.Wait()
}

func (p *push1) blob(ctx context.Context, l v1.Layer) error {
	desc, err := describeLayer(l)
	if err != nil {
		return err
	}
	sent, err := p.session.send(ctx, l, p.from)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent[desc.Digest] += sent
	if err != nil {
		return fmt.Errorf("sending blob %s: %w", desc.Digest, err)
	}
	_, again := p.size[desc.Digest]
	p.size[desc.Digest] = desc.Size
	if tell := p.session.remote.Progress; tell != nil && (!again || sent > 0) {
		tell(BlobDone{Digest: desc.Digest.String(), Size: desc.Size, Sent: sent})
	}
	return nil
}

// withBytes is an image, an index or another thing with a manifest.
type withBytes interface {
	RawManifest() ([]byte, error)
	Digest() (v1.Hash, error)
	MediaType() (types.MediaType, error)
}

// manifest stores a manifest under its digest.
func (p *push1) manifest(ctx context.Context, m withBytes) error {
	digest, err := m.Digest()
	if err != nil {
		return err
	}
	raw, err := m.RawManifest()
	if err != nil {
		return err
	}
	kind, err := m.MediaType()
	if err != nil {
		return err
	}
	if err := p.session.put(ctx, digest.String(), kind, raw); err != nil {
		err = fmt.Errorf("sending manifest %s: %w", digest, err)
		if says(err, transport.ManifestBlobUnknownErrorCode, transport.BlobUnknownErrorCode, transport.ManifestUnknownErrorCode) {
			return &lackError{err}
		}
		return err
	}
	return nil
}
