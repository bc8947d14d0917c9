package kube

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Contexts are the names of the clusters that kubectl's configuration knows,
// sorted. No cluster is asked, and nothing is written.
func Contexts(ctx context.Context, k Kubectl) ([]string, error) {
	out, err := k(ctx, []string{"config", "get-contexts", "--output=name"}, nil)
	if err != nil {
		return nil, problem(ctx, "reading kubectl's configuration", err)
	}
	names := strings.Fields(string(out))
	slices.Sort(names)
	return names, nil
}

// ChooseContext is the context that was named, or the only one there is. It does
// not guess: the current context is whatever somebody did last in some other
// terminal.
func ChooseContext(named string, there []string) (string, error) {
	switch {
	case len(there) == 0:
		return "", errors.New("choosing a cluster: kubectl's configuration has no context; get one from your cluster's provider, or set KUBECONFIG to the file that has it")
	case named != "" && slices.Contains(there, named):
		return named, nil
	case named != "":
		return "", fmt.Errorf("choosing a cluster: kubectl's configuration has no context %q; there are:%s", named, indented(there))
	case len(there) == 1:
		return there[0], nil
	}
	return "", fmt.Errorf("choosing a cluster: there are several, and none is guessed; name one with -context=…:%s", indented(there))
}

func indented(names []string) string { return "\n  " + strings.Join(names, "\n  ") }

// Protected says which of the patterns ("*prod*") a context's name matches.
func Protected(name string, patterns []string) (pattern string, yes bool) {
	// Names of contexts may have slashes (Amazon's do), which a pattern's star would stop at.
	flat := strings.ReplaceAll(strings.ToLower(name), "/", "-")
	for _, p := range patterns {
		if ok, _ := path.Match(strings.ToLower(strings.ReplaceAll(p, "/", "-")), flat); ok {
			return p, true
		}
	}
	return "", false
}
