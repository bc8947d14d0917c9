package attest

import (
	"slices"
	"strings"
)

// The types of in-toto's and SLSA's specifications that we write.
const (
	StatementType     = "https://in-toto.io/Statement/v1"
	ProvenanceType    = "https://slsa.dev/provenance/v1"
	ProvenanceMedia   = "application/vnd.in-toto+json" // of the statement as a file
	BillMedia         = "application/spdx+json"        // of an SPDX document
	provenanceVersion = "v1"                           // of our buildType
)

// Statement is an in-toto Statement v1 with a SLSA Provenance v1 in it.
type Statement struct {
	Type          string     `json:"_type"`
	Subject       []Resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     Provenance `json:"predicate"`
}

// Resource is what in-toto calls a ResourceDescriptor: something that a digest
// or an address names.
type Resource struct {
	Name        string            `json:"name,omitempty"`
	URI         string            `json:"uri,omitempty"`
	Digest      map[string]string `json:"digest,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Provenance is the predicate of https://slsa.dev/spec/v1.0/provenance.
type Provenance struct {
	BuildDefinition BuildDefinition `json:"buildDefinition"`
	RunDetails      RunDetails      `json:"runDetails"`
}

// BuildDefinition says what was asked for, and what went into it.
type BuildDefinition struct {
	BuildType            string         `json:"buildType"`
	ExternalParameters   map[string]any `json:"externalParameters"`
	InternalParameters   map[string]any `json:"internalParameters,omitempty"`
	ResolvedDependencies []Resource     `json:"resolvedDependencies"`
}

// RunDetails says who built.
type RunDetails struct {
	Builder Builder `json:"builder"`
}

// Builder names what ran the build, and what people have to trust.
type Builder struct {
	ID      string            `json:"id"`
	Version map[string]string `json:"version,omitempty"`
}

// Build is what a statement of provenance is about.
type Build struct {
	Source       string // URL of the project
	Images       []Resource
	Parameters   map[string]any // those that the outcome hangs on, as they were asked for
	Internal     map[string]any
	Dependencies []Resource
	Builder      Builder
}

// State writes the statement. Subjects stay in their order, the first is the
// index; dependencies are sorted. It names no time and no run: the same build
// elsewhere has the same statement.
func (b Build) State() Statement {
	dependencies := slices.Clone(b.Dependencies)
	slices.SortFunc(dependencies, func(x, y Resource) int { return strings.Compare(x.key(), y.key()) })
	return Statement{
		Type: StatementType, Subject: b.Images, PredicateType: ProvenanceType,
		Predicate: Provenance{
			BuildDefinition: BuildDefinition{
				BuildType:          strings.TrimSuffix(b.Source, "/") + "/blob/main/documentation/docs/development/supply_chain.md#build-type-" + provenanceVersion,
				ExternalParameters: b.Parameters, InternalParameters: b.Internal, ResolvedDependencies: dependencies,
			},
			RunDetails: RunDetails{Builder: b.Builder},
		},
	}
}

func (r Resource) key() string { return r.URI + "\x00" + r.Name }

// JSON is the statement as bytes.
func (s Statement) JSON() ([]byte, error) { return encode(s) }
