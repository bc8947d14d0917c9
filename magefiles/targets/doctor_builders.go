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
		Found: b.Driver, Why: plain(b.Platforms()),
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
		c.Why, c.State, c.Problem = "not usable", j.ifUsed(b), b.Err
	case len(b.Nodes) == 1 && len(silent) == 1:
		c.Why, c.State, c.Problem = "not running", j.ifUsed(b), fmt.Sprintf("%s does not answer", silent[0].Endpoint)
		c.Cure = nodeCure(b, silent[0])
	case !b.Running():
		c.Why = "not running; buildx starts it when it is used"
	case len(b.Nodes) > 1:
		c.Why = j.divided(b)
	default:
		c.Why = strings.Join(slices.DeleteFunc([]string{c.Why, j.lacking(b)}, func(s string) bool { return s == "" }), "; ")
	}
	return c
}

// ifUsed makes what is wrong with the builder in use worth a look.
func (j *job) ifUsed(b xbuild.Builder) checkState {
	if b.Current || b.Name == j.builderName("") {
		return stateWarning
	}
	return stateInfo
}

// plain are platforms without the levels of amd64 ("linux/amd64/v3"), which
// every machine has a list of.
func plain(platforms []string) string {
	var out []string
	for _, p := range platforms {
		if !strings.HasPrefix(p, "linux/amd64/") {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}

// checkNode is one machine of a builder.
func (j *job) checkNode(b xbuild.Builder, n xbuild.BuilderNode) check {
	c := check{
		ID: "builder." + b.Name + "." + n.Name, Section: sectionContainers, Title: "  machine " + n.Name, State: stateInfo,
		Found: strings.TrimSpace(n.Status + " " + n.Version), Where: n.Endpoint, Why: plain(n.Platforms),
	}
	if slices.ContainsFunc(b.Silent(), func(s xbuild.BuilderNode) bool { return s.Name == n.Name }) {
		c.State, c.Problem = j.ifUsed(b), fmt.Sprintf("the machine at %s does not answer%s", n.Endpoint, because(n))
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
