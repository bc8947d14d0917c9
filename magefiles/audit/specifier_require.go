package audit

import (
	"regexp"
	"strings"
)

// requirement is one line of Requires-Dist, see PEP 508.
type requirement struct {
	text   string // as written
	name   string // normalised, see pyName
	extras []string
	limits specifiers // none for a requirement by URL
	marker marker     // nil if it holds everywhere
}

var (
	nameRuns         = regexp.MustCompile(`[-_.]+`)
	requirementStart = regexp.MustCompile(`^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*`)
)

// pyName normalises the name of a package or an extra (PEP 503): "Ruamel.Yaml"
// and "ruamel_yaml" are "ruamel-yaml".
func pyName(name string) string {
	return strings.ToLower(nameRuns.ReplaceAllString(strings.TrimSpace(name), "-"))
}

// parseRequirement is false for what is no requirement by PEP 508; the checks
// then keep silent about it.
func parseRequirement(text string) (requirement, bool) {
	m := requirementStart.FindStringSubmatch(text)
	if m == nil {
		return requirement{}, false
	}
	r := requirement{text: strings.TrimSpace(text), name: pyName(m[1])}
	for extra := range strings.SplitSeq(m[2], ",") {
		if strings.TrimSpace(extra) != "" {
			r.extras = append(r.extras, pyName(extra))
		}
	}
	rest, condition := text[len(m[0]):], ""
	if address, ok := strings.CutPrefix(rest, "@"); ok {
		// A URL may hold a semicolon; only one after a space ends it.
		_, condition, _ = strings.Cut(address, " ;")
	} else {
		var limits string
		var ok bool
		limits, condition, _ = strings.Cut(rest, ";")
		limits = strings.TrimSpace(limits)
		if inner, found := strings.CutPrefix(limits, "("); found {
			limits = strings.TrimSuffix(inner, ")")
		}
		if r.limits, ok = parseSpecifiers(limits); !ok {
			return requirement{}, false
		}
	}
	if strings.TrimSpace(condition) == "" {
		return r, true
	}
	var ok bool
	r.marker, ok = parseMarker(condition)
	return r, ok
}
