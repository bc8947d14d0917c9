package oci

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Source is an image that somebody has made: a base, or something to look at.
type Source struct {
	Name   string // as it was asked for
	Digest string // what the name meant when it was opened; it is asked for once
	Index  Index  // for a single image, an index around it

	ref name.Reference // nil unless it came from a registry
}

// Open reads an image from a folder with an OCI layout ("dist/images/app",
// "oci:dist/images/app"), from an archive that "docker save" has written or one
// of a layout ("app.tar", "docker-archive:app.tar", "oci-archive:app.tar"), or
// from a registry ("debian:trixie-slim"). Of an archive of several images the
// Index has all, and Streams their names. Layers are read when they are asked
// for, with this context: it must outlive the Source.
func Open(ctx context.Context, ref string, r Remote) (*Source, error) {
	switch where, path := locate(ref); where {
	case inLayout:
		return openLayout(path)
	case inArchive:
		return openArchive(path)
	}
	source, err := openRemote(ctx, ref, r)
	return source, discreet(err)
}

// place is where an image can be.
type place int

const (
	inRegistry place = iota
	inLayout
	inArchive
)

// locate decides where what a person has named is, and takes off the prefix
// that says so.
func locate(ref string) (place, string) {
	if dir, ok := strings.CutPrefix(ref, "oci:"); ok {
		return inLayout, dir
	}
	for _, kind := range []string{"docker-archive:", "oci-archive:"} {
		if file, ok := strings.CutPrefix(ref, kind); ok {
			return inArchive, file
		}
	}
	if info, err := os.Stat(ref); err == nil && info.Mode().IsRegular() {
		return inArchive, ref
	}
	if looksLikePath(ref) {
		return inLayout, ref
	}
	return inRegistry, ref
}

// looksLikePath decides without asking the network. A folder that is there is
// meant; so is what can be no reference, because Docker Hub, which needs no host
// name, has exactly two levels; what ends as files do; and what would be in a
// folder that is there. A mistyped path is not to be asked for on the internet.
func looksLikePath(ref string) bool {
	if info, err := os.Stat(ref); err == nil && info.IsDir() {
		return true
	}
	if strings.HasPrefix(ref, ".") || strings.HasPrefix(ref, "/") || strings.Contains(ref, `\`) || filepath.IsAbs(ref) {
		return true
	}
	host, rest, found := strings.Cut(ref, "/")
	switch {
	case found && isHost(host):
		return false
	case endsAsFile(ref):
		return true
	case !found:
		return false
	}
	info, err := os.Stat(host)
	return strings.Contains(rest, "/") || err == nil && info.IsDir()
}

// endsAsFile reports whether a name has the extension of what people have lying
// about and try to open.
func endsAsFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".tar", ".tgz", ".gz", ".xz", ".zst", ".zip", ".whl", ".egg", ".jar", ".json", ".so", ".exe", ".deb":
		return true
	}
	return false
}

func openLayout(dir string) (*Source, error) {
	index, digest, err := readLayout(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("opening image %q: there is no OCI layout and no such file; build it first, or write the registry's host name if one is meant (docker.io/…): %w", dir, err)
	case err != nil:
		return nil, fmt.Errorf("opening image %q: %w", dir, err)
	}
	return &Source{Name: dir, Digest: digest.String(), Index: index}, nil
}

func openRemote(ctx context.Context, ref string, r Remote) (*Source, error) {
	parsed, err := ParseReference(ref)
	if err != nil {
		return nil, err
	}
	desc, err := remote.Get(parsed, r.options(ctx)...)
	if err != nil {
		return nil, fmt.Errorf("opening image %q: %w", ref, err)
	}
	s := &Source{Name: ref, Digest: desc.Digest.String(), ref: parsed}
	switch {
	case desc.MediaType.IsIndex():
		s.Index, err = desc.ImageIndex()
	case desc.MediaType.IsImage():
		var image v1.Image
		if image, err = desc.Image(); err == nil {
			s.Index, err = indexOf(image)
		}
	default:
		err = fmt.Errorf("it is a %q and no image", desc.MediaType)
	}
	if err != nil {
		return nil, fmt.Errorf("opening image %q: %w", ref, err)
	}
	return s, nil
}

// indexOf puts a single image into an index, by the platform of its config.
func indexOf(image v1.Image) (Index, error) {
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	add := mutate.IndexAddendum{Add: image}
	add.Platform = config.Platform()
	return mutate.AppendManifests(empty.Index, add), nil
}
