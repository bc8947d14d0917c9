package kube

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
)

// Change is what applying manifests would change.
type Change struct {
	Diff   string   // as "diff -u" writes it, one part per object; secrets are masked
	Taken  []string // fields that another manager has set and that would be taken from it
	Hidden string   // why there is no Diff, if it could not be made
}

// None says that nothing would change.
func (c Change) None() bool { return c.Diff == "" && c.Hidden == "" }

// Diff asks the API server what applying would change. It is also the check of
// every object against the server's schemas and admission, before any is
// applied.
func (c Cluster) Diff(ctx context.Context, manifests []byte) (Change, error) {
	args := c.in("diff", "--server-side", "--field-manager="+c.Manager, "--filename=-")
	out, err := c.Kubectl(ctx, args, stream(manifests))
	var change Change
	if err != nil && statusOf(err) != 1 && errors.Is(kindOf(textOf(err)), ErrConflict) {
		change.Taken = conflicts(textOf(err))
		out, err = c.Kubectl(ctx, append(args, "--force-conflicts"), stream(manifests))
	}
	switch {
	case err == nil:
	case statusOf(err) == 1 && len(bytes.TrimSpace(out)) > 0: // kubectl's way to say that there is a difference
		change.Diff = tidy(string(out))
	case strings.Contains(textOf(err), "executable file not found"):
		change.Hidden = "there is no program \"diff\" here that kubectl could show it with"
		return change, c.DryRun(ctx, manifests)
	default:
		return change, problem(ctx, "comparing the manifests with the cluster", err)
	}
	return change, nil
}

// DryRun lets the API server check what would be applied.
func (c Cluster) DryRun(ctx context.Context, manifests []byte) error {
	_, err := c.Kubectl(ctx, c.in("apply", "--server-side", "--dry-run=server", "--force-conflicts", "--field-manager="+c.Manager, "--filename=-"), stream(manifests))
	if err != nil {
		return problem(ctx, "checking the manifests with the cluster", err)
	}
	return nil
}

func statusOf(err error) int {
	var s interface{ ExitStatus() int }
	if errors.As(err, &s) {
		return s.ExitStatus()
	}
	return -1
}

func textOf(err error) string {
	var own interface{ Stderr() string }
	if errors.As(err, &own) {
		return own.Stderr()
	}
	return err.Error()
}

var conflictLine = regexp.MustCompile(`conflicts? with "([^"]+)"[^:]*: *(\.\S+)`)

// conflicts reads "…conflict with "hpa" using autoscaling/v2: .spec.replicas", or
// a list of fields below such a line.
func conflicts(text string) []string {
	var out []string
	manager := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if m := conflictLine.FindStringSubmatch(line); m != nil {
			out = append(out, m[2]+" of "+m[1])
		} else if m := conflictHead.FindStringSubmatch(line); m != nil {
			manager = m[1]
		} else if field, ok := strings.CutPrefix(line, "- ."); ok && manager != "" {
			out = append(out, "."+field+" of "+manager)
		}
	}
	// Going back is done by "kubectl rollout undo", which leaves its own name on the pod template.
	return slices.DeleteFunc(out, func(s string) bool {
		return strings.HasPrefix(s, ".spec.template.") && strings.HasSuffix(s, " of kubectl")
	})
}

var conflictHead = regexp.MustCompile(`conflicts? with "([^"]+)"`)

var (
	diffCommand = regexp.MustCompile(`(?m)^diff .*\n`)
	diffHead    = regexp.MustCompile(`(?m)^(---|\+\+\+) \S*?(LIVE|MERGED)-\d+[/\\](\S+).*$`)
)

// tidy replaces the names of kubectl's temporary files by those of the objects.
func tidy(diff string) string {
	diff = diffCommand.ReplaceAllString(strings.ReplaceAll(diff, "\r\n", "\n"), "")
	return diffHead.ReplaceAllStringFunc(diff, func(line string) string {
		m := diffHead.FindStringSubmatch(line)
		where := map[string]string{"LIVE": "on the cluster", "MERGED": "with these manifests"}[m[2]]
		return m[1] + " " + m[3] + "  " + where
	})
}
