package oci

import (
	"cmp"
	"context"
	"encoding/base64"

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

// learningKeychain tells the transport what must not be repeated to anybody,
// before it is used for the first time.
type learningKeychain struct {
	authn.Keychain
	transport *discreetTransport
}

func (k learningKeychain) Resolve(at authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), at)
}

func (k learningKeychain) ResolveContext(ctx context.Context, at authn.Resource) (authn.Authenticator, error) {
	auth, err := authn.Resolve(ctx, k.Keychain, at)
	if err != nil {
		return nil, err
	}
	config, err := authn.Authorization(ctx, auth)
	if err != nil {
		return nil, err
	}
	if config != nil {
		basic := base64.StdEncoding.EncodeToString([]byte(config.Username + ":" + config.Password))
		k.transport.remember(config.Password, basic, config.Auth, config.IdentityToken, config.RegistryToken)
	}
	return auth, nil
}
