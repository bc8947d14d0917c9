package audit

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// IDs of the findings of [Across].
const (
	IDSameBinary     = "same-binary"      // one native file in images for different machines
	IDVersionDiffers = "version-differs"  // a Python distribution in different versions
	IDFilesDiffer    = "files-differ"     // application files that only some platforms have
	IDLayerNotShared = "layer-not-shared" // a layer that should be one blob, and is several
)

// acrossInfo is what [Checks] tells of them.
func acrossInfo() []CheckInfo {
	return []CheckInfo{
		{IDSameBinary, "one binary in images for different machines", "A native file is byte-equal in the images for two machines, and can be right in one at most: the build for one of them copied or installed what was made for the other."},
		{IDVersionDiffers, "versions differ between platforms", "A Python distribution has different versions on two platforms, so that they behave differently."},
		{IDFilesDiffer, "files differ between platforms", "Application files that are no machine code are there on one platform and missing on another."},
		{IDLayerNotShared, "a shared layer is not shared", "A layer that should be one blob on all platforms is not: its contents depend on the platform that it was built for."},
	}
}

// Sameness is what the maker of an image promises about its platforms: layers
// by the names that he gave them. Images of other people promise nothing.
type Sameness struct {
	Own    []string // his layers: equal files on all platforms, but for native ones
	Shared []string // layers of his image that are one blob on all platforms
}

// Across compares the platforms of one image with each other. Each is held
// against the first of its operating system; a single one has no findings.
func Across(invs []*Inventory, same Sameness) []Finding {
	var findings []Finding
	groups := map[string][]*Inventory{}
	for _, inv := range invs {
		os, _, _ := strings.Cut(inv.Platform, "/")
		groups[os] = append(groups[os], inv)
	}
	for _, group := range groups {
		slices.SortStableFunc(group, func(a, b *Inventory) int { return cmp.Compare(a.Platform, b.Platform) })
		findings = append(findings, sameBinaries(group)...)
		for _, inv := range group[1:] {
			p := pair{group[0], inv, same}
			findings = append(findings, p.layers()...)
			findings = append(findings, p.versions()...)
			findings = append(findings, p.files()...)
		}
	}
	Sort(findings)
	return findings
}

// pair is two platforms of an image: what is found is told of the second.
type pair struct {
	first, second *Inventory
	Sameness
}

// own reports whether the maker of the image made the layer of an entry.
func (p pair) own(inv *Inventory, e *Entry) bool {
	name, _ := inv.layerOf(e)
	return name != "" && slices.Contains(p.Own, name)
}

// ours reports whether any layer is one that promises were made about.
func (p pair) ours() bool {
	return slices.ContainsFunc(p.second.Layers, func(l LayerFacts) bool { return slices.Contains(p.Own, l.Name) })
}

// layers holds the digests of layers that should be one blob against each other.
func (p pair) layers() []Finding {
	var findings []Finding
	for _, name := range p.Shared {
		a, okA := p.first.layer(name)
		b, okB := p.second.layer(name)
		f := Finding{
			ID: IDLayerNotShared, Severity: Error, Platform: p.second.Platform, Path: "/", Layer: name, LayerIndex: b.Index,
			Cure: "build both platforms in one go, from one tree: what differs has no place in a layer that they share",
		}
		switch {
		case okA && !okB:
			f.LayerIndex = -1
			f.Message = fmt.Sprintf("the image for %s has the layer %q, and this one lacks it", p.first.Platform, name)
		case !okA && okB:
			f.Message = fmt.Sprintf("the layer %q is missing in the image for %s", name, p.first.Platform)
		case !okA || a.Digest == b.Digest || a.Digest == "" || b.Digest == "":
			continue
		default:
			f.Message = fmt.Sprintf("the layer %q should be one blob on all platforms: it is %s here and %s on %s",
				name, shortDigest(b.Digest), shortDigest(a.Digest), p.first.Platform)
		}
		findings = append(findings, f)
	}
	return findings
}

func (inv *Inventory) layer(name string) (LayerFacts, bool) {
	i := slices.IndexFunc(inv.Layers, func(l LayerFacts) bool { return l.Name == name })
	if i < 0 {
		return LayerFacts{}, false
	}
	return inv.Layers[i], true
}

func shortDigest(d string) string { return d[:min(len(d), len("sha256:")+12)] }

// versions compares the Python distributions of equal folders. A distribution
// that only one platform has is no business of this: markers of requirements
// (platform_machine == "x86_64") do that on purpose.
func (p pair) versions() []Finding {
	var findings []Finding
	before := distInfos(p.first)
	for key, here := range distInfos(p.second) {
		there, ok := before[key]
		if !ok || slices.Equal(here.versions, there.versions) {
			continue
		}
		severity := Warning
		if p.own(p.first, there.entry) && p.own(p.second, here.entry) {
			severity = Error
		}
		findings = append(findings, p.second.finding(here.entry, IDVersionDiffers, severity,
			fmt.Sprintf("%s is %s here and %s on %s", path.Base(key), strings.Join(here.versions, " and "),
				strings.Join(there.versions, " and "), p.first.Platform),
			"install all platforms from one lock file"))
	}
	return findings
}

// distInfo is the versions of one distribution in one folder; more than one
// are what a careless installer leaves.
type distInfo struct {
	versions []string
	entry    *Entry
}

// distInfos finds NAME-VERSION.dist-info folders, by folder and name. The names
// are as the specification of recorded projects writes them, and as older
// installers did: "Foo.Bar" and "foo_bar" are one.
func distInfos(inv *Inventory) map[string]distInfo {
	out := map[string]distInfo{}
	for name, e := range inv.Files {
		if path.Base(name) != "METADATA" || !strings.HasSuffix(path.Dir(name), ".dist-info") {
			continue
		}
		dir := path.Dir(name)
		project, version, ok := strings.Cut(strings.TrimSuffix(path.Base(dir), ".dist-info"), "-")
		if !ok {
			continue
		}
		project = strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToLower(project))
		key := path.Join(sameName(path.Dir(dir)), project)
		d := out[key]
		d.versions = append(d.versions, version)
		slices.Sort(d.versions)
		if d.entry == nil || e.Path < d.entry.Path {
			d.entry = e
		}
		out[key] = d
	}
	return out
}
