package audit

import (
	"context"
	"io/fs"
)

// findingsOfImage is [InspectImage] without a config, and all checks.
func findingsOfImage(ctx context.Context, platform string, layers []Layer) ([]Finding, Stats, error) {
	inv, err := InspectImage(ctx, platform, layers, nil)
	if err != nil {
		return nil, Stats{}, err
	}
	return inv.Check(), inv.Stats, sameFromMemory(ctx, inv, layers)
}

// findingsOfTree is [InspectTree] and all checks.
func findingsOfTree(ctx context.Context, fsys fs.FS, platform string) ([]Finding, Stats, error) {
	inv, err := InspectTree(ctx, fsys, platform)
	if err != nil {
		return nil, Stats{}, err
	}
	return inv.Check(), inv.Stats, nil
}
