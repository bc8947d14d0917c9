package targets

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/attest"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// bundleLicenses is the file beside the bundle in which Vite lists the packages
// that modules of it are from.
const bundleLicenses = "licenses.txt"

// bill writes down what the image of one platform is made of: what is found in
// its layers, and of the programs in it what their builds said.
func (j *job) bill(ctx context.Context, image oci.PlatformImage, in inputs, top int) (attest.Document, error) {
	platform, err := xbuild.ParsePlatform(image.Platform)
	if err != nil {
		return attest.Document{}, err
	}
	content, err := j.imageContent(ctx, image, top)
	if err != nil {
		return attest.Document{}, err
	}
	var all []attest.Component
	for _, step := range []func() ([]attest.Component, error){
		func() ([]attest.Component, error) { return j.billBase(content, in, platform, top), nil },
		func() ([]attest.Component, error) { return j.billCLI(content, in, platform) },
		func() ([]attest.Component, error) { return j.billUI(content, in) },
		func() ([]attest.Component, error) { return j.billPython(content, in), nil },
		func() ([]attest.Component, error) { return billRest(content), nil },
	} {
		components, err := step()
		if err != nil {
			return attest.Document{}, err
		}
		all = append(all, components...)
	}
	return attest.SPDX(attest.Image{
		Name: j.Image, Version: j.Version, Digest: image.Digest, Platform: image.Platform, Namespace: j.Source + "/spdx",
		Supplier: j.Title, Tool: j.Name + "-magefiles-" + j.Version, Created: in.source.created, Components: all,
	})
}

// billBase are the operating system's packages, with the checksums of the lock,
// and the image that they came in, if it is somebody else's.
func (j *job) billBase(content *imageContent, in inputs, platform xbuild.Platform, top int) []attest.Component {
	out := content.debian()
	sums := map[string]string{}
	for _, p := range in.base[platform].packages {
		sums[p.Name+" "+p.Version] = p.SHA256
	}
	for i, c := range out {
		if sum := sums[c.Name+" "+c.Version]; sum != "" {
			out[i].Checksums = []attest.Checksum{{Algorithm: "SHA256", Value: sum}}
		}
	}
	if in.image == nil {
		return out
	}
	base := attest.Component{
		Kind: "oci", Name: in.image.Name, Version: in.image.Digest, Purpose: "CONTAINER",
		PURL: attest.PURL("oci", "", imageName(in.image.Name), strings.ToLower(in.image.Digest), nil),
	}
	if hex, ok := strings.CutPrefix(in.image.Digest, "sha256:"); ok {
		base.Checksums = []attest.Checksum{{Algorithm: "SHA256", Value: hex}}
	}
	if top != everyLayer {
		base.Comment = "Its layers stay in the registry and were not read: what is in them is not listed here."
	}
	for i := range out {
		out[i].Parent = base.ID()
	}
	return append(out, base)
}

// imageName is the last part of a reference, without tag and digest.
func imageName(ref string) string {
	ref, _, _ = strings.Cut(ref, "@")
	name, _, _ := strings.Cut(path.Base(ref), ":")
	return strings.ToLower(name)
}

// own is a component that this project makes, out of a folder of its sources.
func (j *job) own(s source, name, folder, purpose string) attest.Component {
	c := attest.Component{
		Kind: "own", Name: name, Version: j.Version, License: attest.ParseLicense(j.Licence), Supplier: "Organization: " + j.Title,
		Homepage: j.Source, Purpose: purpose,
	}
	if s.revision != "" && !strings.HasSuffix(s.revision, dirty) {
		c.Download = "git+" + j.Source + "@" + s.revision
		if folder != "." {
			c.Download += "#" + folder
		}
	}
	c.PURL = attest.PURL("generic", "", name, j.Version, map[string]string{"vcs_url": c.Download})
	return c
}

