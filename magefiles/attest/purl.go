package attest

import (
	"maps"
	"slices"
	"strings"
)

// PURL writes a package URL, as https://github.com/package-url/purl-spec has it:
// pkg:TYPE/NAMESPACE/NAME@VERSION?KEY=VALUE&…, qualifiers sorted, empty ones left
// out.
func PURL(kind, namespace, name, version string, qualifiers map[string]string) string {
	out := "pkg:" + kind + "/"
	for part := range strings.SplitSeq(namespace, "/") {
		if part != "" {
			out += purlEscape(part) + "/"
		}
	}
	out += purlEscape(name)
	if version != "" {
		out += "@" + purlEscape(version)
	}
	separator := "?"
	for _, key := range slices.Sorted(maps.Keys(qualifiers)) {
		if value := qualifiers[key]; value != "" {
			// The specification's own examples leave the slashes of addresses as they are.
			out += separator + key + "=" + strings.ReplaceAll(purlEscape(value), "%2F", "/")
			separator = "&"
		}
	}
	return out
}

// purlEscape leaves what the specification says is never to be encoded, the
// colon included.
func purlEscape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte(".-_~:", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
