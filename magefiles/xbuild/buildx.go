package xbuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Builder is what docker buildx builds with: one node or several.
type Builder struct {
	Name, Driver string
	Current      bool   // not every version of buildx says so
	Err          string // why it is not usable
	Nodes        []BuilderNode
}

// BuilderNode is one machine of a Builder.
type BuilderNode struct {
	Name, Endpoint, Status string
	Platforms              []string // as OCI writes them; empty while it does not run
	Version                string   // of its BuildKit
	Err                    string   // why it does not answer
}

// Running reports whether a node of the builder answers.
func (b Builder) Running() bool {
	return slices.ContainsFunc(b.Nodes, func(n BuilderNode) bool { return n.Status == "running" })
}

// Platforms are those of all nodes, each once.
func (b Builder) Platforms() []string {
	var out []string
	for _, n := range b.Nodes {
		for _, p := range n.Platforms {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// ErrNoBuildx says that docker has no buildx plug-in.
var ErrNoBuildx = errors.New("docker has no buildx plug-in")

// BuildxVersion asks docker's plug-in for its version, without the leading v.
func BuildxVersion(ctx context.Context, run Runner, docker string) (string, error) {
	out, err := Output(ctx, run, Cmd{Name: docker, Args: []string{"buildx", "version"}})
	if v := versionNumber.FindString(out); err == nil && v != "" {
		return v, nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	var te *ToolError
	if err == nil || errors.As(err, &te) && strings.Contains(te.Output, "buildx") &&
		(strings.Contains(te.Output, "is not a docker command") || strings.Contains(te.Output, "unknown command")) {
		return "", ErrNoBuildx
	}
	return "", fmt.Errorf("asking buildx for its version: %w", firstLine(err))
}

// Builders lists buildx's builders. Versions before 0.13 print a table only,
// whose columns are read instead; newer tables leave platforms out.
func Builders(ctx context.Context, run Runner, docker string) ([]Builder, error) {
	out, err := Output(ctx, run, Cmd{Name: docker, Args: []string{"buildx", "ls", "--format", "json"}})
	var te *ToolError
	if errors.As(err, &te) && strings.Contains(te.Output, "unknown flag") {
		out, err = Output(ctx, run, Cmd{Name: docker, Args: []string{"buildx", "ls"}})
	}
	if err != nil {
		return nil, fmt.Errorf("listing buildx's builders: %w", firstLine(err))
	}
	if !strings.HasPrefix(out, "{") {
		return builderTable(out), nil
	}
	var list []Builder
	for d := json.NewDecoder(strings.NewReader(out)); d.More(); {
		var b Builder
		if err := d.Decode(&b); err != nil {
			return nil, fmt.Errorf("reading buildx's list of builders: %w", err)
		}
		list = append(list, b)
	}
	return list, nil
}

// builderTable reads lines such as
//
//	multi *   docker-container
//	  multi0  unix:///var/run/docker.sock  running  v0.11.6  linux/amd64*, linux/arm64*
func builderTable(out string) []Builder {
	var list []Builder
	for i, line := range strings.Split(out, "\n") {
		words := strings.Fields(strings.ReplaceAll(line, `\_`, ""))
		if i == 0 || len(words) < 2 {
			continue
		}
		if !strings.HasPrefix(line, " ") {
			b := Builder{Name: strings.TrimSuffix(words[0], "*"), Driver: words[1], Current: strings.Contains(line, "*")}
			if b.Driver == "*" && len(words) > 2 {
				b.Driver = words[2]
			}
			list = append(list, b)
			continue
		}
		if len(list) == 0 {
			continue
		}
		n := BuilderNode{Name: words[0], Endpoint: words[1]}
		for _, w := range words[2:] {
			w = strings.TrimRight(w, ",*")
			switch {
			case strings.Contains(w, "/"):
				n.Platforms = append(n.Platforms, w)
			case n.Status == "":
				n.Status = w
			}
		}
		last := &list[len(list)-1]
		last.Nodes = append(last.Nodes, n)
	}
	return list
}

// HasImageStore reports whether docker keeps images in containerd's store: its
// own builder can then build for several platforms and hand out OCI layouts.
func HasImageStore(ctx context.Context, run Runner, docker string) bool {
	out, err := Output(ctx, run, Cmd{Name: docker, Args: []string{"info", "--format", "{{json .DriverStatus}}"}})
	return err == nil && strings.Contains(out, "io.containerd.snapshotter")
}
