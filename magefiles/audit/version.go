package audit

import (
	"cmp"
	"debug/elf"
	"regexp"
	"strings"
)

// elfVersions follows the two lists of symbol versions: what the program
// needs, and what it defines. Their records are those of the Linux Standard
// Base, "Symbol Versioning". As in ld.so a list ends where its link is zero.
func (p *Program) elfVersions(e *elfReader, values map[elf.DynTag]uint64) error {
	steps := 0
	if address, ok := values[elf.DT_VERNEED]; ok {
		err := e.list("needed versions", address, 16, 12, &steps, func(at uint64, need []byte) error {
			library, err := e.name("library's name", uint64(e.order.Uint32(need[4:])))
			if err != nil {
				return err
			}
			return e.list("needed versions", at+uint64(e.order.Uint32(need[8:])), 16, 12, &steps, func(_ uint64, aux []byte) error {
				name, err := e.name("version's name", uint64(e.order.Uint32(aux[8:])))
				if err != nil {
					return err
				}
				p.addNeed(VersionNeed{library, name, e.order.Uint16(aux[4:])&uint16(elf.VER_FLG_WEAK) != 0})
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	if address, ok := values[elf.DT_VERDEF]; ok {
		return e.list("defined versions", address, 20, 16, &steps, func(at uint64, def []byte) error {
			if e.order.Uint16(def[2:])&uint16(elf.VER_FLG_BASE) != 0 {
				return nil // the library's own name
			}
			off, err := e.at("defined versions", at+uint64(e.order.Uint32(def[12:])))
			if err != nil {
				return err
			}
			aux, err := e.read("defined versions", off, 8)
			if err != nil {
				return err
			}
			name, err := e.name("version's name", uint64(e.order.Uint32(aux)))
			if err != nil {
				return err
			}
			p.Defines = append(p.Defines, name)
			return nil
		})
	}
	return nil
}

// list visits a linked list of records of size bytes, whose link, relative to
// the record, is at next. steps counts over all lists of a file: hostile ones
// share their tails.
func (e *elfReader) list(what string, address, size uint64, next int, steps *int, visit func(at uint64, record []byte) error) error {
	for {
		if *steps++; *steps > maxSteps {
			return malformed("its list of %s is endless", what)
		}
		off, err := e.at(what, address)
		if err != nil {
			return err
		}
		record, err := e.read(what, off, size)
		if err != nil {
			return err
		}
		if err := visit(address, record); err != nil {
			return err
		}
		step := e.order.Uint32(record[next:])
		if step == 0 {
			return nil
		}
		address += uint64(step)
	}
}

func (p *Program) addNeed(n VersionNeed) {
	p.Needs = append(p.Needs, n)
	if n.Weak {
		return
	}
	if p.Versions == nil {
		p.Versions = map[string]string{}
	}
	family, version := SplitVersion(n.Version)
	if have, ok := p.Versions[family]; !ok || CompareVersions(version, have) > 0 {
		p.Versions[family] = version
	}
}

var versionName = regexp.MustCompile(`^(.+?)_([0-9]+(?:[._][0-9]+)*[a-z]?)$`)

// SplitVersion takes the name of a symbol version apart: "GLIBC_2.28" is "2.28"
// of "GLIBC", and "OPENSSL_1_1_0" is "1.1.0" of "OPENSSL". A name without a
// version is all family: "GLIBC_PRIVATE", "CXXABI_FLOAT128".
func SplitVersion(name string) (family, version string) {
	if name == "GLIBC_ABI_DT_RELR" {
		return "GLIBC", "2.36" // the marker of packed relocations, which that release learned to read
	}
	m := versionName.FindStringSubmatch(name)
	if m == nil {
		return name, ""
	}
	return m[1], strings.ReplaceAll(m[2], "_", ".")
}

// CompareVersions compares dotted versions, numbers as numbers: 2.4 < 2.28,
// and 11 = 11.0. Its result is that of [cmp.Compare].
func CompareVersions(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		digits := func(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }
		if c := cmp.Or(cmp.Compare(digits(x), digits(y)), cmp.Compare(x, y)); c != 0 {
			return c
		}
	}
	return 0
}
