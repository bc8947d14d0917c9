package attest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// BundledPackage is an npm package with code in a bundle.
type BundledPackage struct{ Name, Version, License string }

// BundledPackages reads the licence file that Vite writes beside a bundle
// (build.license): a heading "## name - version (licence)" for each package that
// one of its modules is from, and below it the licence.
func BundledPackages(licenses string) []BundledPackage {
	heading := regexp.MustCompile(`^## (@?[^ @]+) - ([0-9][^ ]*)(?: \((.*)\))?$`)
	var out []BundledPackage
	for line := range strings.Lines(licenses) {
		if m := heading.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
			out = append(out, BundledPackage{m[1], m[2], m[3]})
		}
	}
	return out
}

// NpmPackages makes components of what is in a bundle, with the checksums of a
// package-lock.json, version 2 or 3. A package that is not locked is an error:
// nobody could say what it was.
func NpmPackages(bundled []BundledPackage, lock []byte) ([]Component, error) {
	var parsed struct {
		Packages map[string]struct {
			Version      string            `json:"version"`
			Resolved     string            `json:"resolved"`
			Integrity    string            `json:"integrity"`
			Dependencies map[string]string `json:"dependencies"`
			Peers        map[string]string `json:"peerDependencies"`
		} `json:"packages"`
	}
	if err := json.Unmarshal(lock, &parsed); err != nil {
		return nil, fmt.Errorf("reading package-lock.json: %w", err)
	}
	ids := map[string][]string{}
	for _, b := range bundled {
		ids[b.Name] = append(ids[b.Name], ID("npm", b.Name, b.Version))
	}
	var out []Component
	for _, b := range bundled {
		var paths []string // in node_modules; equal name and version is equal content
		for path, p := range parsed.Packages {
			if (path == "node_modules/"+b.Name || strings.HasSuffix(path, "/node_modules/"+b.Name)) && p.Version == b.Version {
				paths = append(paths, path)
			}
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("the bundle has code of %s %s, which package-lock.json does not have: run npm ci and build again", b.Name, b.Version)
		}
		slices.Sort(paths)
		locked := parsed.Packages[paths[0]]
		namespace, name, scoped := strings.Cut(b.Name, "/")
		if !scoped {
			namespace, name = "", b.Name
		}
		c := Component{
			Kind: "npm", Name: b.Name, Version: b.Version, License: ParseLicense(b.License), Purpose: "LIBRARY",
			PURL: PURL("npm", namespace, name, b.Version, nil), Checksums: integrity(locked.Integrity),
		}
		for _, wanted := range []map[string]string{locked.Dependencies, locked.Peers} {
			for dependency := range wanted {
				c.DependsOn = append(c.DependsOn, ids[dependency]...)
			}
		}
		slices.Sort(c.DependsOn)
		out = append(out, c)
	}
	return out, nil
}

// integrity reads subresource integrity, "sha512-BASE64", as npm writes it.
func integrity(s string) []Checksum {
	names := map[string]string{"sha1": "SHA1", "sha256": "SHA256", "sha384": "SHA384", "sha512": "SHA512"}
	var out []Checksum
	for item := range strings.FieldsSeq(s) {
		algorithm, value, _ := strings.Cut(item, "-")
		raw, err := base64.StdEncoding.DecodeString(value)
		if name := names[algorithm]; name != "" && err == nil {
			out = append(out, Checksum{name, hex.EncodeToString(raw)})
		}
	}
	return out
}
