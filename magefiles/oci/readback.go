package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// readBack asks the registry for everything that a pull would need: manifests
// must have our bytes, and every blob must be there with its size. A success
// status of a push alone has proved to be no proof.
func (p *push1) readBack(ctx context.Context, index Index, images []v1.Image, blobs []v1.Layer) error {
	manifests := []withBytes{index}
	for _, image := range images {
		manifests = append(manifests, image)
	}
	return p.each(ctx, len(manifests)+len(blobs), func(ctx context.Context, i int) error {
		if i < len(manifests) {
			return p.manifestIsThere(ctx, manifests[i])
		}
		return p.blobIsThere(ctx, blobs[i-len(manifests)])
	})
}

func (p *push1) manifestIsThere(ctx context.Context, m withBytes) error {
	want, err := m.RawManifest()
	if err != nil {
		return err
	}
	digest, err := m.Digest()
	if err != nil {
		return err
	}
	got, _, err := p.session.manifest(ctx, digest.String())
	if err == nil && !bytes.Equal(got, want) {
		err = errOtherBytes
	}
	if err == nil {
		return nil
	}
	err = fmt.Errorf("reading back manifest %s: %w", digest, err)
	if errors.Is(err, errAbsent) || errors.Is(err, errOtherBytes) {
		return &lackError{err}
	}
	return err
}

func (p *push1) blobIsThere(ctx context.Context, l v1.Layer) error {
	want, err := describeLayer(l)
	if err != nil {
		return err
	}
	size, err := p.session.stat(ctx, want.Digest)
	if err == nil && size >= 0 && size != want.Size {
		err = fmt.Errorf("%w: %d of them, not %d", errOtherBytes, size, want.Size)
	}
	if err == nil {
		return nil
	}
	err = fmt.Errorf("looking for blob %s after it was pushed: %w", want.Digest, err)
	if errors.Is(err, errAbsent) || errors.Is(err, errOtherBytes) {
		return &lackError{err}
	}
	return err
}
