package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/noetl/noetl/magefiles/kube"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// deployedImage is an image, pinned to what it was when it was looked at.
type deployedImage struct {
	asked     string // as it was given
	digest    string
	platforms []string
	index     oci.Index
	file      bool // from a folder or an archive here: it is loaded into the cluster

	name            string // in the manifests: repository, or a name on the nodes
	byDigest, byTag string // one of them
}

// pinned is how a container names it.
func (i deployedImage) pinned() string {
	if i.byDigest != "" {
		return i.name + "@" + i.byDigest
	}
	return i.name + ":" + i.byTag
}

// resolve finds out what the image is. An image from here can only be loaded
// into a cluster that is here.
func (d *deployment) resolve(ctx context.Context) error {
	ref := d.deployFlags.image
	if ref == "" && !d.isLocal {
		return errors.New("deploying: -image=… is missing: give a reference such as ghcr.io/owner/name:tag")
	}
	if ref == "" {
		ref = d.path("dist/images/" + d.Image)
	}
	d.image = deployedImage{asked: ref, file: exists(ref) || strings.HasPrefix(ref, "oci:") || strings.HasPrefix(ref, "docker-archive:") || strings.HasPrefix(ref, "oci-archive:")}
	if d.image.file && !d.isLocal {
		return fmt.Errorf("deploying %q to %q: that cluster pulls from a registry; publish it with images -push -registry=… and give the reference", d.short(ref), d.context)
	}
	source, err := oci.Open(ctx, ref, d.remote())
	if err != nil {
		return err
	}
	whole := ref
	if !d.image.file { // the tag may be moved while we look
		parsed, err := oci.ParseReference(ref)
		if err != nil {
			return err
		}
		whole = parsed.Context().Name() + "@" + source.Digest
	}
	verified, err := oci.Verify(ctx, whole, d.remote(), false)
	if err == nil {
		err = verified.Err()
	}
	if err != nil {
		return err
	}
	if d.image.platforms = verified.Platforms; len(d.image.platforms) == 0 {
		return fmt.Errorf("reading image %q: it has no image of any platform", ref)
	}
	d.image.digest, d.image.index = source.Digest, source.Index
	if d.image.file {
		// No digest names an image that was loaded; a tag with its digest in it means one image, too.
		d.image.name = "docker.io/library/" + d.Image
		d.image.byTag = "sha256-" + strings.TrimPrefix(source.Digest, "sha256:")[:16]
		return nil
	}
	d.image.name, d.image.byDigest, _ = strings.Cut(whole, "@")
	if host, _, _ := strings.Cut(d.image.name, "/"); !d.isLocal && (strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "127.")) {
		d.show.Warn(fmt.Sprintf("the nodes of %s will look for %s on themselves", d.context, host))
	}
	return nil
}

// load puts an image from here on the nodes of a cluster that is here, for their
// architecture.
func (d *deployment) load(ctx context.Context) error {
	if !d.image.file {
		return nil
	}
	return d.show.Step(ctx, "load", func(ctx context.Context, s *report.Step) error {
		fit := kube.Fits(d.nodes, d.image.platforms)
		platform := fit.Run[0].Platform
		for _, n := range fit.Run {
			if n.Platform != platform {
				return fmt.Errorf("loading the image: the nodes of %q are of several architectures; push it to a registry, and give the reference", d.context)
			}
		}
		s.Detail(platform + " into " + d.local.Tool)
		archive := filepath.Join(d.dir, "image.tar")
		if err := writeArchive(archive, func(w io.Writer) error {
			return oci.DockerArchive(ctx, d.image.index, platform, d.image.pinned(), w)
		}); err != nil {
			return err
		}
		name, args := d.local.Load(archive)
		tool, err := d.look()(name)
		if err != nil {
			return fmt.Errorf("loading the image into %q: %s, which made that cluster, is not on the PATH: %w", d.context, name, err)
		}
		if err := d.run(ctx, xbuild.Cmd{Name: tool, Args: args, Stdout: s.Log(), Stderr: s.Log()}); err != nil {
			return fmt.Errorf("loading the image into %q: %w", d.context, err)
		}
		return os.Remove(archive)
	})
}

func writeArchive(file string, write func(io.Writer) error) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("writing %q: %w", file, err)
	}
	return errors.Join(write(f), f.Close())
}
