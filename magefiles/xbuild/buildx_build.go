package xbuild

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// BuildxBuild is a build of a Dockerfile by BuildKit, as data. What it makes
// comes back as an OCI layout in a folder and goes nowhere else.
type BuildxBuild struct {
	Docker    string            // the program
	Builder   string            // of buildx; empty is its current one
	Dir       string            // the build context
	File      string            // the Dockerfile, relative to Dir, with slashes
	Target    string            // stage; empty is the last one
	Platforms []Platform        // all in one go: see Builder.Rounds
	Args      []string          // NAME=value
	Labels    map[string]string // of the images' configurations
	Annotate  map[string]string // of the images' manifests
	Secrets   []string          // as --secret takes them: id=ca,src=/etc/ca.pem
	CacheFrom []BuildxCache
	CacheTo   []BuildxCache
	Time      time.Time // of the image, and the latest of any file in it
	Out       string    // folder for the layout; it must be empty or not there
	Log       io.Writer
	Doing     func(string) // hears the step that has just begun
}

// Run builds. What BuildKit says goes to the log; a step that fails makes the
// error a *BuildxError.
func (b BuildxBuild) Run(ctx context.Context, run Runner) error {
	said := &buildxLog{to: b.Log, doing: b.Doing}
	c := b.Cmd()
	c.Stdout, c.Stderr = said, said
	return buildxFailed(run(ctx, c), b.File)
}

// Cmd is the command. Attestations are off: BuildKit would add an entry for the
// platform "unknown/unknown" to the index for each image, which registries'
// pages, Kubernetes' tools and people take for a broken platform.
func (b BuildxBuild) Cmd() Cmd {
	args := []string{"buildx", "build", "--progress=plain", "--provenance=false", "--sbom=false"}
	add := func(flag, value string) { args = append(args, flag, value) }
	if b.Builder != "" {
		add("--builder", b.Builder)
	}
	add("--platform", Join(b.Platforms))
	add("--file", filepath.Join(b.Dir, filepath.FromSlash(b.File)))
	if b.Target != "" {
		add("--target", b.Target)
	}
	// rewrite-timestamp makes files newer than the epoch as old as it; BuildKit
	// before 0.13 does not know it and says nothing.
	add("--output", csvLine([]string{"type=oci", "tar=false", "dest=" + b.Out, "rewrite-timestamp=true"}))
	add("--build-arg", "SOURCE_DATE_EPOCH="+strconv.FormatInt(b.Time.Unix(), 10))
	for _, a := range b.Args {
		add("--build-arg", a)
	}
	for _, k := range slices.Sorted(maps.Keys(b.Labels)) {
		add("--label", k+"="+b.Labels[k])
	}
	for _, k := range slices.Sorted(maps.Keys(b.Annotate)) {
		add("--annotation", "manifest:"+k+"="+b.Annotate[k])
	}
	for _, s := range b.Secrets {
		add("--secret", s)
	}
	for _, c := range b.CacheFrom {
		add("--cache-from", c.From())
	}
	for _, c := range b.CacheTo {
		add("--cache-to", c.To())
	}
	return Cmd{Name: b.Docker, Args: append(args, b.Dir), Dir: b.Dir}
}

// SecretFile is a build secret that is a file, as --secret takes it.
func SecretFile(id, file string) string { return csvLine([]string{"id=" + id, "src=" + file}) }

// buildxLog passes on what BuildKit writes, and tells which step has begun.
type buildxLog struct {
	to    io.Writer
	doing func(string)
	line  []byte
}

func (l *buildxLog) Write(p []byte) (int, error) {
	for _, c := range p {
		if c != '\n' {
			l.line = append(l.line, c)
			continue
		}
		if step := stepOf(string(l.line)); step != "" && l.doing != nil {
			l.doing(step)
		}
		l.line = l.line[:0]
	}
	if l.to == nil {
		return len(p), nil
	}
	return l.to.Write(p)
}

// stepOf reads lines such as "#12 [linux/arm64 cli 3/5] RUN cargo build" and
// gives what is behind the number; "" for all other lines.
func stepOf(line string) string {
	number, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
	if !ok || !strings.HasPrefix(number, "#") || !strings.HasPrefix(rest, "[") && !strings.HasPrefix(rest, "exporting ") {
		return ""
	}
	if _, err := strconv.Atoi(number[1:]); err != nil || strings.HasPrefix(rest, "exporting manifest") || strings.HasPrefix(rest, "exporting config") {
		return ""
	}
	return rest
}

// Rounds says which platforms are built by one call. A builder of one machine
// builds all at once, and shares between them what is the same. Machines cannot
// put an OCI layout together, so each of several gets a call of its own for
// each platform, and whoever calls puts the images into one index.
func (b Builder) Rounds(platforms []Platform) [][]Platform {
	if len(b.Nodes) < 2 {
		return [][]Platform{platforms}
	}
	var out [][]Platform
	for _, p := range platforms {
		out = append(out, []Platform{p})
	}
	return out
}

// NodeFor is the machine that buildx gives a platform to, and whether it says
// that it runs it. buildx lists what a node was created for (--platform) before
// what it finds out by itself, and takes the first machine that has it.
func (b Builder) NodeFor(p Platform) (BuilderNode, bool) {
	best, at := -1, 0
	for i, n := range b.Nodes {
		if k := slices.Index(n.Platforms, p.String()); k >= 0 && (best < 0 || k == 0 && at > 0) {
			best, at = i, k
		}
	}
	switch {
	case best >= 0:
		return b.Nodes[best], true
	case len(b.Nodes) > 0:
		return b.Nodes[0], false
	}
	return BuilderNode{}, false
}

// Silent are the nodes that do not answer and that buildx will not start by
// itself, as it does containers.
func (b Builder) Silent() []BuilderNode {
	var out []BuilderNode
	for _, n := range b.Nodes {
		if n.Err != "" || n.Status != "running" && b.Driver == "remote" {
			out = append(out, n)
		}
	}
	return out
}

func (n BuilderNode) String() string { return fmt.Sprintf("%s at %s", n.Name, n.Endpoint) }
