package oci

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// look checks one blob, and tells of it.
func (v *verifier) look(ctx context.Context, b *blobCheck) error {
	if err := v.check(ctx, b); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tell != nil {
		v.tell(BlobDone{Digest: b.desc.Digest.String(), Size: b.desc.Size})
	}
	return nil
}

// check goes as deep as is wanted.
func (v *verifier) check(ctx context.Context, b *blobCheck) error {
	if b.image != nil && b.desc.Size > maxDocument {
		v.problem(Unreadable, b.what, b.desc.Digest, b.platforms, "it has %d bytes, which is too much for a config", b.desc.Size)
		return nil
	}
	size, err := v.store.stat(ctx, b.desc.Digest)
	if err != nil {
		return v.finding(err, b.what, b.desc.Digest, b.platforms)
	}
	if size >= 0 && size != b.desc.Size {
		v.problem(WrongSize, b.what, b.desc.Digest, b.platforms, "it has %d bytes, and is listed with %d", size, b.desc.Size)
		return nil
	}
	if !v.deep && b.image == nil {
		return nil
	}
	return v.hash(ctx, b)
}

// hash reads a blob to its end. A layer is unpacked on the way, to be compared
// with the digest that the config has of it.
func (v *verifier) hash(ctx context.Context, b *blobCheck) error {
	r, err := v.store.open(ctx, b.desc.Digest)
	if err != nil {
		return v.finding(err, b.what, b.desc.Digest, b.platforms)
	}
	defer r.Close() //nolint:errcheck // only read from
	var kept bytes.Buffer
	h, n := sha256.New(), counter(0)
	from := io.TeeReader(contextReader{ctx, r}, io.MultiWriter(h, &n))
	var inside v1.Hash
	var broken error
	switch {
	case b.image != nil:
		_, err = kept.ReadFrom(io.LimitReader(from, maxDocument+1))
	case b.diffID != v1.Hash{}:
		inside, broken = unpackedDigest(from)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, from)
	}
	if err != nil {
		return v.finding(err, b.what, b.desc.Digest, b.platforms)
	}
	v.mu.Lock()
	v.out.Hashed += int64(n)
	v.mu.Unlock()
	switch got := sum(h); {
	case got != b.desc.Digest:
		v.problem(WrongBytes, b.what, b.desc.Digest, b.platforms, "its content is %s (%d bytes, listed with %d)", got, n, b.desc.Size)
	case int64(n) != b.desc.Size:
		v.problem(WrongSize, b.what, b.desc.Digest, b.platforms, "it has %d bytes, and is listed with %d", n, b.desc.Size)
	case broken != nil:
		v.problem(Unreadable, b.what, b.desc.Digest, b.platforms, "it cannot be unpacked: %v", broken)
	case inside != v1.Hash{} && inside != b.diffID:
		v.problem(WrongLayers, b.what, b.desc.Digest, b.platforms, "unpacked it is %s, and the config says %s", inside, b.diffID)
	case b.image != nil:
		v.config(kept.Bytes(), b)
	}
	return nil
}

// unpackedDigest is the digest of what is in a layer, whatever it is packed with.
func unpackedDigest(r io.Reader) (_ v1.Hash, err error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, _ := buffered.Peek(4) // less than that is no compressed layer
	var from io.Reader = buffered
	if pack := compression(head); pack != nil {
		z, err := pack(buffered)
		if err != nil {
			return v1.Hash{}, err
		}
		defer z.Close() //nolint:errcheck // only read from
		from = z
	}
	h := sha256.New()
	if _, err := io.Copy(h, from); err != nil {
		return v1.Hash{}, fmt.Errorf("unpacking it: %w", err)
	}
	return sum(h), nil
}
