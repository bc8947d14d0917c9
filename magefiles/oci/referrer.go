package oci

import (
	"context"
	"errors"

	"github.com/google/go-containerregistry/pkg/name"
)

// attach pushes artifacts under their digests, as referrers of manifests that
// the repository already has. It is called after the index is there and before
// a tag moves: an image that people can find has its papers.
func attach(_ context.Context, _ name.Repository, _ Index, artifacts []Artifact, _ Remote) ([]AttachedArtifact, error) {
	if len(artifacts) > 0 {
		return nil, errors.New("attaching artifacts: not supported yet")
	}
	return nil, nil
}