// billCLI is the program and what cargo linked into it.
func (j *job) billCLI(content *imageContent, in inputs, platform xbuild.Platform) ([]attest.Component, error) {
	lockFile := j.CLI.Dir + "/Cargo.lock"
	raw, err := os.ReadFile(j.path(lockFile))
	if err != nil {
		return nil, fmt.Errorf("reading what the CLI is made of: %w", err)
	}
	locked := attest.ReadCargoLock(string(raw))
	cli := j.own(in.source, j.CLI.Package, j.CLI.crate(), "APPLICATION")
	program := strings.TrimPrefix(path.Join(j.CLI.To, j.CLI.Binary), "/")
	cli.Files = content.take(func(name string) bool { return name == program })
	if in.crates == nil { // the Dockerfile's build does not tell
		cli.Comment = "It was built by a Dockerfile: which of the crates in " + lockFile + " are linked is not known."
		return []attest.Component{cli}, nil
	}
	ids := map[string]string{j.CLI.Package + " " + j.Version: cli.ID()}
	var out []attest.Component
	for _, crate := range in.crates[platform] {
		if crate.Source == "" && crate.Name == j.CLI.Package {
			continue
		}
		i := slices.IndexFunc(locked, func(l attest.LockedCrate) bool {
			source, _, _ := strings.Cut(l.Source, "#")
			wanted, _, _ := strings.Cut(crate.Source, "#")
			return l.Name == crate.Name && l.Version == crate.Version && source == wanted
		})
		if i < 0 {
			return nil, fmt.Errorf("reading what the CLI is made of: crate %s %s is linked, and %q does not have it", crate.Name, crate.Version, lockFile)
		}
		c := attest.Crate(locked[i], crate.License)
		if crate.Source == "" { // a folder of this project
			c = j.own(in.source, crate.Name, j.CLI.Dir, "LIBRARY")
			c.Version = crate.Version
		}
		c.Parent = cli.ID()
		ids[crate.Name+" "+crate.Version] = c.ID()
		out = append(out, c)
	}
	rust := rustLibrary(in.tools["rustc"])
	rust.Parent = cli.ID()
	cli.DependsOn = []string{rust.ID()}
	for _, crate := range in.crates[platform] {
		for _, name := range crate.DependsOn {
			if crate.Source == "" && crate.Name == j.CLI.Package {
				cli.DependsOn = append(cli.DependsOn, ids[name])
				continue
			}
			i := slices.IndexFunc(out, func(c attest.Component) bool { return c.ID() == ids[crate.Name+" "+crate.Version] })
			out[i].DependsOn = append(out[i].DependsOn, ids[name])
		}
	}
	return append(out, cli, rust), nil
}

// rustLibrary is Rust's standard library, which is in every program of Rust.
func rustLibrary(version string) attest.Component {
	return attest.Component{
		Kind: "generic", Name: "rust-std", Version: version, PURL: attest.PURL("generic", "", "rust-std", version, nil),
		License: attest.ParseLicense("MIT OR Apache-2.0"), Homepage: "https://www.rust-lang.org", Purpose: "LIBRARY",
	}
}

// billUI is the web UI and the packages that its bundle has code of.
func (j *job) billUI(content *imageContent, in inputs) ([]attest.Component, error) {
	if !j.hasUI() {
		return nil, nil
	}
	ui := j.own(in.source, j.Name+"-ui", j.UI.Dir, "APPLICATION")
	under := strings.Trim(j.UI.To, "/") + "/"
	licenses, listed := content.texts[under+bundleLicenses]
	ui.Files = content.take(func(name string) bool { return strings.HasPrefix(name, under) })
	if len(ui.Files) == 0 {
		return nil, nil
	}
	if !listed {
		ui.Comment = "Its build leaves no " + bundleLicenses + ": the packages in the bundle are not known."
		return []attest.Component{ui}, nil
	}
	lock, err := os.ReadFile(j.path(j.UI.Dir + "/package-lock.json"))
	if err != nil {
		return nil, fmt.Errorf("reading what the web UI is made of: %w", err)
	}
	out, err := attest.NpmPackages(attest.BundledPackages(licenses), lock)
	if err != nil {
		return nil, fmt.Errorf("reading what the web UI is made of: %w", err)
	}
	for i := range out {
		out[i].Parent = ui.ID()
		ui.DependsOn = append(ui.DependsOn, out[i].ID())
	}
	return append(out, ui), nil
}

// billPython are the Python distributions, the project's own among them.
func (j *job) billPython(content *imageContent, in inputs) []attest.Component {
	out := content.python(j.Python.Version)
	for i, c := range out {
		if attest.PythonName(c.Name) != attest.PythonName(j.Python.Package) {
			continue
		}
		out[i] = j.own(in.source, j.Python.Package, j.Python.Project, "APPLICATION")
		out[i].Version, out[i].Files, out[i].DependsOn = c.Version, c.Files, c.DependsOn
	}
	return out
}

// billRest are the files that belong to nothing that has a name: what the build
// itself writes, such as accounts and the database of packages.
func billRest(content *imageContent) []attest.Component {
	var out []attest.Component
	names := map[string]bool{}
	for file := range content.files {
		names[content.layer[file]] = true
	}
	for _, layer := range slices.Sorted(maps.Keys(names)) {
		files := content.take(func(name string) bool { return content.layer[name] == layer })
		out = append(out, attest.Component{
			Kind: "files", Name: layer + ": other files", Purpose: "FILE", Files: files,
			Comment: "Files of the layer that belong to no package.",
		})
	}
	return out
}
