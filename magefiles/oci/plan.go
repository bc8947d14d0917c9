package oci

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Index is a multi-platform image. The alias lets callers hold one without
// importing go-containerregistry.
type Index = v1.ImageIndex

// Plan says what an index shall be. It is plain data.
type Plan struct {
	// Images has one image per platform, in any order.
	Images []Image

	// Annotations of the index. Those of a common base are added by Build.
	Annotations map[string]string
}

// Image says what the image for one platform shall be.
type Image struct {
	// Platform is "os/arch" or "os/arch/variant" as OCI writes it: linux/arm64.
	Platform string

	// Base is what the layers lie on; nil is an empty file system.
	Base *Source

	// Layers from bottom to top: what changes most rarely comes first.
	Layers []*Layer

	// Config is laid over the one of the base.
	Config Config

	// Created is the time of the image, in seconds. Take it from the source
	// (SOURCE_DATE_EPOCH, else the commit), never from a clock.
	Created time.Time

	// FileTime is the time of every file in the layers, in seconds; zero means
	// Created. A fixed one keeps a layer's digest when only the commit is new.
	FileTime time.Time

	// Annotations of the image's manifest.
	Annotations map[string]string
}

// Config is what a runtime needs to know. Empty fields are inherited from the base.
type Config struct {
	// Entrypoint, if set, also discards the base's Cmd, as Docker does.
	Entrypoint []string
	Cmd        []string
	// Env is added to the base's by name.
	Env map[string]string
	// User is "uid", "uid:gid" or a name; numbers let Kubernetes check runAsNonRoot.
	User       string
	WorkingDir string
	// Ports are like "8082/tcp".
	Ports      []string
	Volumes    []string
	Labels     map[string]string
	StopSignal string
}

type plannedImage struct {
	Image
	platform v1.Platform
	created  time.Time
	fileTime time.Time
}

// sorted checks the plan and brings its images into the order of the index.
func (p Plan) sorted() ([]plannedImage, error) {
	if len(p.Images) == 0 {
		return nil, errors.New("building images: the plan has no image; name at least one platform")
	}
	images := make([]plannedImage, 0, len(p.Images))
	for _, image := range p.Images {
		planned, err := image.check()
		if err != nil {
			return nil, err
		}
		images = append(images, planned)
	}
	slices.SortFunc(images, func(a, b plannedImage) int { return strings.Compare(a.Platform, b.Platform) })
	for i := 1; i < len(images); i++ {
		if images[i].Platform == images[i-1].Platform {
			return nil, fmt.Errorf("building images: platform %q is there twice", images[i].Platform)
		}
	}
	return images, nil
}

func (i Image) check() (plannedImage, error) {
	platform, err := parsePlatform(i.Platform)
	if err != nil {
		return plannedImage{}, err
	}
	if i.Created.IsZero() {
		return plannedImage{}, fmt.Errorf("building image for %s: it has no time; take the one of the commit", i.Platform)
	}
	for _, l := range i.Layers {
		if err := l.check(); err != nil {
			return plannedImage{}, err
		}
	}
	for name := range i.Config.Env {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return plannedImage{}, fmt.Errorf("building image for %s: %q is not a name of an environment variable", i.Platform, name)
		}
	}
	if i.FileTime.IsZero() {
		i.FileTime = i.Created
	}
	return plannedImage{
		Image: i, platform: platform,
		created: i.Created.UTC().Truncate(time.Second), fileTime: i.FileTime.UTC().Truncate(time.Second),
	}, nil
}
