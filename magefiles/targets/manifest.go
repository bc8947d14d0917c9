package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// manifestFlags are the flags of Manifest as they came.
type manifestFlags struct {
	image, platform, from, platforms, registry, tag, output string
	verify, sign, json                                      bool
}

// manifest shows an image, or checks all of it, or copies one platform of it; or
// merges parts into one index.
func (j *job) manifest(ctx context.Context, f manifestFlags) error {
	if f.json { // what is printed is for a program
		j.show = report.New(io.Discard, report.Options{LogDir: j.path("dist/logs")})
	}
	switch {
	case f.from != "" && f.image != "":
		return errors.New("-from merges parts into a new index, and -image shows one that is there: give one of them")
	case f.verify && (f.tag != "" || f.output != "" || f.from != "" || f.platform != ""):
		return errors.New("-verify checks all of one image and changes nothing: of the other flags only -image and -json go with it")
	case f.sign && f.tag == "" && f.from == "":
		return errors.New("-sign signs what is published: it goes with -from, or with -platform and -tag")
	case f.from != "":
		return j.merge(ctx, f)
	case f.image == "":
		return errors.New("showing an image: -image=… is missing: give a reference such as ghcr.io/owner/name:tag, or the folder of an OCI layout; or -from=… to merge parts")
	case f.platforms != "":
		return errors.New("-platforms says what a merged index has to hold: it goes with -from; to look at one platform of an image: -platform=linux/arm64")
	case f.output != "":
		return j.copyOut(ctx, f)
	case f.tag != "" && f.platform == "":
		return fmt.Errorf("tagging a whole image is merging one part: write -from=%s -tag=%s; for one platform of it add -platform=linux/arm64", f.image, f.tag)
	case f.tag != "":
		return j.copyOne(ctx, f)
	case f.verify:
		return j.verify(ctx, f)
	}
	return j.showImage(ctx, f)
}

// selected opens the image, or the one platform of it that is asked for.
func (j *job) selected(ctx context.Context, f manifestFlags) (*oci.Source, oci.Index, error) {
	source, err := oci.Open(ctx, f.image, j.remote())
	if err != nil || f.platform == "" {
		if err != nil {
			return nil, nil, err
		}
		return source, source.Index, nil
	}
	index, err := oci.Select(source.Index, f.platform)
	return source, index, err
}

// repository is where tags go: what the flag says, else where the image is, else
// what the environment says.
func (j *job) repository(flag string, from []string) (string, error) {
	registry := flag
	if registry == "" {
		if len(from) == 1 {
			return from[0], nil
		}
		registry = j.setting("", "REGISTRY", "")
	}
	switch {
	case registry == "" && len(from) > 0:
		return "", fmt.Errorf("publishing: the parts lie in %s: say where the image shall be with -registry=", strings.Join(from, " and in "))
	case registry == "":
		return "", errors.New("publishing: nothing says where to: add -registry=ghcr.io/YOU")
	}
	ref, err := oci.Reference(registry, j.Image, "x")
	return strings.TrimSuffix(ref, ":x"), err
}

// refsIn are full references of the tags in a repository.
func refsIn(repository string, tags []string) ([]string, error) {
	refs := make([]string, len(tags))
	for i, tag := range tags {
		if err := oci.CheckTag(tag); err != nil {
			return nil, err
		}
		refs[i] = repository + ":" + tag
	}
	return refs, nil
}
