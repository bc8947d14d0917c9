package targets

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// builderName is the builder that is asked for; empty is buildx's current one.
// BUILDX_BUILDER is buildx's own variable.
func (j *job) builderName(flag string) string {
	if name := j.setting(flag, "BUILDER", ""); name != "" {
		return name
	}
	return j.env("BUILDX_BUILDER")
}

// buildxVersion asks the plug-in, which may be missing.
func (j *job) buildxVersion(ctx context.Context, docker string) (string, error) {
	v, err := xbuild.BuildxVersion(ctx, j.run, docker)
	if errors.Is(err, xbuild.ErrNoBuildx) {
		err = fmt.Errorf("%w: %s", err, j.installLine(buildxTool()))
	}
	if err != nil {
		err = fmt.Errorf("building with buildx: %w", err)
	}
	return v, err
}

// findBuilder asks buildx for a builder and refuses one that cannot do what is
// to be done: docker's own (several platforms, or images as files), and one of
// which a machine does not answer.
func (j *job) findBuilder(ctx context.Context, docker, name string, platforms []xbuild.Platform) (xbuild.Builder, error) {
	var none xbuild.Builder
	list, err := xbuild.Builders(ctx, j.run, docker)
	if err != nil {
		return none, fmt.Errorf("building with buildx: %w", err)
	}
	b, ok := pickBuilder(list, name)
	if !ok {
		return none, fmt.Errorf("building with buildx: there is no builder %q, only %s; a new one: %s --name %s", name, builderNames(list), xbuild.NewBuilder, name)
	}
	if b.Driver == "" && b.Err != "" {
		return none, fmt.Errorf("building with buildx: builder %q does not answer: %s; name another one with -builder (there are %s), or start it", b.Name, b.Err, builderNames(list))
	}
	if b.Driver == "docker" && !xbuild.HasImageStore(ctx, j.run, docker) {
		return none, fmt.Errorf("building with buildx: builder %q is docker's own, which cannot build for several platforms or hand images out: %s, or name another one with -builder (there are %s)",
			b.Name, xbuild.NewBuilder, builderNames(list))
	}
	return b, answers(b, platforms)
}

func pickBuilder(list []xbuild.Builder, name string) (xbuild.Builder, bool) {
	for _, b := range list {
		if b.Name == name || name == "" && b.Current {
			return b, true
		}
	}
	return xbuild.Builder{}, false
}

func builderNames(list []xbuild.Builder) string {
	var names []string
	for _, b := range list {
		names = append(names, b.Name)
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

// answers refuses a builder whose machines for these platforms are silent:
// buildx would wait for them, and then say "context deadline exceeded".
func answers(b xbuild.Builder, platforms []xbuild.Platform) error {
	var errs []error
	told := map[string]bool{}
	for _, p := range platforms {
		n, _ := b.NodeFor(p)
		for _, silent := range b.Silent() {
			if silent.Name == n.Name && !told[n.Name] {
				told[n.Name] = true
				errs = append(errs, fmt.Errorf("building with buildx: builder %q cannot build %s: its machine %s does not answer%s; %s", b.Name, p, n, because(n), nodeCure(b, n)))
			}
		}
	}
	return errors.Join(errs...)
}

func because(n xbuild.BuilderNode) string {
	if n.Err != "" {
		return " (" + n.Err + ")"
	}
	return ""
}

// nodeCure is what makes a machine of a builder answer.
func nodeCure(b xbuild.Builder, n xbuild.BuilderNode) string {
	const leave = "docker buildx create --name %s --leave --node %s takes it out"
	out := fmt.Sprintf(leave, b.Name, n.Name)
	switch b.Driver {
	case "remote":
		return "start its buildkitd, and see that you may use that address; " + out
	case "kubernetes":
		return "kubectl get pods shows its pod, docker buildx inspect --bootstrap " + b.Name + " starts it; " + out
	}
	if strings.HasPrefix(n.Endpoint, "ssh://") {
		return "ssh " + strings.TrimPrefix(n.Endpoint, "ssh://") + " docker version has to work without a password; " + out
	}
	return "docker buildx inspect --bootstrap " + b.Name + " starts it; " + out
}
