package attest

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // SPDX 2.3 defines its verification code by it
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	documentID = "SPDXRef-DOCUMENT"
	imageID    = "SPDXRef-Image"
)

// SPDX writes the bill of materials of an image. Components of one ID, parents
// that are not there and digests that are none are errors.
func SPDX(image Image) (Document, error) {
	hexDigest, ok := strings.CutPrefix(image.Digest, "sha256:")
	if !ok || len(hexDigest) != 64 {
		return Document{}, fmt.Errorf("writing a bill of materials: %q is no SHA-256 digest of an image", image.Digest)
	}
	d := Document{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", SPDXID: documentID,
		Name: image.Name + " " + image.Platform,
		CreationInfo: CreationInfo{
			Created:  image.Created.UTC().Format(time.RFC3339),
			Creators: []string{"Organization: " + image.Supplier, "Tool: " + image.Tool},
		},
		Packages: []Package{image.top(hexDigest)},
	}
	d.relate(documentID, "DESCRIBES", imageID)
	b := builder{document: &d, ids: map[string]bool{}, files: map[string]bool{}, extracted: map[string]ExtractedLicense{}}
	components := slices.SortedFunc(slices.Values(image.Components), func(a, b Component) int { return strings.Compare(a.ID(), b.ID()) })
	for _, c := range components {
		if b.ids[c.ID()] {
			return Document{}, fmt.Errorf("writing a bill of materials: %s %s is there twice", c.Name, c.Version)
		}
		b.ids[c.ID()] = true
	}
	for _, c := range components {
		if err := b.add(c); err != nil {
			return Document{}, fmt.Errorf("writing a bill of materials: %s %s: %w", c.Name, c.Version, err)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.extracted)) {
		d.Extracted = append(d.Extracted, b.extracted[id])
	}
	slices.SortFunc(d.Files, func(a, b FileInfo) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Relationships, func(a, b Relationship) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.Type, b.Type), strings.Compare(a.To, b.To))
	})
	d.Relationships = slices.Compact(d.Relationships)
	// A namespace belongs to one document for ever: should the same image be
	// described otherwise one day, that is another one.
	raw, err := d.JSON()
	if err != nil {
		return Document{}, err
	}
	sum := sha256.Sum256(raw)
	d.Namespace = fmt.Sprintf("%s/%s/%s/%s-%s", image.Namespace, idLetters(image.Name), idLetters(image.Platform), hexDigest, hex.EncodeToString(sum[:6]))
	return d, nil
}

// top is the package that stands for the image itself.
func (i Image) top(hexDigest string) Package {
	system, arch, _ := strings.Cut(i.Platform, "/")
	purl := PURL("oci", "", strings.ToLower(i.Name), "sha256:"+hexDigest, map[string]string{"arch": arch, "os": system})
	return Package{
		SPDXID: imageID, Name: i.Name, Version: i.Version, Supplier: "Organization: " + i.Supplier, Download: NoAssertion,
		Checksums:        []Checksum{{"SHA256", hexDigest}},
		LicenseConcluded: NoAssertion, LicenseDeclared: NoAssertion, Copyright: NoAssertion,
		Comment: "The checksum is the digest of the image's manifest for " + i.Platform + ".",
		Purpose: "CONTAINER", ExternalRefs: []ExternalRef{{"PACKAGE-MANAGER", "purl", purl}},
	}
}

type builder struct {
	document  *Document
	ids       map[string]bool
	files     map[string]bool
	extracted map[string]ExtractedLicense
}

// add writes a component, its files, and what it has to do with others.
func (b builder) add(c Component) error {
	id := "SPDXRef-" + c.ID()
	p := Package{
		SPDXID: id, Name: c.Name, Version: c.Version, Supplier: cmp.Or(c.Supplier, NoAssertion), Originator: c.Originator,
		Download: cmp.Or(c.Download, NoAssertion), Homepage: c.Homepage, SourceInfo: c.Source, Checksums: c.Checksums,
		LicenseConcluded: NoAssertion, LicenseDeclared: cmp.Or(c.License.Expression, NoAssertion), LicenseComments: c.License.Comment,
		Copyright: NoAssertion, Comment: c.Comment, Purpose: c.Purpose,
	}
	if c.PURL != "" {
		p.ExternalRefs = []ExternalRef{{"PACKAGE-MANAGER", "purl", c.PURL}}
	}
	for _, e := range c.License.Extracted {
		b.extracted[e.ID] = e
	}
	if len(c.Files) > 0 {
		p.FilesAnalyzed = true
		p.VerificationCode = &VerificationCode{verificationCode(c.Files)}
	}
	for _, f := range c.Files {
		if b.files[f.Path] {
			return fmt.Errorf("file %q belongs to another component already", f.Path)
		}
		b.files[f.Path] = true
		sum := sha256.Sum256([]byte(f.Path))
		fileID := "SPDXRef-File-" + hex.EncodeToString(sum[:8])
		b.document.Files = append(b.document.Files, FileInfo{
			SPDXID: fileID, Name: "./" + f.Path, Checksums: []Checksum{{"SHA1", f.SHA1}, {"SHA256", f.SHA256}},
		})
		b.document.relate(id, "CONTAINS", fileID)
	}
	b.document.Packages = append(b.document.Packages, p)
	switch {
	case c.Parent == "":
		b.document.relate(imageID, "CONTAINS", id)
	case !b.ids[c.Parent]:
		return fmt.Errorf("it is said to be in %q, which is not in the image", c.Parent)
	default:
		b.document.relate("SPDXRef-"+c.Parent, "CONTAINS", id)
	}
	for _, other := range c.DependsOn {
		if b.ids[other] && other != c.ID() {
			b.document.relate(id, "DEPENDS_ON", "SPDXRef-"+other)
		}
	}
	return nil
}

func (d *Document) relate(from, kind, to string) {
	d.Relationships = append(d.Relationships, Relationship{from, kind, to})
}

// verificationCode is the SHA-1 of the files' SHA-1 sums, sorted and joined, as
// clause 7.9 of SPDX 2.3 has it.
func verificationCode(files []File) string {
	sums := make([]string, len(files))
	for i, f := range files {
		sums[i] = f.SHA1
	}
	slices.Sort(sums)
	sum := sha1.Sum([]byte(strings.Join(sums, ""))) //nolint:gosec // see above
	return hex.EncodeToString(sum[:])
}
