package oci

import (
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// parsePlatform reads "os/arch" or "os/arch/variant" in the one spelling that
// OCI has for it, so that two spellings can never be two platforms.
func parsePlatform(s string) (v1.Platform, error) {
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 3 {
		return v1.Platform{}, fmt.Errorf("parsing platform %q: want os/arch or os/arch/variant, such as linux/arm64", s)
	}
	for _, part := range parts {
		if part == "" || part != strings.ToLower(strings.TrimSpace(part)) || strings.ContainsAny(part, " \t\r\n:\\") {
			return v1.Platform{}, fmt.Errorf("parsing platform %q: want os/arch or os/arch/variant in lower case, such as linux/arm64", s)
		}
	}
	p := v1.Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) == 3 {
		p.Variant = parts[2]
	}
	if want := platformName(p); want != s {
		return v1.Platform{}, fmt.Errorf("parsing platform %q: the same platform is written %q here", s, want)
	}
	return p, nil
}

// platformName is the spelling of a platform that is used for comparing.
// Images in the wild say arm64 or arm64/v8, and arm or arm/v7, for the same thing.
func platformName(p v1.Platform) string {
	variant := p.Variant
	switch {
	case p.Architecture == "arm64" && variant == "v8":
		variant = ""
	case p.Architecture == "arm" && variant == "":
		variant = "v7"
	}
	name := p.OS + "/" + p.Architecture
	if variant != "" {
		name += "/" + variant
	}
	return name
}

// isAttestation reports whether an entry of an index is not an image for a
// platform at all: BuildKit files its attestations as "unknown/unknown".
func isAttestation(d v1.Descriptor) bool {
	if _, ok := d.Annotations["vnd.docker.reference.type"]; ok {
		return true
	}
	return d.Platform != nil && (d.Platform.OS == "unknown" || d.Platform.Architecture == "unknown")
}
