package audit

import (
	"fmt"
	"slices"
	"strings"
)

// lack is the symbol versions that an object needs of a library, and that the
// one which the loader takes does not define.
type lack struct {
	by, library *object
	name        string // of the library, as written
	versions    []string
}

// lacks compares all needs with what was loaded, as ld.so does before it
// relocates anything: names, for equality. Weak needs, and libraries without
// any version, are good for no more than a message of its own. musl does not
// look at versions.
func (p *process) lacks() []lack {
	if p.isMusl {
		return nil
	}
	var lacks []lack
	for _, o := range p.objects {
		found := map[string]int{}
		for _, need := range o.program().Needs {
			library, ok := p.known[need.Library]
			if !ok || need.Weak {
				continue
			}
			q := library.program()
			if len(q.Defines) == 0 || library.entry.File.Fault != nil || slices.Contains(q.Defines, need.Version) {
				continue
			}
			i, ok := found[need.Library]
			if !ok {
				i = len(lacks)
				found[need.Library] = i
				lacks = append(lacks, lack{by: o, library: library, name: need.Library})
			}
			lacks[i].versions = append(lacks[i].versions, need.Version)
		}
	}
	return lacks
}

// highest is the version of the list that people should hear about: the
// highest of the family that comes first among those that have numbers.
func highest(versions []string) (name, family, version string) {
	for _, v := range versions {
		f, n := SplitVersion(v)
		if name == "" || version == "" && n != "" || f == family && CompareVersions(n, version) > 0 {
			name, family, version = v, f, n
		}
	}
	return name, family, version
}

// describe says what is lacking and what is there: "needs GLIBC_2.38 of
// libc.so.6; the image's /lib/libc.so.6 (layer 0) defines up to GLIBC_2.36".
func (d lack) describe(inv *Inventory) string {
	need, family, _ := highest(d.versions)
	if more := len(d.versions) - 1; more > 0 {
		need += fmt.Sprintf(" (and %d more)", more)
	}
	have := "does not define it"
	if up := highestOf(d.library.program().Defines, family); up != "" {
		have = "defines up to " + up
	}
	return fmt.Sprintf("needs %s of %s; the image's %s %s", need, d.name, inv.placeOf(d.library.entry), have)
}

// highestOf is the name of the highest version that a family has in a list.
func highestOf(defines []string, family string) string {
	var name, highest string
	for _, v := range defines {
		if f, n := SplitVersion(v); f == family && n != "" && CompareVersions(n, highest) > 0 {
			name, highest = v, n
		}
	}
	return name
}

// cure tells the ways out: an older need, or a newer library.
func (d lack) cure(arch string) string {
	need, family, version := highest(d.versions)
	_, _, has := highest([]string{highestOf(d.library.program().Defines, family)})
	switch {
	case family == "GLIBC" && has != "" && version != "":
		return fmt.Sprintf("build it for glibc %s (cargo zigbuild --target=%s.%s; of wheels take one tagged manylinux_%s or lower), or take a base with glibc %s or newer",
			has, gnuTriple(arch), has, strings.ReplaceAll(has, ".", "_"), version)
	case family == "GLIBC_PRIVATE":
		return "all files of glibc must be of one release: remove the ones that were copied in"
	case family == "GLIBCXX" || family == "CXXABI":
		return "put a libstdc++ of a newer GCC into the image, or build it with an older GCC or with -static-libstdc++"
	}
	return fmt.Sprintf("install the release of %s that has %s, or build it against the one in the image", d.name, need)
}

// placeOf is a file and the layer that brought it, for messages.
func (inv *Inventory) placeOf(e *Entry) string {
	name, index := inv.layerOf(e)
	return Finding{Path: e.Path, Layer: name, LayerIndex: index}.place()
}
