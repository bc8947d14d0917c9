package xbuild

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Credential says how Docker's configuration knows a registry. It holds no
// secret.
type Credential struct {
	Known  bool   // there is an entry for the registry
	Helper string // the program docker-credential-HELPER that keeps it; "" is the file itself
}

// DockerCredential reads Docker's config.json and says whether it has
// credentials for a registry host, as docker login leaves them.
func DockerCredential(config []byte, registry string) (Credential, error) {
	var file struct {
		Auths       map[string]struct{ Auth, IdentityToken, Username string }
		CredsStore  string
		CredHelpers map[string]string
	}
	if err := json.Unmarshal(config, &file); err != nil {
		return Credential{}, fmt.Errorf("reading Docker's configuration: %w", err)
	}
	names := []string{registry}
	if slices.Contains([]string{"docker.io", "index.docker.io", "registry-1.docker.io"}, registry) {
		names = []string{"https://index.docker.io/v1/", "index.docker.io", "docker.io"}
	}
	for _, name := range names {
		if helper := file.CredHelpers[name]; helper != "" {
			return Credential{Known: true, Helper: helper}, nil
		}
	}
	for entry, auth := range file.Auths {
		host := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(entry, "https://"), "http://"), "/")
		if !slices.Contains(names, entry) && !slices.Contains(names, host) {
			continue
		}
		if auth.Auth != "" || auth.IdentityToken != "" || auth.Username != "" {
			return Credential{Known: true}, nil
		}
		if file.CredsStore != "" { // docker login leaves an empty entry as a note
			return Credential{Known: true, Helper: file.CredsStore}, nil
		}
	}
	return Credential{Helper: file.CredsStore}, nil
}
