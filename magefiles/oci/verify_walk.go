package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"
)

// store is a place that images are kept in. What is not there is errAbsent; of
// manifests whose content has another digest the error is errOtherBytes.
type store interface {
	read(ctx context.Context, digest v1.Hash) ([]byte, error) // a manifest
	stat(ctx context.Context, digest v1.Hash) (int64, error)  // of a blob; -1 is not known
	open(ctx context.Context, digest v1.Hash) (io.ReadCloser, error)
	referrers(ctx context.Context, digest v1.Hash) ([]v1.Descriptor, error)
}

// verifier walks one image. The manifests come first, one after the other; the
// blobs that they name are then looked at together.
type verifier struct {
	store store
	deep  bool
	jobs  int
	tell  func(BlobDone)

	mu    sync.Mutex // of what follows
	out   Verification
	blobs map[v1.Hash]*blobCheck
	order []v1.Hash
	seen  map[v1.Hash]bool // manifests
}

// blobCheck is a blob and who needs it.
type blobCheck struct {
	desc      v1.Descriptor
	what      string
	platforms []string
	diffID    v1.Hash // of a layer, if the config has one
	image     *imageCheck
}

// imageCheck is what a config has to agree with.
type imageCheck struct {
	platform *v1.Platform // that the index says; nil if it need not fit
	layers   []v1.Descriptor
}

func newVerifier(s store, name string, deep bool, r Remote) *verifier {
	return &verifier{
		store: s, deep: deep, jobs: r.jobs(), tell: r.Progress,
		out:   Verification{Name: name, Problems: []Problem{}, Platforms: []string{}},
		blobs: make(map[v1.Hash]*blobCheck), seen: make(map[v1.Hash]bool),
	}
}

func (v *verifier) problem(kind ProblemKind, what string, digest v1.Hash, platforms []string, format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.out.Problems = append(v.out.Problems, Problem{
		Kind: kind, What: what, Digest: digest.String(), Platforms: platforms, Detail: fmt.Sprintf(format, args...),
	})
}

// finding turns an error of the store into a problem, if it is one.
func (v *verifier) finding(err error, what string, digest v1.Hash, platforms []string) error {
	switch {
	case errors.Is(err, errAbsent):
		v.problem(Missing, what, digest, platforms, "it is not there")
	case errors.Is(err, errOtherBytes):
		v.problem(WrongBytes, what, digest, platforms, "its content has another digest")
	default:
		return fmt.Errorf("reading %s %s: %w", what, digest, err)
	}
	return nil
}

// walk reads a manifest and goes on to what it lists.
func (v *verifier) walk(ctx context.Context, desc v1.Descriptor, what string, platform *v1.Platform, depth int) error {
	var platforms []string
	if platform != nil {
		platforms = []string{platformName(*platform)}
	}
	if v.seen[desc.Digest] {
		return nil
	}
	v.seen[desc.Digest] = true
	raw, err := v.store.read(ctx, desc.Digest)
	if err != nil {
		return v.finding(err, what, desc.Digest, platforms)
	}
	v.out.Manifests++
	if desc.Size != int64(len(raw)) {
		v.problem(WrongSize, what, desc.Digest, platforms, "it has %d bytes, and is listed with %d", len(raw), desc.Size)
	}
	if what != "referrer" {
		if err := v.attached(ctx, desc.Digest); err != nil {
			return err
		}
	}
	switch {
	case desc.MediaType.IsIndex() && depth < maxDepth:
		return v.index(ctx, desc, raw, what, depth)
	case desc.MediaType.IsImage():
		v.manifest(desc, raw, what, platform, platforms)
	default:
		v.problem(Unreadable, what, desc.Digest, platforms, "its media type is %q, which is neither an index nor an image", desc.MediaType)
	}
	return nil
}

