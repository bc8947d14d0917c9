package oci

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// The grammar of references is the one of the OCI distribution specification 1.1.
var (
	tagPattern  = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
	repoPattern = regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
)

// CheckTag says whether s can be a tag: "latest", "1.2.3".
func CheckTag(s string) error {
	switch {
	case s == "":
		return errors.New(`parsing tag "": it is empty; write something like 1.2.3`)
	case strings.Contains(s, "@"):
		return fmt.Errorf("parsing tag %q: a digest names one image for ever and cannot be a tag", s)
	case strings.ContainsAny(s, "/:"):
		return fmt.Errorf("parsing tag %q: the tag alone is wanted, without registry and name", s)
	case !tagPattern.MatchString(s):
		return fmt.Errorf("parsing tag %q: a tag is up to 128 letters, digits, '_', '.' and '-', and begins with neither '.' nor '-'", s)
	}
	return nil
}

// ParseRegistry checks where images shall be pushed: a host, maybe with a path,
// such as "localhost:5000/team" or "ghcr.io/acme". The host has to be written,
// so that a forgotten one does not send images to Docker Hub.
func ParseRegistry(s string) (string, error) {
	if err := plain("registry", s); err != nil {
		return "", err
	}
	s = strings.TrimSuffix(s, "/")
	host, path, found := strings.Cut(s, "/")
	if !isHost(host) {
		return "", fmt.Errorf("parsing registry %q: %q is no host name; write docker.io/%s if Docker Hub is meant", s, host, s)
	}
	if _, err := name.NewRegistry(host, name.StrictValidation); err != nil {
		return "", fmt.Errorf("parsing registry %q: %q is no host name", s, host)
	}
	if found {
		if err := checkRepository(s, path); err != nil {
			return "", err
		}
	}
	return s, nil
}

// Reference joins registry, name and tag, each checked, to "registry/name:tag".
// An empty registry gives "name:tag", for the local Docker.
func Reference(registry, image, tag string) (string, error) {
	if err := checkRepository(image, image); err != nil {
		return "", err
	}
	if err := CheckTag(tag); err != nil {
		return "", err
	}
	if registry == "" {
		return image + ":" + tag, nil
	}
	registry, err := ParseRegistry(registry)
	if err != nil {
		return "", err
	}
	return registry + "/" + image + ":" + tag, nil
}

// ParseTag reads "host/name:tag"; the tag has to be there.
func ParseTag(s string) (name.Tag, error) {
	ref, err := ParseReference(s)
	if err != nil {
		return name.Tag{}, err
	}
	tag, ok := ref.(name.Tag)
	switch {
	case !ok:
		return name.Tag{}, fmt.Errorf("parsing reference %q: a tag is wanted here, and this is a digest", s)
	case !strings.HasSuffix(s, ":"+tag.TagStr()):
		return name.Tag{}, fmt.Errorf("parsing reference %q: it has no tag; write %s:latest if that is meant", s, s)
	}
	return tag, nil
}

// ParseReference reads "host/name", "host/name:tag" or "host/name@digest".
func ParseReference(s string) (name.Reference, error) {
	if err := plain("reference", s); err != nil {
		return nil, err
	}
	if strings.HasSuffix(s, ":") {
		return nil, fmt.Errorf("parsing reference %q: the tag after the last colon is empty", s)
	}
	path, _, _ := strings.Cut(s, "@")
	if host, rest, found := strings.Cut(path, "/"); found && isHost(host) {
		path = rest
	}
	path, tag, tagged := strings.Cut(path, ":")
	if tagged {
		if err := CheckTag(tag); err != nil {
			return nil, fmt.Errorf("parsing reference %q: %w", s, err)
		}
	}
	if err := checkRepository(s, path); err != nil {
		return nil, err
	}
	ref, err := name.ParseReference(s)
	if err != nil {
		return nil, fmt.Errorf("parsing reference %q: %w", s, err)
	}
	return ref, nil
}

// plain refuses what people paste by mistake.
func plain(what, s string) error {
	scheme, rest, found := strings.Cut(s, "://")
	switch {
	case hasCredentials(s):
		// It is not repeated here: errors are shown, logged and sent on.
		return fmt.Errorf("parsing %s: credentials do not belong in it; log in with \"docker login\" and write the host alone", what)
	case s == "":
		return fmt.Errorf("parsing %s %q: it is empty", what, s)
	case found:
		return fmt.Errorf("parsing %s %q: write it without %q: %s", what, s, scheme+"://", rest)
	case strings.ContainsAny(s, " \t\r\n"):
		return fmt.Errorf("parsing %s %q: it has a space in it", what, s)
	}
	return nil
}

// hasCredentials reports whether somebody has written user:password@host.
func hasCredentials(s string) bool {
	if _, rest, found := strings.Cut(s, "://"); found {
		s = rest
	}
	host, _, _ := strings.Cut(s, "/")
	_, after, found := strings.Cut(host, "@")
	return found && !strings.HasPrefix(after, "sha256:") && !strings.HasPrefix(after, "sha512:")
}

func checkRepository(s, path string) error {
	switch {
	case path == "":
		return fmt.Errorf("parsing reference %q: it has no image name", s)
	case path != strings.ToLower(path):
		return fmt.Errorf("parsing reference %q: image names are lower case: %s", s, strings.ToLower(path))
	case !repoPattern.MatchString(path):
		return fmt.Errorf("parsing reference %q: %q is no image name; it may have lower-case letters, digits and single '.', '_', '-' and '/' between them", s, path)
	}
	return nil
}

// isHost is Docker's rule for what the first part of a reference is.
func isHost(s string) bool {
	return s == "localhost" || strings.ContainsAny(s, ".:")
}
