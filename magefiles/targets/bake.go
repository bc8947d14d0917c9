package targets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// bakeFile is what docker buildx bake reads. Its JSON is HCL's: strings may have
// ${…} in them, and "//" is a comment.
type bakeFile struct {
	Comment  string                  `json:"//"`
	Variable map[string]bakeVariable `json:"variable"`
	Group    map[string]bakeGroup    `json:"group"`
	Target   map[string]bakeTarget   `json:"target"`
}

type bakeVariable struct {
	Default     string `json:"default"`
	Description string `json:"description,omitempty"`
}

type bakeGroup struct {
	Targets []string `json:"targets"`
}

type bakeTarget struct {
	Context    string            `json:"context"`
	Dockerfile string            `json:"dockerfile"`
	Target     string            `json:"target,omitempty"`
	Platforms  []string          `json:"platforms"`
	Tags       []string          `json:"tags"`
	Args       map[string]string `json:"args"`
	Labels     map[string]string `json:"labels"`
	Secret     string            `json:"secret,omitempty"`
	Attest     []string          `json:"attest"`
}

// bakeOther is the target of another Dockerfile, with the
// same arguments: docker only notes those that it does not know.
func (p project) bakeOther(t bakeTarget, image, file string) bakeTarget {
	t.Dockerfile, t.Target = file, ""
	t.Tags = []string{strings.Replace(t.Tags[0], p.Image+":", image+":", 1)}
	t.Labels = maps.Clone(t.Labels)
	t.Labels["org.opencontainers.image.title"] = image
	return t
}

// bake is the project's Dockerfile for people who live in bake. What hangs on a
// commit is a variable: the file is the same for all of them.
func (p project) bake() ([]byte, error) {
	d := p.Docker
	f := bakeFile{
		Comment: "Made from project.go; go test ./magefiles/targets -update writes it anew. Run it in the project's folder: docker buildx bake -f " + d.Bake,
		Variable: map[string]bakeVariable{
			"REGISTRY": {Description: "where to push, such as ghcr.io/you"},
			"TAG":      {Default: "latest"},
			"REVISION": {Description: "of the source: git rev-parse HEAD"},
		},
		Group: map[string]bakeGroup{"default": {Targets: []string{p.Image}}},
	}
	t := bakeTarget{
		Context: ".", Dockerfile: d.File, Target: d.Target, Platforms: p.Platforms, Args: map[string]string{},
		Tags:   []string{`${REGISTRY == "" ? "" : "${REGISTRY}/"}` + p.Image + ":${TAG}"},
		Labels: map[string]string{},
		Attest: []string{"type=provenance,disabled=true", "type=sbom,disabled=true"},
	}
	for _, a := range d.Args {
		name, value, _ := strings.Cut(a, "=")
		f.Variable[name] = bakeVariable{Default: value}
		t.Args[name] = "${" + name + "}"
	}
	if d.VersionArg != "" {
		t.Args[d.VersionArg] = p.Version
	}
	if d.RevisionArg != "" {
		t.Args[d.RevisionArg] = "${REVISION}"
	}
	for k, v := range p.annotations(source{revision: "${REVISION}"}) {
		if !strings.HasSuffix(k, ".created") { // bake knows no commit's time; the Dockerfile's images get their builds'
			t.Labels[k] = v
		}
	}
	if d.CA != "" {
		f.Variable["CA_BUNDLE"] = bakeVariable{Description: "PEM file of CA certificates that the steps shall trust"}
		t.Secret = fmt.Sprintf(`${CA_BUNDLE == "" ? [] : ["id=%s,src=${CA_BUNDLE}"]}`, d.CA)
	}
	f.Target = map[string]bakeTarget{p.Image: t}
	for image, file := range d.Others {
		f.Target[image] = p.bakeOther(t, image, file)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	err := enc.Encode(f)
	return out.Bytes(), err
}
