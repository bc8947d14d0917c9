package attest

import (
	"slices"
	"strings"
)

// maxLicenseText is how much of a licence's text is kept, in bytes.
const maxLicenseText = 64 << 10

// DebianLicense reads a machine-readable copyright file, as
// https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/ has it: all
// licences of its Files paragraphs, joined by AND. Other files say nothing to a
// program, and give an empty License.
func DebianLicense(copyright string) License {
	paragraphs := stanzas(copyright)
	if len(paragraphs) == 0 || !strings.Contains(paragraphs[0]["format"], "copyright-format") {
		return License{}
	}
	texts := map[string]string{} // of standalone License paragraphs
	for _, p := range paragraphs {
		if name, text, _ := strings.Cut(p["license"], "\n"); text != "" && (p["files"] == "" || texts[name] == "") {
			texts[name] = strings.ReplaceAll(text, "\n.\n", "\n\n") // how deb822 writes an empty line
		}
	}
	var parts []string
	var out License
	for _, p := range paragraphs {
		name, _, _ := strings.Cut(p["license"], "\n")
		if p["files"] == "" || strings.TrimSpace(name) == "" {
			continue
		}
		expression, extracted := debianExpression(name, texts)
		for _, e := range extracted {
			if !slices.ContainsFunc(out.Extracted, func(o ExtractedLicense) bool { return o.ID == e.ID }) {
				out.Extracted = append(out.Extracted, e)
			}
		}
		parts = append(parts, expression)
	}
	slices.Sort(parts)
	parts = slices.Compact(parts)
	if len(parts) > 1 {
		for i, p := range parts {
			if strings.Contains(p, " OR ") {
				parts[i] = "(" + p + ")"
			}
		}
	}
	out.Expression = strings.Join(parts, " AND ")
	return out
}

// debianExpression turns "GPL-2+ or Artistic, and BSD-3-clause" into SPDX's
// form. "or" binds looser than "and"; a comma before either binds looser still.
func debianExpression(s string, texts map[string]string) (string, []ExtractedLicense) {
	s = strings.Join(strings.Fields(s), " ")
	for _, level := range []struct {
		join  string
		words []string
	}{
		{" OR ", []string{", or "}}, {" AND ", []string{", and ", ", "}}, {" OR ", []string{" or ", " | ", " |", "| ", "|"}}, {" AND ", []string{" and "}},
	} {
		items := splitAt(s, level.words)
		if len(items) == 1 {
			continue
		}
		var parts []string
		var extracted []ExtractedLicense
		for _, item := range items {
			part, more := debianExpression(item, texts)
			if strings.Contains(part, " OR ") || strings.Contains(part, " AND ") {
				part = "(" + part + ")"
			}
			parts, extracted = append(parts, part), append(extracted, more...)
		}
		return strings.Join(parts, level.join), extracted
	}
	text := texts[s]
	if len(text) > maxLicenseText {
		text = strings.ToValidUTF8(text[:maxLicenseText], "") + "\n…"
	}
	id, extracted := licenseID(s, text)
	return id, extracted
}

// splitAt splits at any of the words, at the one that comes first in their order where several begin.
func splitAt(s string, words []string) []string {
	items, from := []string{}, 0
	for i := 0; i < len(s); {
		w := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(s[i:], w) })
		if w < 0 {
			i++
			continue
		}
		items = append(items, s[from:i])
		i += len(words[w])
		from = i
	}
	return append(items, s[from:])
}
