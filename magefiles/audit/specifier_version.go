package audit

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// pyVersion is a version of a Python package as PEP 440 reads it. Its numbers
// stay text, as those that are dates and hashes outgrow any machine word.
type pyVersion struct {
	epoch   string
	release []string
	pre     string // "", "a", "b" or "rc"
	preN    string
	post    string // "" is none
	dev     string // "" is none
	local   []string
}

// The expression is PEP 440's own, appendix B, with its lenient spellings.
var pyVersionText = regexp.MustCompile(`^v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)` +
	`(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]+)?)?` +
	`(-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?` +
	`([-_.]?dev[-_.]?[0-9]*)?` +
	`(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$`)

// parsePyVersion is false for what is no version by PEP 440.
func parsePyVersion(s string) (pyVersion, bool) {
	m := pyVersionText.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil {
		return pyVersion{}, false
	}
	v := pyVersion{epoch: m[1], release: strings.Split(m[2], "."), preN: cmp.Or(m[4], "0"), post: suffixNumber(m[5]), dev: suffixNumber(m[6])}
	switch m[3] {
	case "":
		v.preN = ""
	case "a", "alpha":
		v.pre = "a"
	case "b", "beta":
		v.pre = "b"
	default:
		v.pre = "rc"
	}
	if m[7] != "" {
		v.local = strings.FieldsFunc(m[7], func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	}
	return v, true
}

// suffixNumber is the number of ".post2" or "-2"; that of ".dev" is 0.
func suffixNumber(s string) string {
	if s == "" {
		return ""
	}
	return cmp.Or(strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyz-_."), "0")
}

func (v pyVersion) prerelease() bool { return v.pre != "" || v.dev != "" }

// public is the version without what distributors added after "+".
func (v pyVersion) public() pyVersion { v.local = nil; return v }

// base is the epoch and the release alone.
func (v pyVersion) base() pyVersion { return pyVersion{epoch: v.epoch, release: v.release} }

func (v pyVersion) compare(w pyVersion) int {
	// A developmental release of a final one comes before its pre-releases.
	pre := func(v pyVersion) (int, string, string) {
		switch {
		case v.pre == "" && v.post == "" && v.dev != "":
			return -1, "", ""
		case v.pre == "":
			return 1, "", ""
		}
		return 0, v.pre, v.preN
	}
	rank, letter, number := pre(v)
	rank2, letter2, number2 := pre(w)
	return cmp.Or(
		compareNumber(v.epoch, w.epoch), compareRelease(v.release, w.release),
		cmp.Compare(rank, rank2), cmp.Compare(letter, letter2), compareNumber(number, number2),
		compareOptional(v.post, w.post, -1), compareOptional(v.dev, w.dev, 1),
		slices.CompareFunc(v.local, w.local, compareLocal),
	)
}

// compareOptional compares two numbers, of which a missing one ranks as absent
// says: before (-1) or after (1) all others.
func compareOptional(a, b string, absent int) int {
	switch {
	case a == "" && b == "":
		return 0
	case a == "":
		return absent
	case b == "":
		return -absent
	}
	return compareNumber(a, b)
}

func compareRelease(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if c := compareNumber(at(a, i), at(b, i)); c != 0 {
			return c
		}
	}
	return 0
}

// at is the i-th number of a release, which goes on with zeros for ever.
func at(release []string, i int) string {
	if i < len(release) {
		return release[i]
	}
	return "0"
}

func compareNumber(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// compareLocal compares two segments of local versions: words come before
// numbers.
func compareLocal(a, b string) int {
	number := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	switch {
	case number(a) && number(b):
		return compareNumber(a, b)
	case number(a):
		return 1
	case number(b):
		return -1
	}
	return cmp.Compare(a, b)
}
