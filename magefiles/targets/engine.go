package targets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// enginePlatform asks the container engine what it runs natively, and refuses
// if that is not among what is to be built. On a Mac, and with a remote engine,
// it is not this shell's architecture that counts.
func (j *job) enginePlatform(ctx context.Context, platforms []xbuild.Platform) (string, error) {
	out, err := xbuild.Output(ctx, j.run, xbuild.Cmd{Name: "docker", Args: []string{"version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"}})
	if err != nil {
		return "", fmt.Errorf("asking the container engine for its platform, for -load: %w", err)
	}
	p := strings.TrimSpace(out)
	if p == "linux/arm" {
		p = "linux/arm/v7"
	}
	if !slices.Contains(names(platforms), p) {
		return "", fmt.Errorf("loading into the container engine: it runs %s, and only %s is to be built; add it to -platforms", p, xbuild.Join(platforms))
	}
	return p, nil
}

func fields(list []string) []string { return strings.Fields(strings.Join(list, " ")) }
