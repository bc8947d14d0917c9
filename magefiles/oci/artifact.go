package oci

// Artifact is a document about a manifest, such as a bill of materials or a
// statement of provenance, which the registry keeps as a referrer of it (OCI
// distribution specification 1.1).
type Artifact struct {
	// Subject is the digest of what it is about: the index itself, or the
	// manifest of one platform in it.
	Subject string

	// Type is the artifactType, by which readers of referrers choose, such as
	// "application/spdx+json".
	Type string

	// MediaType is that of Content; "" is the Type.
	MediaType string

	// Title is the file name that tools give it when they fetch it.
	Title string

	Content     []byte
	Annotations map[string]string // of the artifact's manifest
}

// AttachedArtifact is an artifact that a registry has.
type AttachedArtifact struct {
	Ref     string `json:"ref"` // "registry/name@digest" of the artifact's manifest
	Subject string `json:"subject"`
	Type    string `json:"type"`
}
