package oci

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// CheckPushPermission asks the registries of the given references whether we
// may push there, by opening an upload and dropping it. It is cheap; ask before
// an hour of building.
func CheckPushPermission(ctx context.Context, refs []string, r Remote) error {
	asked := make(map[string]bool)
	for _, ref := range refs {
		parsed, err := ParseReference(ref)
		if err != nil {
			return err
		}
		repo := parsed.Context()
		if asked[repo.Name()] {
			continue
		}
		asked[repo.Name()] = true
		if err := checkPush(ctx, repo, r); err != nil {
			return discreet(fmt.Errorf("asking for permission to push to %q: %w: %s", repo.Name(), err, permissionCure(repo, err)))
		}
	}
	return nil
}

func checkPush(ctx context.Context, repo name.Repository, r Remote) error {
	s, err := r.session(ctx, repo, transport.PushScope)
	if err != nil {
		return err
	}
	location, err := s.open(ctx)
	if err != nil {
		return err
	}
	s.drop(ctx, location)
	return nil
}

// drop tells the registry that an upload will not come. It is a courtesy, and
// nobody waits long for it.
func (s *session) drop(ctx context.Context, location *url.URL) {
	ctx, cancel := context.WithTimeout(once(ctx), 3*time.Second)
	defer cancel()
	if resp, err := s.do(ctx, request{method: http.MethodDelete, url: location.String()}, http.StatusNoContent, http.StatusOK, http.StatusAccepted); err == nil {
		resp.Body.Close() //nolint:errcheck // it is empty
	}
}

func permissionCure(repo name.Repository, err error) string {
	switch statusOf(err) {
	case http.StatusUnauthorized, http.StatusForbidden:
		if repo.RegistryStr() == githubRegistry {
			return fmt.Sprintf("log in with \"docker login %s\" and a token that may write packages; in GitHub's workflows give the job "+
				"\"permissions: packages: write\" and the step GITHUB_TOKEN, or choose another -registry", repo.RegistryStr())
		}
		return fmt.Sprintf("log in with \"docker login %s\", or choose another -registry", repo.RegistryStr())
	case http.StatusNotFound:
		return "does the repository have to be created there first?"
	}
	if errors.Is(err, context.Canceled) {
		return "it was interrupted"
	}
	return "is the address right, and can it be reached from here?"
}
