package attest

import (
	"strings"
	"time"
)

// Image is what a bill of materials is about: the image of one platform.
type Image struct {
	Name      string // without registry and tag
	Version   string
	Digest    string // of its manifest, "sha256:…"
	Platform  string // "linux/arm64"
	Namespace string // URL below which documents of this project are named, without a slash at its end
	Supplier  string // who makes it: the name of an organization
	Tool      string // what writes the document, with its version
	Created   time.Time

	Components []Component
}

// Component is one piece of software in an image.
type Component struct {
	Kind          string // "deb", "pypi", "cargo", "npm"; "own" for what this project makes, "oci" for a base image
	Name, Version string
	Arch          string // where one name and version is there for several architectures
	PURL          string
	License       License
	Supplier      string // as SPDX writes it, "Organization: Debian"; "" is unknown
	Originator    string // likewise: who wrote it
	Homepage      string
	Download      string // "" is unknown
	Source        string // what it was built from, in words
	Checksums     []Checksum
	Purpose       string // of SPDX: APPLICATION, LIBRARY, …
	Comment       string
	Files         []File   // as they are in the image
	Parent        string   // ID of what contains it; "" is the image
	DependsOn     []string // IDs; those that are not in the image are passed over
}

// Checksum is a digest of the archive that a component came in.
type Checksum struct {
	Algorithm string `json:"algorithm"` // SHA1, SHA256, SHA512
	Value     string `json:"checksumValue"`
}

// File is a file of an image. SPDX 2.3 asks for SHA-1 and builds the code that
// stands for a package's files from it; nothing is trusted for that.
type File struct {
	Path         string // from the root, without a slash before it
	SHA1, SHA256 string
}

// ID names a component within its image, in the letters that SPDX allows.
func (c Component) ID() string {
	if c.Arch != "" {
		return ID(c.Kind, c.Name, c.Version) + "-" + idLetters(c.Arch)
	}
	return ID(c.Kind, c.Name, c.Version)
}

// ID is the ID of the component with these.
func ID(kind, name, version string) string {
	return idLetters(strings.Join([]string{kind, name, version}, "-"))
}

// idLetters leaves letters, digits, dots and hyphens.
func idLetters(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
			b.WriteRune(r)
		case r == '+':
			b.WriteString(".plus")
		default:
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String(), "-")
}
