package xbuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrNoContext says that kubectl's configuration names no cluster to talk to.
var ErrNoContext = errors.New("kubectl has no current context")

// KubeContext is the name of kubectl's current context. It reads configuration
// only: no cluster is asked.
func KubeContext(ctx context.Context, run Runner, kubectl string) (string, error) {
	out, err := Output(ctx, run, Cmd{Name: kubectl, Args: []string{"config", "current-context"}})
	var te *ToolError
	switch {
	case errors.As(err, &te) && strings.Contains(te.Output, "current-context is not set"), err == nil && out == "":
		return "", ErrNoContext
	case err != nil:
		return "", fmt.Errorf("asking kubectl for its context: %w", firstLine(err))
	}
	return out, nil
}

// KubeVersion asks the cluster of the current context for its version.
func KubeVersion(ctx context.Context, run Runner, kubectl string) (string, error) {
	out, err := Output(ctx, run, Cmd{Name: kubectl, Args: []string{"version", "--output=json", "--request-timeout=3s"}})
	var answer struct {
		ServerVersion *struct{ GitVersion string }
	}
	if err != nil {
		return "", fmt.Errorf("asking the cluster for its version: %w", firstLine(err))
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.ServerVersion == nil {
		return "", errors.New("asking the cluster for its version: no answer from it in what kubectl prints")
	}
	return strings.TrimPrefix(answer.ServerVersion.GitVersion, "v"), nil
}
