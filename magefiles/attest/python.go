package attest

import (
	"bytes"
	"cmp"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
)

// PythonDistribution reads a METADATA file, as
// https://packaging.python.org/specifications/core-metadata/ has it. python is
// the version of the interpreter, "3.13", for dependencies that hang on it. The
// dependencies come back as normalized names, because which versions are there
// is known only when all are read: see [LinkPython].
func PythonDistribution(metadata, python string) (c Component, requires []string) {
	header := map[string][]string{}
	head, _, _ := bytes.Cut(bytes.ReplaceAll([]byte(metadata), []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	for line := range bytes.Lines(head) {
		if name, value, ok := strings.Cut(strings.TrimRight(string(line), "\n"), ":"); ok && !strings.HasPrefix(name, " ") && !strings.HasPrefix(name, "\t") {
			name = strings.ToLower(name)
			header[name] = append(header[name], strings.TrimSpace(value))
		}
	}
	first := func(name string) string {
		if len(header[name]) == 0 || header[name][0] == "UNKNOWN" {
			return ""
		}
		return header[name][0]
	}
	c = Component{
		Kind: "pypi", Name: first("name"), Version: first("version"), Homepage: webAddress(first("home-page")),
		Originator: authors(first("author"), first("author-email")), Purpose: "LIBRARY",
	}
	c.PURL = PURL("pypi", "", PythonName(c.Name), c.Version, nil)
	if c.License = ParseLicense(first("license-expression")); c.License.Expression == "" {
		c.License = pythonLicense(first("license"), header["classifier"])
	}
	for _, r := range header["requires-dist"] {
		requirement, marker, marked := strings.Cut(r, ";")
		if marked && !pythonMarker(marker, python) {
			continue
		}
		if name := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*`).FindString(strings.TrimSpace(requirement)); name != "" {
			requires = append(requires, PythonName(name))
		}
	}
	return c, requires
}

// PythonName is a distribution's name as PyPI compares it.
func PythonName(name string) string {
	return strings.ToLower(regexp.MustCompile(`[-_.]+`).ReplaceAllString(name, "-"))
}

// LinkPython fills in DependsOn: requires[i] are the names that components[i]
// asks for.
func LinkPython(components []Component, requires [][]string) {
	ids := map[string]string{}
	for _, c := range components {
		ids[PythonName(c.Name)] = c.ID()
	}
	for i := range components {
		for _, name := range requires[i] {
			if id := ids[name]; id != "" {
				components[i].DependsOn = append(components[i].DependsOn, id)
			}
		}
	}
}

// pythonMarker tells whether a dependency is certainly asked for: of markers,
// only comparisons of the interpreter's version are read. What hangs on an extra
// or on a platform is not claimed.
func pythonMarker(marker, python string) bool {
	m := regexp.MustCompile(`^\s*\(?\s*python(?:_full)?_version\s*(<=|>=|<|>|==|!=)\s*["']([0-9]+)\.([0-9]+)[^"']*["']\s*\)?\s*$`).FindStringSubmatch(marker)
	major, minor, ok := strings.Cut(python, ".")
	if m == nil || !ok {
		return false
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	minor, _, _ = strings.Cut(minor, ".")
	order := cmp.Or(cmp.Compare(number(major), number(m[2])), cmp.Compare(number(minor), number(m[3])))
	switch m[1] {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "==":
		return order == 0
	}
	return order != 0
}

// pythonLicense reads what was written before licence expressions were: a field
// of free text, and classifiers.
func pythonLicense(field string, classifiers []string) License {
	if id := knownLicense(field); id != "" {
		return License{Expression: id}
	}
	var classified []string
	for _, c := range classifiers {
		if name, ok := strings.CutPrefix(c, "License :: OSI Approved :: "); ok {
			classified = append(classified, name)
		}
	}
	known := map[string]string{
		"MIT License": "MIT", "ISC License (ISCL)": "ISC", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
		"The Unlicense (Unlicense)": "Unlicense", "zlib/libpng License": "Zlib",
	}
	if len(classified) == 1 && known[classified[0]] != "" && field == "" {
		return License{Expression: known[classified[0]]}
	}
	if l := ParseLicense(field); l.Expression != "" && strings.ContainsAny(field, " ") && len(l.Extracted) == 0 {
		return l // "MIT OR Apache-2.0" in the old field
	}
	words := strings.TrimSpace(strings.Join(append([]string{field}, classified...), "; "))
	return License{Comment: oneLine(strings.Trim(words, "; "))}
}

// authors takes the first of a list of addresses; a name without one will do.
func authors(name, addresses string) string {
	if list, err := mail.ParseAddressList(addresses); err == nil && len(list) > 0 {
		return person(cmp.Or(list[0].Name, name) + " <" + list[0].Address + ">")
	}
	return person(name)
}