func (v *verifier) index(ctx context.Context, desc v1.Descriptor, raw []byte, what string, depth int) error {
	index, err := v1.ParseIndexManifest(bytes.NewReader(raw))
	if err != nil {
		v.problem(Unreadable, what, desc.Digest, nil, "it is no index: %v", err)
		return nil
	}
	for _, child := range index.Manifests {
		what, platform := "manifest", child.Platform
		switch {
		case isAttestation(child):
			what, platform = "attestation", nil
		case platform != nil:
			v.out.Platforms = append(v.out.Platforms, platformName(*platform))
		}
		if err := v.walk(ctx, child, what, platform, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// manifest notes the blobs of an image.
func (v *verifier) manifest(desc v1.Descriptor, raw []byte, what string, platform *v1.Platform, platforms []string) {
	m, err := v1.ParseManifest(bytes.NewReader(raw))
	if err != nil {
		v.problem(Unreadable, what, desc.Digest, platforms, "it is no manifest: %v", err)
		return
	}
	kinds := [2]string{"config", "layer"}
	if what != "manifest" {
		kinds = [2]string{what, what}
	}
	config := v.blob(m.Config, kinds[0], platforms)
	if m.Config.MediaType.IsConfig() && what == "manifest" {
		config.image = &imageCheck{platform: platform, layers: m.Layers}
	}
	for _, l := range m.Layers {
		if l.MediaType.IsDistributable() { // others lie elsewhere
			v.blob(l, kinds[1], platforms)
		}
	}
}

func (v *verifier) blob(desc v1.Descriptor, what string, platforms []string) *blobCheck {
	b, ok := v.blobs[desc.Digest]
	if !ok {
		b = &blobCheck{desc: desc, what: what}
		v.blobs[desc.Digest] = b
		v.order = append(v.order, desc.Digest)
	}
	if ok && b.desc.Size != desc.Size {
		v.problem(WrongSize, what, desc.Digest, platforms, "it is listed with %d bytes, and elsewhere with %d", desc.Size, b.desc.Size)
	}
	for _, p := range platforms {
		if !slices.Contains(b.platforms, p) {
			b.platforms = append(b.platforms, p)
		}
	}
	return b
}

// attached walks what is listed as attached to a manifest.
func (v *verifier) attached(ctx context.Context, digest v1.Hash) error {
	list, err := v.store.referrers(ctx, digest)
	if err != nil {
		return fmt.Errorf("asking what is attached to %s: %w", digest, err)
	}
	for _, desc := range list {
		v.out.Referrers++
		if err := v.walk(ctx, desc, "referrer", nil, maxDepth); err != nil {
			return err
		}
	}
	return nil
}

// all looks at the blobs: at configs first, because they know what is in layers.
func (v *verifier) all(ctx context.Context) error {
	for _, configs := range []bool{true, false} {
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(v.jobs)
		for _, digest := range v.order {
			if b := v.blobs[digest]; (b.image != nil) == configs {
				g.Go(func() error { return v.look(ctx, b) })
			}
		}
		if err := g.Wait(); err != nil {
			return err
		}
	}
	v.out.Blobs = len(v.order)
	return nil
}

// config compares a config with its manifest and with the index.
func (v *verifier) config(raw []byte, b *blobCheck) {
	var config v1.ConfigFile
	if err := json.Unmarshal(raw, &config); err != nil {
		v.problem(Unreadable, b.what, b.desc.Digest, b.platforms, "it is no config: %v", err)
		return
	}
	says := v1.Platform{OS: config.OS, Architecture: config.Architecture, Variant: config.Variant}
	if want := b.image.platform; want != nil && platformName(says) != platformName(*want) {
		v.problem(WrongPlatform, b.what, b.desc.Digest, b.platforms, "it says %s, and the index says %s", platformName(says), platformName(*want))
	}
	if have, want := len(config.RootFS.DiffIDs), len(b.image.layers); have != want {
		v.problem(WrongLayers, b.what, b.desc.Digest, b.platforms, "it lists %d layers, and the manifest %d", have, want)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for i, l := range b.image.layers {
		if check, ok := v.blobs[l.Digest]; ok {
			check.diffID = config.RootFS.DiffIDs[i]
		}
	}
	if b.image.platform == nil { // an image without an index
		v.out.Platforms = append(v.out.Platforms, platformName(says))
	}
}

// kindOf guesses the media type of a manifest that nobody has told.
func kindOf(raw []byte) types.MediaType {
	var m struct {
		MediaType types.MediaType `json:"mediaType"`
		Manifests json.RawMessage `json:"manifests"`
	}
	switch err := json.Unmarshal(raw, &m); {
	case err == nil && m.MediaType != "":
		return m.MediaType
	case err == nil && m.Manifests != nil:
		return types.OCIImageIndex
	}
	return types.OCIManifestSchema1
}
