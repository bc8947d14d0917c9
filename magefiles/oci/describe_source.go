package oci

import (
	"context"
	"errors"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"
)

// Repository is where the image lies, "host/name"; "" if it is on this machine.
func (s *Source) Repository() string {
	if s.ref == nil {
		return ""
	}
	return s.ref.Context().Name()
}

// Describe is Describe of what was opened, with what a registry has attached to
// it. A registry that does not say is no error: a note tells of it.
func (s *Source) Describe(ctx context.Context, r Remote) (Description, error) {
	d, err := Describe(s.Index)
	if err != nil {
		return d, err
	}
	kind, err := s.Index.MediaType()
	if err != nil {
		return d, fmt.Errorf("reading index: %w", err)
	}
	d.MediaType = string(kind)
	if len(d.Platforms) == 1 && d.Platforms[0].Digest == s.Digest { // a single image: the index around it is ours
		d.Digest = s.Digest
		if d.MediaType, d.Annotations, err = s.single(); err != nil {
			return d, fmt.Errorf("reading image %s: %w", s.Digest, err)
		}
	}
	if s.ref == nil {
		return d, nil
	}
	return d, s.attached(ctx, &d, r)
}

// single says of the only image what an index would say of itself.
func (s *Source) single() (kind string, annotations map[string]string, err error) {
	digest, err := v1.NewHash(s.Digest)
	if err != nil {
		return "", nil, err
	}
	image, err := s.Index.Image(digest)
	if err != nil {
		return "", nil, err
	}
	manifest, err := image.Manifest()
	if err != nil {
		return "", nil, err
	}
	return string(manifest.MediaType), manifest.Annotations, nil
}

// attached asks for the referrers of the whole and of each image.
func (s *Source) attached(ctx context.Context, d *Description, r Remote) error {
	type question struct {
		digest string
		answer *[]Referrer
		err    error
	}
	var questions []*question
	for i := range d.Platforms {
		questions = append(questions, &question{digest: d.Platforms[i].Digest, answer: &d.Platforms[i].Referrers})
	}
	if len(d.Platforms) != 1 || d.Platforms[0].Digest != d.Digest {
		questions = append(questions, &question{digest: d.Digest, answer: &d.Referrers})
	}
	var g errgroup.Group
	g.SetLimit(r.jobs())
	for _, q := range questions {
		g.Go(func() error {
			*q.answer, q.err = Referrers(ctx, s.Repository()+"@"+q.digest, r)
			return nil
		})
	}
	_ = g.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	var errs []error
	for _, q := range questions {
		if q.err != nil {
			errs = append(errs, q.err)
		}
	}
	if len(errs) > 0 {
		d.Notes = append(d.Notes, "what is attached is not known in full: "+errors.Join(errs...).Error())
	}
	return nil
}
