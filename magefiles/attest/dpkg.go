package attest

import (
	"cmp"
	"slices"
	"strings"
)

// Distribution is an operating system, as os-release(5) names it.
type Distribution struct {
	ID       string // "debian"
	Name     string // "Debian GNU/Linux"
	Codename string // "trixie"
}

// ReadOSRelease reads /etc/os-release.
func ReadOSRelease(text string) Distribution {
	values := map[string]string{}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[key] = strings.Trim(value, `"'`)
	}
	return Distribution{ID: values["ID"], Name: values["NAME"], Codename: values["VERSION_CODENAME"]}
}

// DpkgPackages reads /var/lib/dpkg/status: the packages that are installed, with
// those that they depend on. copyright returns the text of a package's copyright
// file, "" if it has none.
func DpkgPackages(status string, distro Distribution, copyright func(name string) string) []Component {
	var installed []stanza
	provided := map[string]string{} // name, real or virtual -> ID
	for _, s := range stanzas(status) {
		if s["package"] == "" || !strings.HasSuffix(s["status"], " installed") {
			continue
		}
		installed = append(installed, s)
		id := ID("deb", s["package"], s["version"])
		for _, name := range relationNames(s["provides"]) {
			if provided[name] == "" {
				provided[name] = id
			}
		}
	}
	for _, s := range installed { // a real package is meant before one that stands in for it
		provided[s["package"]] = ID("deb", s["package"], s["version"])
	}
	var out []Component
	seen := map[string]bool{}
	for _, s := range installed {
		name, version := s["package"], s["version"]
		c := Component{
			Kind: "deb", Name: name, Version: version, Supplier: "Organization: " + cmp.Or(distro.Name, "Debian"), Homepage: webAddress(s["homepage"]),
			PURL:    PURL("deb", cmp.Or(distro.ID, "debian"), name, version, map[string]string{"arch": s["architecture"], "distro": distro.Codename}),
			License: DebianLicense(copyright(name)), Originator: person(s["maintainer"]), Source: debianSource(s),
		}
		if seen[c.ID()] {
			c.Arch = s["architecture"]
		}
		seen[c.ID()] = true
		for _, field := range []string{"pre-depends", "depends"} {
			for group := range strings.SplitSeq(s[field], ",") {
				for _, alternative := range relationNames(strings.ReplaceAll(group, "|", ",")) {
					if id := provided[alternative]; id != "" {
						c.DependsOn = append(c.DependsOn, id)
						break // the first of the alternatives that is there
					}
				}
			}
		}
		slices.Sort(c.DependsOn)
		c.DependsOn = slices.Compact(c.DependsOn)
		out = append(out, c)
	}
	return out
}

// relationNames are the names in a list such as "libc6 (>= 2.34), awk:any".
func relationNames(list string) []string {
	var out []string
	for item := range strings.SplitSeq(list, ",") {
		name, _, _ := strings.Cut(strings.TrimSpace(item), " ")
		name, _, _ = strings.Cut(name, ":")
		name, _, _ = strings.Cut(name, "(")
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

func debianSource(s stanza) string {
	source, version := s["source"], s["version"]
	if name, of, found := strings.Cut(source, " ("); found {
		source, version = name, strings.TrimSuffix(of, ")")
	}
	if source == "" {
		source = s["package"]
	}
	return "built from Debian source package " + source + " " + version
}

// person is "Name <address>" as SPDX writes it.
func person(s string) string {
	name, address, found := strings.Cut(strings.TrimSpace(s), "<")
	name = strings.Trim(strings.TrimSpace(name), `"`)
	if name == "" || strings.ContainsAny(name, "()\n") {
		return ""
	}
	if address, _, closed := strings.Cut(address, ">"); found && closed && strings.Contains(address, "@") {
		return "Person: " + name + " (" + address + ")"
	}
	return "Person: " + name
}

// webAddress lets only what is one pass: validators look.
func webAddress(s string) string {
	if (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && !strings.ContainsAny(s, " \t\n<>\"") {
		return s
	}
	return ""
}
