package debian

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Mirrors are base URLs, tried in order. Debian's main and security archives
// live under different ones: what has "dists" and "pool" below it is a base.
type Mirrors struct {
	Main     []string
	Security []string
}

// Empty reports whether there is no mirror of the main archive.
func (m Mirrors) Empty() bool { return len(m.Main) == 0 }

// ParseMirrors reads a list of base URLs, separated by commas or blanks. One whose
// path ends in "-security" is of the security archive. If there is none such, the
// security archive is looked for beside each main one, as nearly every mirror has
// it: …/debian-security beside …/debian.
func ParseMirrors(list string) (Mirrors, error) {
	var m Mirrors
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' }) {
		u, err := url.Parse(s)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return Mirrors{}, fmt.Errorf("parsing mirror %q: not an http or https URL; one looks like https://mirror.example.org/debian", redacted(s))
		}
		if u.RawQuery != "" || u.Fragment != "" {
			return Mirrors{}, fmt.Errorf("parsing mirror %q: a mirror's URL has no ? or #", redacted(s))
		}
		m.add(s, strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "-security"))
	}
	return m.withSiblings(), nil
}

// redacted is a mirror's URL for people: company mirrors are often named with
// user and password, and messages end up in the logs of CI systems.
func redacted(mirror string) string {
	at := strings.LastIndex(mirror, "@") // the last: a password may have one in it
	if at < 0 {
		return mirror
	}
	scheme, _, ok := strings.Cut(mirror[:at], "://")
	if !ok {
		return "***" + mirror[at:]
	}
	return scheme + "://***" + mirror[at:]
}

func (m *Mirrors) add(base string, security bool) {
	list := &m.Main
	if security {
		list = &m.Security
	}
	if base = strings.TrimRight(base, "/"); !slices.Contains(*list, base) {
		*list = append(*list, base)
	}
}

// withSiblings guesses the security archive where none is named.
func (m Mirrors) withSiblings() Mirrors {
	if len(m.Security) > 0 {
		return m
	}
	for _, base := range m.Main {
		m.Security = append(m.Security, base+"-security")
	}
	return m
}
