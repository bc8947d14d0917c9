package oci

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/sync/errgroup"
)

// readBack asks the registry for everything that a pull would need: manifests
// must have our bytes, and every blob must be there with its size. A success
// status of a push alone has proved to be no proof.
func readBack(ctx context.Context, index Index, images []v1.Image, repo name.Repository, r Remote) error {
	puller, err := remote.NewPuller(r.options(ctx)...)
	if err != nil {
		return err
	}
	b := readBack1{puller: puller, repo: repo}
	if err := b.manifest(ctx, index); err != nil {
		return err
	}
	for _, image := range images {
		if err := b.manifest(ctx, image); err != nil {
			return err
		}
	}
	blobs, err := blobsOf(images)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.jobs())
	for _, l := range blobs {
		g.Go(func() error { return b.blob(ctx, l) })
	}
	return g.Wait()
}

type readBack1 struct {
	puller *remote.Puller
	repo   name.Repository
}

func (b readBack1) manifest(ctx context.Context, m interface {
	RawManifest() ([]byte, error)
	Digest() (v1.Hash, error)
},
) error {
	want, err := m.RawManifest()
	if err != nil {
		return err
	}
	digest, err := m.Digest()
	if err != nil {
		return err
	}
	got, err := b.puller.Get(ctx, b.repo.Digest(digest.String()))
	if err != nil {
		return fmt.Errorf("reading back manifest %s: %w", digest, err)
	}
	if !bytes.Equal(got.Manifest, want) {
		return fmt.Errorf("reading back manifest %s: the registry returned other bytes than were pushed", digest)
	}
	return nil
}

func (b readBack1) blob(ctx context.Context, l v1.Layer) error {
	want, err := describeLayer(l)
	if err != nil {
		return err
	}
	there, err := b.puller.Layer(ctx, b.repo.Digest(want.Digest.String()))
	if err != nil {
		return fmt.Errorf("looking for blob %s: %w", want.Digest, err)
	}
	size, err := there.Size()
	if err != nil {
		return fmt.Errorf("looking for blob %s in the registry after it was pushed: %w", want.Digest, err)
	}
	if size != want.Size {
		return fmt.Errorf("looking for blob %s in the registry: it has %d bytes, not %d", want.Digest, size, want.Size)
	}
	return nil
}
