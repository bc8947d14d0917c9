package kube

import (
	"context"
	"fmt"
	"strings"
)

// Apply applies the manifests server-side. Fields that others have set are taken
// from them; Diff has told which. What is new or changed is returned, as kubectl
// names it. After an error some of the objects may be applied; applying is safe
// to repeat.
func (c Cluster) Apply(ctx context.Context, manifests []byte) ([]string, error) {
	out, err := c.Kubectl(ctx, c.in("apply", "--server-side", "--force-conflicts", "--field-manager="+c.Manager, "--filename=-"), stream(manifests))
	var applied []string
	for line := range strings.Lines(string(out)) {
		if name, _, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			applied = append(applied, name)
		}
	}
	if err != nil {
		return applied, problem(ctx, "applying the manifests", err)
	}
	return applied, nil
}

// Undo goes back to an earlier revision of the Deployment.
func (c Cluster) Undo(ctx context.Context, revision int64) error {
	_, err := c.Kubectl(ctx, c.in("rollout", "undo", "deployment/"+c.Name, fmt.Sprintf("--to-revision=%d", revision)), nil)
	if err != nil {
		return problem(ctx, fmt.Sprintf("going back to revision %d", revision), err)
	}
	return nil
}
