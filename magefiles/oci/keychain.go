package oci

import (
	"cmp"

	"github.com/google/go-containerregistry/pkg/authn"
)

// githubRegistry is the one host that GITHUB_TOKEN is meant for.
const githubRegistry = "ghcr.io"

// Keychain finds credentials where people have them: in Docker's configuration
// and its credential helpers, and for ghcr.io, if nothing is there, in
// GITHUB_TOKEN, which GitHub gives to a workflow. The token goes to no other host.
func Keychain(getenv func(string) string) authn.Keychain {
	return authn.NewMultiKeychain(authn.DefaultKeychain, githubKeychain{getenv})
}

type githubKeychain struct{ getenv func(string) string }

func (k githubKeychain) Resolve(at authn.Resource) (authn.Authenticator, error) {
	token := k.getenv("GITHUB_TOKEN")
	if at.RegistryStr() != githubRegistry || token == "" {
		return authn.Anonymous, nil
	}
	// The registry looks at the token alone, but wants some name.
	user := cmp.Or(k.getenv("GITHUB_ACTOR"), "github-actions")
	return &authn.Basic{Username: user, Password: token}, nil
}
