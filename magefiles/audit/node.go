package audit

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// IDNodeAddon is the ID of [checkNode]'s findings.
const IDNodeAddon = "node-addon" // a package for node has no native addon for this platform

// checkNode looks at node's native addons package by package. Many bring some
// for all platforms, in prebuilds folders or as optional packages: what counts
// is that one is for this platform and its C library. A package that has none
// is one finding; one that has more than its own is a note. An addon that lies
// by itself is like any other library, and no business of this check.
func checkNode(inv *Inventory) []Finding {
	if _, err := parsePlatform(inv.Platform); err != nil {
		return nil
	}
	f := newFamilies(inv)
	packages := map[string][]*Entry{}
	for _, e := range inv.Files {
		if loadable(e) && path.Ext(e.Path) == ".node" && (strings.Contains(e.Path, "/node_modules/") || strings.Contains(e.Path, "/prebuilds/")) {
			packages[nodePackage(e.Path)] = append(packages[nodePackage(e.Path)], e)
		}
	}
	var findings []Finding
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		findings = append(findings, f.addons(inv, packages[name])...)
	}
	return findings
}

func (f *families) addons(inv *Inventory, addons []*Entry) []Finding {
	slices.SortFunc(addons, func(a, b *Entry) int { return cmp.Compare(a.Path, b.Path) })
	var foreign, alone []*Entry
	ours := 0
	for _, e := range addons {
		if f.fits(e) {
			ours++
			continue
		}
		foreign = append(foreign, e)
		// Something else of the package for this platform does not replace
		// what node-gyp built here: for the wrong machine.
		if _, ok := f.excused(e); !ok && strings.Contains(e.Path, "/build/Release/") {
			alone = append(alone, e)
		}
	}
	cure := fmt.Sprintf("install it for %s: npm ci with --os=%s --cpu=%s --libc=%s, or on that platform", inv.Platform, nodeOS(f.w.os), nodeCPU(f.w.arch), cmp.Or(f.libc, "glibc"))
	switch {
	case len(foreign) == 0:
		return nil
	case ours == 0:
		e := foreign[0]
		message := fmt.Sprintf("package %s has no addon for %s: this is %s", nodeName(e), inv.Platform, f.describe(e))
		return []Finding{inv.finding(e, IDNodeAddon, f.severity(e), message, cure)}
	case len(alone) > 0:
		e := alone[0]
		message := fmt.Sprintf("package %s was compiled for another platform: this is %s", nodeName(e), f.describe(e))
		return []Finding{inv.finding(e, IDNodeAddon, Error, message, cure)}
	}
	message := fmt.Sprintf("package %s brings addons for other platforms, too (%d files)", nodeName(foreign[0]), len(foreign))
	return []Finding{inv.finding(foreign[0], IDNodeAddon, Note, message, "nothing to do; leaving them out makes the image smaller")}
}

// severity is less than Error for packages that are of use on other systems
// only, and that fail softly or are never asked on this one.
func (f *families) severity(e *Entry) string {
	if f.w.format == e.File.Program.Format {
		return Error
	}
	switch p := e.Path; {
	case strings.Contains(p, "/fsevents/"):
		return Note
	case strings.Contains(p, "/prebuilds/"):
		return Warning
	}
	return Error
}

func (f *families) describe(e *Entry) string {
	p := e.File.Program
	text := p.String()
	if v := judge(p.Binary, f.w, e.Path); v.id == "" {
		text += " for " + p.libc() + ", and this image has " + f.libc
	}
	return text
}

// nodeName is what people call the package of a file: "@img/sharp-linux-x64".
func nodeName(e *Entry) string {
	root := nodeRoot(e.Path)
	if scope := path.Base(path.Dir(root)); strings.HasPrefix(scope, "@") {
		return scope + "/" + path.Base(root)
	}
	return path.Base(root)
}

// nodeRoot is the folder of the package that a file belongs to.
func nodeRoot(name string) string {
	if i := strings.LastIndex(name, "/node_modules/"); i >= 0 {
		parts := strings.Split(name[i+1:], "/")
		n := 2
		if strings.HasPrefix(parts[1], "@") {
			n = 3
		}
		return path.Join(name[:i], "/", path.Join(parts[:min(n, len(parts)-1)]...))
	}
	for _, folder := range []string{"/prebuilds/", "/build/Release/", "/bin/"} {
		if i := strings.Index(name, folder); i > 0 {
			return name[:i]
		}
	}
	return path.Dir(name)
}

// nodePackage is nodeRoot without the words for platforms:
// "@img/sharp-linux-x64" and "@img/sharp-darwin-arm64" are one.
func nodePackage(name string) string {
	dir, base := path.Split(nodeRoot(name))
	short, _ := withoutPlatform(base)
	return dir + short
}

func nodeOS(os string) string {
	if os == "windows" {
		return "win32"
	}
	return os
}

func nodeCPU(arch string) string {
	switch arch {
	case "amd64":
		return "x64"
	case "386":
		return "ia32"
	case "ppc64le":
		return "ppc64"
	}
	return arch
}

func nodeInfo() []CheckInfo {
	return []CheckInfo{{IDNodeAddon, "node's native addons", "A package for node brings native addons, and none of them is for this platform and its C library: loading the package fails."}}
}
