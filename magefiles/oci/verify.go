package oci

import (
	"context"
	"fmt"
	"strings"
)

// ProblemKind says in one word what is wrong.
type ProblemKind string

// What Verify can find.
const (
	Missing       ProblemKind = "missing"        // it is listed, and not there
	WrongBytes    ProblemKind = "wrong-bytes"    // its content has another digest
	WrongSize     ProblemKind = "wrong-size"     // it has another size than is listed
	WrongPlatform ProblemKind = "wrong-platform" // config and index name different ones
	WrongLayers   ProblemKind = "wrong-layers"   // config and manifest, or config and layer, disagree
	Unreadable    ProblemKind = "unreadable"     // it is not what its media type says
)

// Problem is one thing that is wrong with an image.
type Problem struct {
	Kind      ProblemKind `json:"kind"`
	What      string      `json:"what"` // "index", "manifest", "config", "layer", "attestation" or "referrer"
	Digest    string      `json:"digest"`
	Platforms []string    `json:"platforms,omitempty"` // that need it
	Detail    string      `json:"detail"`              // a sentence for people
}

// Verification is what Verify has looked at, and what it found.
type Verification struct {
	Name      string    `json:"name"`
	Digest    string    `json:"digest"` // of the index
	Platforms []string  `json:"platforms"`
	Manifests int       `json:"manifests"` // that were read and compared with their digests; the index is one
	Blobs     int       `json:"blobs"`     // that were looked for, each once
	Hashed    int64     `json:"hashed"`    // bytes of blobs that were read and hashed
	Referrers int       `json:"referrers"`
	Problems  []Problem `json:"problems"`
}

// Err is an error if there are problems; it names the first.
func (v Verification) Err() error {
	if len(v.Problems) == 0 {
		return nil
	}
	p := v.Problems[0]
	what := p.What
	if len(p.Platforms) > 0 {
		what += " of " + strings.Join(p.Platforms, ", ")
	}
	others := ""
	if n := len(v.Problems) - 1; n > 0 {
		others = fmt.Sprintf(" (and %d more)", n)
	}
	return fmt.Errorf("verifying %q: %s %s: %s%s; push the same build again: what is there is not sent again", v.Name, what, p.Digest, p.Detail, others)
}

// Verify walks a whole image in a registry, an OCI layout or an archive, named
// as for [Open]: the index, each manifest in it, config and layers, and what a
// registry lists as attached to them. Manifests and configs are read and
// compared with their digests. Layers are read and hashed in layouts and
// archives, and in registries if deep says so: there, they are otherwise asked
// for, and their sizes compared. Attestations in the index are checked like
// images, but need not fit a platform. Progress hears of each blob.
//
// The error says that it could not be found out; what is wrong with the image is
// in the result.
func Verify(ctx context.Context, ref string, r Remote, deep bool) (Verification, error) {
	v, err := verify(ctx, ref, r, deep)
	if err != nil {
		return v, discreet(fmt.Errorf("verifying %q: %w", ref, err))
	}
	return v, nil
}
