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
	docker, err := j.locate(j.docker())
	if err != nil {
		return "", fmt.Errorf("loading into the container engine: %w", err)
	}
	engine, err := xbuild.AskEngine(ctx, j.run, docker)
	if err != nil {
		err = fmt.Errorf("asking for the container engine's platform, for -load: %w", err)
		if cure := engineCure(j.host.OS, err); cure != "" {
			err = fmt.Errorf("%w; %s", err, cure)
		}
		return "", err
	}
	p := engine.Platform
	if !slices.Contains(names(platforms), p) {
		return "", fmt.Errorf("loading into the container engine: it runs %s, and only %s is to be built; add it to -platforms", p, xbuild.Join(platforms))
	}
	return p, nil
}

func fields(list []string) []string { return strings.Fields(strings.Join(list, " ")) }
