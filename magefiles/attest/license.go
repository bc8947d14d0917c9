package attest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// License is what the makers of a component say of its licence.
type License struct {
	Expression string             // of SPDX; "" is unknown
	Comment    string             // their own words, where these are no expression
	Extracted  []ExtractedLicense // what the expression names and SPDX's list does not have
}

// ParseLicense reads an SPDX expression as registries of packages have it, and
// what they had before: "MIT/Apache-2.0". Identifiers that are not known here
// become references, so that every reader accepts the expression; words that
// are no expression at all become the comment.
func ParseLicense(s string) License {
	s = strings.TrimSpace(s)
	if s == "" {
		return License{}
	}
	if id := knownLicense(s); id != "" {
		return License{Expression: id}
	}
	words := licenseWords(s)
	var out License
	depth, operand := 0, false // an operand was just read
	for i, w := range words {
		switch upper := strings.ToUpper(w); {
		case w == "(":
			if operand {
				return License{Comment: oneLine(s)}
			}
			depth++
		case w == ")":
			if depth--; !operand || depth < 0 {
				return License{Comment: oneLine(s)}
			}
		case upper == "AND" || upper == "OR" || upper == "WITH":
			if !operand {
				return License{Comment: oneLine(s)}
			}
			words[i], operand = upper, false
		default:
			if operand {
				return License{Comment: oneLine(s)}
			}
			operand = true
			if i > 0 && words[i-1] == "WITH" {
				continue // exceptions have a list of their own
			}
			id, extracted := licenseID(w, "")
			words[i] = id
			out.Extracted = append(out.Extracted, extracted...)
		}
	}
	if depth != 0 || !operand {
		return License{Comment: oneLine(s)}
	}
	out.Expression = strings.NewReplacer("( ", "(", " )", ")").Replace(strings.Join(words, " "))
	return out
}

// licenseWords splits at blanks, brackets and the slash of old.
func licenseWords(s string) []string {
	s = strings.NewReplacer("(", " ( ", ")", " ) ", "/", " OR ").Replace(s)
	return strings.Fields(s)
}

// licenseID is the identifier of one licence: SPDX's, or a reference to text.
func licenseID(name, text string) (string, []ExtractedLicense) {
	if id := knownLicense(name); id != "" {
		return id, nil
	}
	if ref, ok := strings.CutPrefix(name, "LicenseRef-"); ok && ref != "" && strings.TrimRight(ref, "-") == idLetters(ref) && text == "" {
		text = "The text of " + name + " is with the component."
		return name, []ExtractedLicense{{name, name, text}}
	}
	id := "LicenseRef-" + idLetters(name)
	if text == "" {
		text = "Declared as: " + name
	} else {
		sum := sha256.Sum256([]byte(text)) // two components may give one name to two texts
		id += "-" + hex.EncodeToString(sum[:4])
	}
	return id, []ExtractedLicense{{id, name, text}}
}

// knownLicense is SPDX's identifier for a name, "" if it is not known here.
func knownLicense(name string) string {
	name = strings.TrimSpace(name)
	for id := range strings.FieldsSeq(licenseIDs) {
		if len(id) == len(name) && strings.EqualFold(id, name) {
			return id
		}
	}
	switch lower := strings.ToLower(name); lower {
	case "expat", "mit license", "the mit license":
		return "MIT"
	case "apache 2.0", "apache license 2.0", "apache license, version 2.0", "apache-2", "apache software license 2.0":
		return "Apache-2.0"
	case "bsd 3-clause", "3-clause bsd license", "bsd-3-clause license":
		return "BSD-3-Clause"
	case "mozilla public license 2.0 (mpl 2.0)":
		return "MPL-2.0"
	case "isc license":
		return "ISC"
	case "psf-2":
		return "PSF-2.0"
	case "bsl-1":
		return "BSL-1.0"
	case "cc0":
		return "CC0-1.0"
	case "gfdl-niv-1.3+":
		return "GFDL-1.3-no-invariants-or-later"
	case "gfdl-1.2+", "gfdl-1.3+":
		return strings.ToUpper(strings.TrimSuffix(lower, "+")) + "-or-later"
	case "gfdl-1.3":
		return "GFDL-1.3-only"
	default:
		return gnuLicense(lower)
	}
}

// licenseIDs are the identifiers of SPDX's list that packages of image bases,
// PyPI, crates.io and npm mostly have.
const licenseIDs = `0BSD AFL-2.1 AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl
	Artistic-2.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Clear BSD-4-Clause BSD-4-Clause-UC
	BSD-Source-Code BSL-1.0 BlueOak-1.0.0 bzip2-1.0.6 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0
	CDLA-Permissive-1.0 CDLA-Permissive-2.0 curl EPL-1.0 EPL-2.0 EUPL-1.2 FSFAP FSFUL FSFULLR FTL GFDL-1.1-or-later
	GFDL-1.2-or-later GFDL-1.3-only GFDL-1.3-or-later GFDL-1.3-no-invariants-or-later GPL-1.0-only GPL-1.0-or-later GPL-2.0-only
	GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ICU IJG ISC LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1-only
	LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later Libpng MIT MIT-0 MPL-1.1 MPL-2.0 MS-PL NCSA OFL-1.1 OpenSSL PHP-3.01
	PSF-2.0 PostgreSQL Python-2.0 Ruby SMLNJ SSH-OpenSSH SunPro TCL Unicode-3.0 Unicode-DFS-2016 Unlicense UPL-1.0 Vim W3C
	WTFPL X11 ZPL-2.1 Zlib zlib-acknowledgement`

// gnuLicense reads Debian's names of GNU's licences: "gpl-2+", "lgpl-2.1".
func gnuLicense(lower string) string {
	family, version, _ := strings.Cut(lower, "-")
	version, later := strings.CutSuffix(version, "+")
	if !strings.Contains(version, ".") {
		version += ".0"
	}
	switch id := family + "-" + version; id {
	case "gpl-1.0", "gpl-2.0", "gpl-3.0", "lgpl-2.0", "lgpl-2.1", "lgpl-3.0", "agpl-3.0":
		if later {
			return strings.ToUpper(id) + "-or-later"
		}
		return strings.ToUpper(id) + "-only"
	}
	return ""
}

// oneLine shortens somebody's words to what a comment needs.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}
