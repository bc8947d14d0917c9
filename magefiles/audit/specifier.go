package audit

import (
	"regexp"
	"slices"
	"strings"
)

// specifier is one clause of PEP 440: ">=1.2", "==1.*", "~=2.2", "===text".
type specifier struct {
	op       string
	version  pyVersion
	prefix   bool   // ends in ".*"
	verbatim string // of "===", lower case
}

var (
	clauseText  = regexp.MustCompile(`^(~=|===|==|!=|<=|>=|<|>)\s*(\S+)$`)
	releaseOnly = regexp.MustCompile(`^v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*$`)
)

// parseSpecifier is false for what PEP 440 does not allow: the operators for
// order take no local version, "~=" wants two numbers, ".*" follows numbers
// only.
func parseSpecifier(clause string) (specifier, bool) {
	m := clauseText.FindStringSubmatch(strings.TrimSpace(clause))
	if m == nil {
		return specifier{}, false
	}
	s := specifier{op: m[1]}
	text := strings.ToLower(m[2])
	if s.op == "===" {
		s.verbatim = text
		return s, true
	}
	equality := s.op == "==" || s.op == "!="
	if stem, ok := strings.CutSuffix(text, ".*"); ok {
		if !equality || !releaseOnly.MatchString(stem) {
			return specifier{}, false
		}
		s.prefix, text = true, stem
	}
	var ok bool
	if s.version, ok = parsePyVersion(text); !ok || s.version.local != nil && !equality || s.op == "~=" && len(s.version.release) < 2 {
		return specifier{}, false
	}
	return s, true
}

// allows reports whether a version, as written, is in the clause. Pre-releases
// count like any others: what is installed was chosen by somebody.
func (s specifier) allows(text string) bool {
	if s.op == "===" {
		return strings.ToLower(strings.TrimSpace(text)) == s.verbatim
	}
	v, ok := parsePyVersion(text)
	if !ok {
		return false
	}
	sameBase := v.base().compare(s.version.base()) == 0
	switch s.op {
	case "==":
		return s.equals(v)
	case "!=":
		return !s.equals(v)
	case "<=":
		return v.public().compare(s.version) <= 0
	case ">=":
		return v.public().compare(s.version) >= 0
	case "<":
		return v.compare(s.version) < 0 && (s.version.prerelease() || !v.prerelease() || !sameBase)
	case ">":
		return v.compare(s.version) > 0 && (s.version.post != "" || v.post == "" || !sameBase) && (v.local == nil || !sameBase)
	}
	release := s.version.release // "~=": at least this, and equal in all but its last number
	return v.public().compare(s.version) >= 0 && v.hasPrefix(s.version.epoch, release[:len(release)-1])
}

func (s specifier) equals(v pyVersion) bool {
	switch {
	case s.prefix:
		return v.hasPrefix(s.version.epoch, s.version.release)
	case s.version.local == nil:
		v = v.public()
	}
	return v.compare(s.version) == 0
}

func (v pyVersion) hasPrefix(epoch string, release []string) bool {
	for i, n := range release {
		if compareNumber(at(v.release, i), n) != 0 {
			return false
		}
	}
	return compareNumber(v.epoch, epoch) == 0
}

// specifiers are clauses that must all hold; none allows everything.
type specifiers []specifier

// parseSpecifiers reads clauses that commas separate.
func parseSpecifiers(text string) (specifiers, bool) {
	var all specifiers
	for clause := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(clause) == "" {
			continue
		}
		s, ok := parseSpecifier(clause)
		if !ok {
			return nil, false
		}
		all = append(all, s)
	}
	return all, true
}

func (s specifiers) allow(version string) bool {
	return !slices.ContainsFunc(s, func(c specifier) bool { return !c.allows(version) })
}
