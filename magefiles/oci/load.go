package oci

import (
	"context"
	"fmt"
	"io"

	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// DockerArchive writes one platform of an index in the format that "docker load"
// reads, under the name ref ("app:latest"). Give it the platform of the daemon,
// which need not be the one of this machine.
func DockerArchive(ctx context.Context, index Index, platform, ref string, w io.Writer) error {
	want, err := parsePlatform(platform)
	if err != nil {
		return err
	}
	tag, err := ParseTag(ref)
	if err != nil {
		return err
	}
	image, _, err := pick(index, platformName(want), ref)
	if err != nil {
		return err
	}
	if err := tarball.Write(tag, image, contextWriter{ctx, w}); err != nil {
		return fmt.Errorf("writing docker archive of %q for %s: %w", ref, platform, err)
	}
	return nil
}
