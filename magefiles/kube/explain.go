package kube

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Explanation is what a person needs to see of a rollout that failed.
type Explanation struct {
	Pods   []Pod // that are not ready
	Events []string
	Logs   []PodLog
}

// PodLog is the end of what a pod has written.
type PodLog struct {
	Pod   string
	Lines []string
}

const (
	loggedPods   = 3  // more of the same help nobody
	loggedLines  = 12 // per pod
	eventsToShow = 8
)

// Explain gathers the reasons, the events and the last log lines. What cannot be
// read is left out: the failure itself has been told.
func (c Cluster) Explain(ctx context.Context, s State) Explanation {
	var e Explanation
	about := append([]string{c.Name}, s.Sets...)
	for _, p := range s.Pods {
		if p.Ready || p.Ending {
			continue
		}
		e.Pods = append(e.Pods, p)
		about = append(about, p.Name)
		if len(e.Logs) < loggedPods && p.Node != "" {
			if lines := c.log(ctx, p); len(lines) > 0 {
				e.Logs = append(e.Logs, PodLog{p.Name, lines})
			}
		}
	}
	e.Events = c.warnings(ctx, about)
	return e
}

// log is what the pod said last; of one that crashed, what it said before.
func (c Cluster) log(ctx context.Context, p Pod) []string {
	args := c.in("logs", p.Name, "--all-containers", "--tail=12", requestTimeout)
	if p.Restarts > 0 {
		if lines := c.logLines(ctx, append(slices.Clone(args), "--previous")); len(lines) > 0 {
			return lines
		}
	}
	return c.logLines(ctx, args)
}

func (c Cluster) logLines(ctx context.Context, args []string) []string {
	out, err := c.Kubectl(ctx, args, nil)
	if err != nil || strings.TrimSpace(string(out)) == "" {
		return nil
	}
	lines := strings.Split(strings.TrimRight(Redact(string(out)), "\r\n"), "\n")
	return lines[max(0, len(lines)-loggedLines):]
}

type rawEvent struct {
	Type, Reason, Message    string
	LastTimestamp, EventTime string
	InvolvedObject           struct{ Kind, Name string }
	Metadata                 meta
}

func (e rawEvent) when() string {
	return cmp.Or(e.LastTimestamp, e.EventTime, e.Metadata.CreationTimestamp)
}

// warnings are the events about some objects, oldest first, each once.
func (c Cluster) warnings(ctx context.Context, about []string) []string {
	list, err := ask[struct{ Items []rawEvent }](ctx, c.Kubectl, "reading events", c.in("get", "events", "--field-selector=type=Warning")...)
	if err != nil {
		return nil
	}
	slices.SortStableFunc(list.Items, func(a, b rawEvent) int { return strings.Compare(a.when(), b.when()) })
	var out []string
	for _, e := range list.Items {
		if !slices.Contains(about, e.InvolvedObject.Name) {
			continue
		}
		line := strings.ToLower(e.InvolvedObject.Kind) + " " + e.InvolvedObject.Name + ": " + e.Reason + ": " + Redact(strings.Join(strings.Fields(e.Message), " "))
		out = append(slices.DeleteFunc(out, func(l string) bool { return l == line }), line)
	}
	return out[max(0, len(out)-eventsToShow):]
}
