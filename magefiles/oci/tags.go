package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// tagMover moves tags to one index.
type tagMover struct {
	digest   v1.Hash
	raw      []byte
	kind     types.MediaType
	sessions map[string]*session // by repository
}

// moveTags notes where all tags point before it moves the first. A tag that
// points where it should is left alone: there are registries whose tags, once
// set, may not even be set to the same. Each is read back before the next moves,
// and all once more at the end. Of two publishers the last one wins, and the
// other is told.
func moveTags(ctx context.Context, index Index, tags []name.Tag, sessions map[string]*session) ([]MovedTag, error) {
	if len(tags) == 0 {
		return nil, nil
	}
	m := tagMover{sessions: sessions}
	var err error
	if m.digest, err = index.Digest(); err != nil {
		return nil, err
	}
	if m.raw, err = index.RawManifest(); err != nil {
		return nil, err
	}
	if m.kind, err = index.MediaType(); err != nil {
		return nil, err
	}
	moves := make([]MovedTag, len(tags))
	for i, tag := range tags {
		previous, err := m.previous(ctx, tag)
		if err != nil {
			return nil, fmt.Errorf("asking what %q points at, no tag was moved: %w", tag.Name(), err)
		}
		moves[i] = MovedTag{Ref: tag.Name(), Previous: previous}
	}
	for i, tag := range tags {
		done, err := m.move(ctx, tag, moves[i].Previous)
		if err != nil {
			moved := moves[:i]
			if done {
				moved = moves[:i+1]
			}
			return moved, fmt.Errorf("moving tag %q (%d of %d were moved before it; run again to move the rest): %w", tag.Name(), i, len(tags), err)
		}
	}
	for i, tag := range tags[:len(tags)-1] {
		if err := m.check(ctx, tag, ""); err != nil {
			if errors.As(err, new(*overtakenError)) {
				moves = slices.Delete(moves, i, i+1)
			}
			return moves, err
		}
	}
	return moves, nil
}

// previous is what a tag points at, "" if there is no such tag.
func (m tagMover) previous(ctx context.Context, tag name.Tag) (string, error) {
	digest, err := m.sessions[tag.Context().Name()].head(ctx, tag.TagStr())
	if errors.Is(err, errAbsent) || statusOf(err) == http.StatusForbidden {
		// Some registries say "forbidden" of what is not there. Whether we may
		// push, they will say when we do.
		return "", nil
	}
	return digest, err
}

// move sets a tag and reads it back. With an error, done says whether the tag
// nevertheless points at our index: the answer alone may have been lost.
func (m tagMover) move(ctx context.Context, tag name.Tag, previous string) (done bool, err error) {
	if previous == m.digest.String() {
		return true, nil
	}
	s := m.sessions[tag.Context().Name()]
	if err := s.put(ctx, tag.TagStr(), m.kind, m.raw); err != nil {
		// An interrupt is no reason not to know.
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		at, rerr := s.resolve(once(late), tag.TagStr())
		if rerr != nil && !errors.Is(rerr, errAbsent) {
			err = fmt.Errorf("%w (whether it has moved could not be found out)", err)
		}
		return at == m.digest.String(), err
	}
	err = m.check(ctx, tag, previous)
	return !errors.As(err, new(*overtakenError)), err
}

// overtakenError is for who has moved a tag that somebody else then moved on. Of
// such a tag there is no way back to be told: it is the other one's now.
type overtakenError struct{ tag, at, ours string }

func (e *overtakenError) Error() string {
	return fmt.Sprintf("tag %q points at %s and not at %s, to which it was moved: somebody else has published at the same time, and was later; "+
		"both images are complete: run again if yours is meant to be there", e.tag, e.at, e.ours)
}

// check wants a tag to point at our index. Registries may need a moment until
// they say so; that somebody else has moved it, they are asked twice, and for
// what is there instead.
func (m tagMover) check(ctx context.Context, tag name.Tag, previous string) error {
	s := m.sessions[tag.Context().Name()]
	b := newBudget(s.remote.Patience, s.remote.Waiting)
	for other := ""; ; {
		at, err := s.resolve(ctx, tag.TagStr())
		switch {
		case err != nil && !errors.Is(err, errAbsent):
			return fmt.Errorf("reading back tag %q: %w", tag.Name(), err)
		case at == m.digest.String():
			return nil
		case at != "" && at != previous && at == other && s.has(ctx, at):
			return &overtakenError{tag.Name(), at, m.digest.String()}
		}
		if at != previous {
			other = at
		}
		err = fmt.Errorf("reading back tag %q: it points at %s and not at %s, although the registry has taken it", tag.Name(), or(at, "nothing"), m.digest)
		if err := b.again(ctx, err); err != nil {
			return err
		}
	}
}

// has reports whether there is a manifest of a digest, with the bytes for it. What
// was damaged on its way to us has a digest too, and is nobody's image.
func (s *session) has(ctx context.Context, digest string) bool {
	_, _, err := s.manifest(ctx, digest)
	return err == nil
}

// head asks what a tag points at without fetching it: registries that count
// pulls do not count that.
func (s *session) head(ctx context.Context, tag string) (string, error) {
	resp, err := s.do(ctx, request{method: http.MethodHead, url: s.url("manifests/" + tag), accept: manifestTypes()}, http.StatusOK)
	if err != nil {
		return "", absent(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it is empty
	if digest, err := v1.NewHash(resp.Header.Get("Docker-Content-Digest")); err == nil {
		return digest.String(), nil
	}
	return s.resolve(ctx, tag)
}

// resolve fetches what a tag points at.
func (s *session) resolve(ctx context.Context, tag string) (string, error) {
	raw, _, err := s.manifest(ctx, tag)
	if err != nil {
		return "", err
	}
	digest, _, err := v1.SHA256(bytes.NewReader(raw))
	return digest.String(), err
}
