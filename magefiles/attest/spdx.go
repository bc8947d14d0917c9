package attest

import (
	"bytes"
	"encoding/json"
)

// NoAssertion is what SPDX writes where nothing is known.
const NoAssertion = "NOASSERTION"

// Document is an SPDX 2.3 document, as far as we use it.
type Document struct {
	SPDXVersion   string             `json:"spdxVersion"`
	DataLicense   string             `json:"dataLicense"`
	SPDXID        string             `json:"SPDXID"`
	Name          string             `json:"name"`
	Namespace     string             `json:"documentNamespace"`
	CreationInfo  CreationInfo       `json:"creationInfo"`
	Comment       string             `json:"comment,omitempty"`
	Extracted     []ExtractedLicense `json:"hasExtractedLicensingInfos,omitempty"`
	Packages      []Package          `json:"packages"`
	Files         []FileInfo         `json:"files,omitempty"`
	Relationships []Relationship     `json:"relationships"`
}

// CreationInfo says who wrote a document, and when.
type CreationInfo struct {
	Created  string   `json:"created"` // RFC 3339, UTC
	Creators []string `json:"creators"`
}

// ExtractedLicense is a licence that is not on SPDX's list.
type ExtractedLicense struct {
	ID   string `json:"licenseId"`
	Name string `json:"name,omitempty"`
	Text string `json:"extractedText"`
}

// Package is a package as SPDX means the word.
type Package struct {
	SPDXID           string            `json:"SPDXID"`
	Name             string            `json:"name"`
	Version          string            `json:"versionInfo,omitempty"`
	Supplier         string            `json:"supplier"`
	Originator       string            `json:"originator,omitempty"`
	Download         string            `json:"downloadLocation"`
	FilesAnalyzed    bool              `json:"filesAnalyzed"`
	VerificationCode *VerificationCode `json:"packageVerificationCode,omitempty"`
	Checksums        []Checksum        `json:"checksums,omitempty"`
	Homepage         string            `json:"homepage,omitempty"`
	SourceInfo       string            `json:"sourceInfo,omitempty"`
	LicenseConcluded string            `json:"licenseConcluded"`
	LicenseDeclared  string            `json:"licenseDeclared"`
	LicenseComments  string            `json:"licenseComments,omitempty"`
	Copyright        string            `json:"copyrightText"`
	Comment          string            `json:"comment,omitempty"`
	ExternalRefs     []ExternalRef     `json:"externalRefs,omitempty"`
	Purpose          string            `json:"primaryPackagePurpose,omitempty"`
}

// VerificationCode stands for the files of a package.
type VerificationCode struct {
	Value string `json:"packageVerificationCodeValue"`
}

// ExternalRef is a name of a package elsewhere.
type ExternalRef struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

// FileInfo is a file.
type FileInfo struct {
	SPDXID    string     `json:"SPDXID"`
	Name      string     `json:"fileName"`
	Checksums []Checksum `json:"checksums"`
}

// Relationship is one arrow between two elements.
type Relationship struct {
	From string `json:"spdxElementId"`
	Type string `json:"relationshipType"`
	To   string `json:"relatedSpdxElement"`
}

// JSON is the document as bytes: one space of indent, so that differences can be
// read and a thousand files do not become a megabyte of blanks.
func (d Document) JSON() ([]byte, error) { return encode(d) }

// encode writes <, > and & as they are: addresses of people have them.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(v)
	return b.Bytes(), err
}
