package attest

import (
	"strconv"
	"strings"
)

// LockedCrate is an entry of a Cargo.lock.
type LockedCrate struct {
	Name, Version string
	Source        string // "registry+https://…", "git+https://…"; "" for a folder
	SHA256        string // of the archive, in hex; a registry's crates have one
}

// ReadCargoLock reads the entries of a Cargo.lock, in its order. The file is
// written by cargo alone, always in one form; it is TOML of the simplest kind.
func ReadCargoLock(text string) []LockedCrate {
	var out []LockedCrate
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			if inside = line == "[[package]]"; inside {
				out = append(out, LockedCrate{})
			}
			continue
		}
		key, value, ok := strings.Cut(line, " = ")
		if !ok || !inside {
			continue
		}
		value, err := strconv.Unquote(value)
		if err != nil {
			continue
		}
		crate := &out[len(out)-1]
		switch key {
		case "name":
			crate.Name = value
		case "version":
			crate.Version = value
		case "source":
			crate.Source = value
		case "checksum":
			crate.SHA256 = value
		}
	}
	return out
}

// Crate is a component that cargo linked into a program.
func Crate(locked LockedCrate, license string) Component {
	c := Component{
		Kind: "cargo", Name: locked.Name, Version: locked.Version, License: ParseLicense(license), Purpose: "LIBRARY",
		PURL: PURL("cargo", "", locked.Name, locked.Version, nil),
	}
	if locked.SHA256 != "" {
		c.Checksums = []Checksum{{"SHA256", locked.SHA256}}
	}
	if address, ok := strings.CutPrefix(locked.Source, "git+"); ok {
		address, commit, _ := strings.Cut(address, "#")
		address, _, _ = strings.Cut(address, "?")
		c.Download = "git+" + address + "@" + commit
		c.PURL = PURL("cargo", "", locked.Name, locked.Version, map[string]string{"vcs_url": c.Download})
	}
	return c
}
