package targets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// checkBuilders lists what buildx can build with, and the machines of those that
// have several; without buildx there is nothing to say.
func (j *job) checkBuilders(ctx context.Context, docker string) []check {
	list, err := xbuild.Builders(ctx, j.run, docker)
	if err != nil {
		return nil // checkBuildx has told
	}
	var out []check
	for _, b := range list {
		if b.Driver == "" && b.Err != "" {
			continue // docker's own, without its engine: checkEngine has told
		}
		out = append(out, j.checkBuilder(b))
		for _, n := range b.Nodes {
			if len(b.Nodes) > 1 || n.Err != "" {
				out = append(out, j.checkNode(b, n))
			}
		}
	}
	return out
}

// checkBuilder is one builder, and what it can do for the image.
func (j *job) checkBuilder(b xbuild.Builder) check {
	c := check{
		ID: "builder." + b.Name, Section: sectionContainers, Title: "builder " + b.Name, State: stateInfo,
		Found: b.Driver, Why: strings.Join(b.Platforms(), " "),
	}
	if len(b.Nodes) > 1 {
		c.Found += fmt.Sprintf(", %d machines", len(b.Nodes))
	}
	if b.Current || b.Name == j.builderName("") {
		c.Found += ", current"
	}
	silent := b.Silent()
	switch {
	case b.Err != "":
		c.Why, c.State, c.Problem = "not usable", stateWarning, b.Err
	case len(b.Nodes) > 0 && len(silent) == len(b.Nodes):
		c.Why, c.State, c.Problem = "not running", stateWarning, "none of its machines answers"
		c.Cure = nodeCure(b, silent[0])
	case !b.Running():
		c.Why = "not running; buildx starts it when it is used"
	case len(b.Nodes) > 1:
		c.Why = j.divided(b)
	default:
		c.Why = strings.TrimSpace(c.Why + "; " + j.lacking(b))
	}
	c.Why = strings.TrimSuffix(c.Why, ";")
	return c
}

// checkNode is one machine of a builder.
func (j *job) checkNode(b xbuild.Builder, n xbuild.BuilderNode) check {
	c := check{
		ID: "builder." + b.Name + "." + n.Name, Section: sectionContainers, Title: "  machine " + n.Name, State: stateInfo,
		Found: strings.TrimSpace(n.Status + " " + n.Version), Where: n.Endpoint, Why: strings.Join(n.Platforms, " "),
	}
	if slices.ContainsFunc(b.Silent(), func(s xbuild.BuilderNode) bool { return s.Name == n.Name }) {
		c.State, c.Problem = stateWarning, fmt.Sprintf("the machine at %s does not answer%s", n.Endpoint, because(n))
		c.Cure = nodeCure(b, n)
	}
	return c
}

// divided says which machine gets which of the image's platforms.
func (j *job) divided(b xbuild.Builder) string {
	var parts []string
	for _, name := range j.Platforms {
		p, err := xbuild.ParsePlatform(name)
		if err != nil {
			continue
		}
		n, has := b.NodeFor(p)
		part := name + " on " + n.Name
		if !has {
			part += " (which does not run it)"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// lacking says which of the image's platforms the builder does not run. That is
// no fault: the Dockerfile compiles for them.
func (j *job) lacking(b xbuild.Builder) string {
	var names []string
	for _, p := range j.Platforms {
		if !slices.Contains(b.Platforms(), p) {
			names = append(names, p)
		}
	}
	if names == nil {
		return ""
	}
	return strings.Join(names, " ") + " by cross-compiling only: RUN steps for it need an emulator there"
}
