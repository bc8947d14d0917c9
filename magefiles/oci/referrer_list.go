package oci

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// referrerList is what a registry lists as attached to one manifest. With the
// referrers API the registry keeps it. Without, it is an index under the tag
// sha256-HEX that every client reads, changes and writes back: two that do so at
// once lose what one of them wrote, and no registry offers a lock. So we look
// again after writing, and put back whatever we have seen there and is gone.
type referrerList struct {
	repo    name.Repository
	subject v1.Hash
	remote  Remote
	session *session
	puller  *remote.Puller // nil logs in for each request
}

const (
	listTries = 8
	// listWait is how long others may need to think between reading and writing, beside their round trips to the registry.
	listWait = 40 * time.Millisecond
)

// ensure returns when the list has the entries. Somebody may be about to
// overwrite a tag that was just written: after that it looks once more.
func (l referrerList) ensure(ctx context.Context, ours []v1.Descriptor, justWritten bool) error {
	want := ours // and all of others that were ever seen
	for try := range listTries {
		began := time.Now()
		listed, byTag, err := l.read(ctx)
		if err != nil {
			return err
		}
		trips := time.Since(began)
		missing := lacking(listed, want)
		if try > 0 {
			missing, err = l.alive(ctx, missing, ours)
			if err != nil {
				return err
			}
		}
		switch {
		case len(missing) == 0 && (try > 0 || !byTag || !justWritten):
			return nil
		case len(missing) == 0: // others may write it too: once more
		case !byTag && len(listed) > 0:
			// The registry keeps the list, and may need a moment for a new entry.
		default:
			if err := l.write(ctx, append(listed, missing...)); err != nil {
				return err
			}
		}
		want = append(want[:len(want):len(want)], lacking(want, listed)...)
		if err := l.pause(ctx, trips); err != nil {
			return err
		}
	}
	return fmt.Errorf("after %d tries the registry's list of referrers still lacks what was written to it: somebody else may be writing it; run again", listTries)
}

// lacking are the entries of want that list does not have.
func lacking(list, want []v1.Descriptor) []v1.Descriptor {
	var out []v1.Descriptor
	for _, w := range want {
		if !slices.ContainsFunc(list, func(d v1.Descriptor) bool { return d.Digest == w.Digest }) {
			out = append(out, w)
		}
	}
	return out
}

// alive drops entries of others whose manifests are gone: somebody has removed
// them, and took them off the list on purpose.
func (l referrerList) alive(ctx context.Context, entries, ours []v1.Descriptor) ([]v1.Descriptor, error) {
	var out []v1.Descriptor
	for _, e := range entries {
		if len(lacking(ours, []v1.Descriptor{e})) > 0 {
			_, err := remote.Head(l.repo.Digest(e.Digest.String()), l.options(ctx)...)
			if isNotFound(err) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		out = append(out, e)
	}
	return out, nil
}

// read asks for the list, and whether it is kept under the tag.
func (l referrerList) read(ctx context.Context) (list []v1.Descriptor, byTag bool, err error) {
	index, err := remote.Referrers(l.repo.Digest(l.subject.String()), l.options(ctx)...)
	if err != nil {
		return nil, false, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, false, err
	}
	if _, err := remote.Head(l.tag(), l.options(ctx)...); err != nil && !isNotFound(err) {
		return nil, false, err
	} else if err == nil {
		byTag = true
	}
	return manifest.Manifests, byTag, nil
}

func (l referrerList) options(ctx context.Context) []remote.Option {
	if l.puller == nil {
		return l.remote.options(ctx)
	}
	return []remote.Option{remote.WithContext(ctx), remote.Reuse(l.puller)}
}

func (l referrerList) tag() name.Tag {
	return l.repo.Tag(strings.Replace(l.subject.String(), ":", "-", 1))
}

func (l referrerList) write(ctx context.Context, list []v1.Descriptor) error {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b v1.Descriptor) int { return strings.Compare(a.Digest.String(), b.Digest.String()) })
	raw, err := json.Marshal(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: list})
	if err != nil {
		return err
	}
	return l.session.put(ctx, l.tag().TagStr(), types.OCIImageIndex, raw)
}

// pause waits for as long as somebody as far away as we are needs to write what he has just read: less than the three round trips
// of our own reading. Up to half more, so that two do not meet twice.
func (l referrerList) pause(ctx context.Context, trips time.Duration) error {
	wait := listWait + min(trips, time.Second)
	if first := l.remote.Patience.First; first > 0 {
		wait = min(wait, first)
	}
	wait += rand.N(wait/2 + 1) //nolint:gosec // to be out of step is all that it is for
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

func isNotFound(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}
