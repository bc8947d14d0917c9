package targets

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/noetl/noetl/magefiles/debian"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// A tree opens some files when a layer is made of them.
type tree = func(context.Context) (fs.FS, error)

// A layerPart is what a layer is made of.
type layerPart struct {
	open  tree
	key   string      // names all that the layer depends on; "" lets its content say so
	still func() bool // whether key names what was read just now; nil is always
}

// of is the layer with the part in it.
func (p layerPart) of(l oci.Layer) *oci.Layer {
	l.Tree, l.Key, l.Still = p.open, p.key, p.still
	return &l
}

// A base is what lies under our layers for one platform.
type baseTree struct {
	parts    []rootPiece      // the lowest first; the first is all platforms'
	packages []debian.Package // that they are made of
}

// rootPiece is a part of a base that is a layer of its own.
type rootPiece struct {
	debian.Part
	open tree
}

// inputs is what the steps have made; a plan is made of nothing else.
type inputs struct {
	source source
	image  *oci.Source                   // -base, or nil
	base   map[xbuild.Platform]baseTree  // unless image is set
	native map[xbuild.Platform]layerPart // what of the Python packages is not the same everywhere
	cli    map[xbuild.Platform]layerPart
	python layerPart // the rest of them, without machine code
	ui     layerPart
	pkg    layerPart // the project's own Python package

	crates map[xbuild.Platform][]xbuild.Crate // what is linked into the CLI
	tools  map[string]string                  // versions of what built all this; a name may have several: "1.95.0, 1.96.0"
	// scratch is a folder that the index reads from; it goes when all is done.
	scratch string
}

// fileTime is the time of every file in a layer. It is not the commit's, or
// each commit would make a new blob of every layer; 1980 is the oldest that zip
// files can hold.
func fileTime() time.Time { return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) }

// nativeLayer is the name of the layer with the machine code of the Python
// packages; people read it in findings.
const nativeLayer = "python packages, native"

// plan says what the index shall be. Layers are ordered by how rarely they
// change; the same *oci.Layer in several images is one blob.
func (p project) plan(platforms []xbuild.Platform, in inputs) oci.Plan {
	site := p.Python.Site
	python := in.python.of(oci.Layer{Name: "python packages, shared", To: site})
	ui := in.ui.of(oci.Layer{Name: "web UI", To: p.UI.To, Executable: never})
	pkg := in.pkg.of(oci.Layer{Name: p.Python.Package + " package", To: site, Executable: never})
	about := p.annotations(in.source)
	plan := oci.Plan{Annotations: about}
	for _, platform := range platforms {
		image := oci.Image{
			Platform: platform.String(), Base: in.image, Config: p.config(in.source, in.image != nil),
			Created: in.source.created, FileTime: fileTime(), Annotations: about,
		}
		if in.image == nil {
			base := p.baseLayers(in.base[platform])
			if len(plan.Images) > 0 {
				base[0] = plan.Images[0].Layers[0]
			}
			image.Layers = append(image.Layers, base...)
		}
		image.Layers = append(
			image.Layers,
			in.native[platform].of(oci.Layer{Name: nativeLayer, To: site}),
			python,
			in.cli[platform].of(oci.Layer{
				Name: p.CLI.Binary + " CLI", To: p.CLI.To, Executable: always,
				Exclude: func(name string) bool { return name != p.CLI.Binary }, // what a killed build, or another name, left beside it
			}),
		)
		if p.hasUI() {
			image.Layers = append(image.Layers, ui)
		}
		image.Layers = append(image.Layers, pkg)
		plan.Images = append(plan.Images, image)
	}
	return plan
}

// config is what a container engine needs to know. A base that somebody brings
// keeps its PATH; ours has none.
func (p project) config(s source, foreign bool) oci.Config {
	env := map[string]string{}
	if !foreign {
		env["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
	}
	for _, pair := range p.Run.Env {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	if p.Run.RevisionEnv != "" && s.revision != "" {
		env[p.Run.RevisionEnv] = s.revision
	}
	var ports []string
	if p.Run.Port != "" {
		ports = []string{p.Run.Port}
	}
	return oci.Config{
		Entrypoint: slices.Clone(p.Run.Entrypoint),
		Cmd:        slices.Clone(p.Run.Command),
		Env:        env,
		User:       fmt.Sprintf("%d:%d", p.Run.UID, p.Run.UID), // Kubernetes checks numbers, not names
		WorkingDir: "/",
		Ports:      ports,
		Labels:     p.annotations(s),
		StopSignal: "SIGTERM",
	}
}

// annotations are the predefined keys of the OCI image specification, used as
// labels too, where most tools look.
func (p project) annotations(s source) map[string]string {
	const prefix = "org.opencontainers.image."
	out := map[string]string{
		prefix + "title":    p.Image,
		prefix + "vendor":   p.Title,
		prefix + "version":  p.Version,
		prefix + "source":   p.Source,
		prefix + "licenses": p.Licence,
		prefix + "created":  s.created.Format(time.RFC3339),
	}
	if s.revision != "" {
		out[prefix+"revision"] = s.revision
	}
	return out
}

func always(string) bool { return true }
func never(string) bool  { return false }
