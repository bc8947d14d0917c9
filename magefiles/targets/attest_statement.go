package targets

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/attest"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// dirty ends a revision of a checkout with changes.
const dirty = "-dirty"

// state writes down how an image was made, and of what. Tags and registries are
// no part of it: the same image elsewhere has the same statement.
func (j *job) state(o order, in inputs, digest string, images []oci.PlatformImage) (attest.Statement, error) {
	b := attest.Build{
		Source:     j.Source,
		Images:     []attest.Resource{{Name: j.Image, Digest: digestSet(digest)}},
		Parameters: map[string]any{"image": j.Image, "platforms": names(o.platforms), "base": cmp.Or(o.base, "debian:"+j.Base.Suite), "engine": "oci"},
		Internal:   map[string]any{"SOURCE_DATE_EPOCH": in.source.created.Unix()},
		Builder:    j.builtBy(),
	}
	for _, image := range images {
		b.Images = append(b.Images, attest.Resource{Name: j.Image + " " + image.Platform, Digest: digestSet(image.Digest)})
	}
	b.Dependencies = append(b.Dependencies, j.revision(in.source))
	locks := slices.DeleteFunc(j.lockFiles(), func(file string) bool { return file == j.Base.Lock })
	if o.buildx != nil {
		b.Parameters = j.buildxParameters(o, in.source)
		locks = append(locks, j.Docker.File)
	} else if in.image == nil {
		locks = append(locks, j.Base.Lock)
	}
	for _, lock := range locks {
		raw, err := os.ReadFile(j.path(lock))
		if err != nil {
			return attest.Statement{}, fmt.Errorf("stating what the image was made of: %w", err)
		}
		sum := sha256.Sum256(raw)
		b.Dependencies = append(b.Dependencies, attest.Resource{Name: lock, Digest: map[string]string{"sha256": hex.EncodeToString(sum[:])}})
	}
	if in.image != nil {
		b.Dependencies = append(b.Dependencies, attest.Resource{Name: in.image.Name, Digest: digestSet(in.image.Digest)})
	}
	b.Dependencies = append(b.Dependencies, j.packageFiles(in)...)
	for name, version := range in.tools {
		b.Dependencies = append(b.Dependencies, attest.Resource{Name: name, URI: attest.PURL("generic", "", name, version, nil)})
	}
	return b.State(), nil
}

// digestSet is a digest as in-toto writes it.
func digestSet(digest string) map[string]string {
	return map[string]string{"sha256": strings.TrimPrefix(digest, "sha256:")}
}

// revision is the source, as git names it.
func (j *job) revision(s source) attest.Resource {
	r := attest.Resource{Name: "source", URI: "git+" + j.Source}
	commit, changed := strings.CutSuffix(s.revision, dirty)
	if commit != "" {
		r.Digest = map[string]string{"gitCommit": commit}
	}
	if changed {
		r.Annotations = map[string]string{"dirty": "true"} // files differ from the commit
	}
	return r
}

// packageFiles are the Debian packages of the base, each file once.
func (j *job) packageFiles(in inputs) []attest.Resource {
	files := map[string]attest.Resource{} // by checksum: what is for every architecture is locked for each
	for _, base := range in.base {
		for _, p := range base.packages {
			file := p.Path[strings.LastIndexByte(p.Path, '/')+1:]
			arch := strings.TrimSuffix(file[strings.LastIndexByte(file, '_')+1:], ".deb")
			files[p.SHA256] = attest.Resource{
				URI:    attest.PURL("deb", "debian", p.Name, p.Version, map[string]string{"arch": arch, "distro": j.Base.Suite}),
				Digest: map[string]string{"sha256": p.SHA256},
			}
		}
	}
	return slices.Collect(maps.Values(files))
}

// builtBy names who has to be trusted: the workflow on GitHub, else whoever has
// this machine.
func (j *job) builtBy() attest.Builder {
	if workflow := j.env("GITHUB_WORKFLOW_REF"); workflow != "" {
		return attest.Builder{ID: cmp.Or(j.env("GITHUB_SERVER_URL"), "https://github.com") + "/" + workflow}
	}
	return attest.Builder{ID: j.Source + "/blob/main/documentation/docs/development/supply_chain.md#built-locally"}
}

// toolVersions are the versions of what builds. It asks nobody: the builds have.
func toolVersions(ui xbuild.UIResult, cli xbuild.RustResult, uv string) map[string]string {
	out := map[string]string{"go": strings.TrimPrefix(runtime.Version(), "go")}
	add := func(name, version string) {
		if version == "" || out[name] == version {
			return
		}
		if out[name] != "" { // platforms of one image may need toolchains of their own
			version = out[name] + ", " + version
		}
		out[name] = version
	}
	words := strings.Fields(ui.Tools) // node v24.1.0 npm 11.3.0
	for i := 0; i+1 < len(words); i += 2 {
		add(words[i], strings.TrimPrefix(words[i+1], "v"))
	}
	for _, tc := range cli.Toolchains {
		versions := tc.Versions()
		for _, name := range slices.Sorted(maps.Keys(versions)) {
			add(name, versions[name])
		}
	}
	add("uv", regexp.MustCompile(`[0-9]+(\.[0-9]+)+`).FindString(uv))
	return out
}
