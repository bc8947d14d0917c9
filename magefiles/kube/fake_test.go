package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// said is a kubectl that failed.
type said struct {
	text   string
	status int
}

func (s said) Error() string   { return "exit status" }
func (s said) Stderr() string  { return s.text }
func (s said) ExitStatus() int { return s.status }

// fake answers kubectl's command lines and remembers them.
type fake struct {
	answer func(line string) (string, error)
	lines  []string
}

func (f *fake) run(ctx context.Context, args []string, _ io.Reader) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	line := strings.Join(args, " ")
	f.lines = append(f.lines, line)
	out, err := f.answer(line)
	return []byte(out), err
}

func (f *fake) cluster() Cluster {
	return Cluster{Kubectl: f.run, Namespace: "shop", Name: "web", Selector: "app=web", Manager: "us"}
}

// rollout is a Deployment of two pods on its way, as JSON of kubectl.
type rollout struct {
	image             string
	revision, old     int // of the newest ReplicaSet, and of the one before; 0 for none
	generation, seen  int
	updated, serve    int
	total             int
	oldServe, serving int // pods that serve, of the old ReplicaSet and of the newest
	condition         string
	pods              []string // of the newest: "name node phase ready|waiting:REASON:MESSAGE"
}

func (r rollout) json(t *testing.T) string {
	t.Helper()
	owner := func(uid string) []any { return []any{map[string]any{"uid": uid}} }
	conditions := []any{}
	if r.condition != "" {
		kind, rest, _ := strings.Cut(r.condition, "=")
		status, message, _ := strings.Cut(rest, ":")
		conditions = append(conditions, map[string]any{"type": kind, "status": status, "message": message})
	}
	items := []any{map[string]any{
		"kind":     "Deployment",
		"metadata": map[string]any{"name": "web", "uid": "d", "generation": r.generation, "annotations": map[string]string{revisionKey: fmt.Sprint(r.revision)}},
		"spec": map[string]any{"replicas": 2, "template": map[string]any{
			"spec": map[string]any{"containers": []any{map[string]any{"image": r.image, "resources": map[string]any{}}}},
		}},
		"status": map[string]any{
			"observedGeneration": r.seen, "replicas": r.total, "updatedReplicas": r.updated, "availableReplicas": r.serve, "conditions": conditions,
		},
	}}
	set := func(name string, revision, available int) {
		if revision > 0 {
			items = append(items, map[string]any{
				"kind":     "ReplicaSet",
				"metadata": map[string]any{"name": name, "uid": name, "ownerReferences": owner("d"), "annotations": map[string]string{revisionKey: fmt.Sprint(revision)}},
				"status":   map[string]any{"availableReplicas": available},
			})
		}
	}
	set("web-new", r.revision, r.serving)
	set("web-old", r.old, r.oldServe)
	for _, p := range r.pods {
		w := strings.SplitN(p, " ", 4)
		status := map[string]any{"phase": w[2]}
		if w[3] == "ready" {
			status["conditions"] = []any{map[string]any{"type": "Ready", "status": "True"}}
		} else if m := strings.SplitN(w[3], ":", 3); m[0] == "waiting" {
			status["containerStatuses"] = []any{map[string]any{"restartCount": 3, "state": map[string]any{"waiting": map[string]any{"reason": m[1], "message": m[2]}}}}
		}
		items = append(items, map[string]any{
			"kind":     "Pod",
			"metadata": map[string]any{"name": w[0], "ownerReferences": owner("web-new"), "creationTimestamp": "2026-01-01T00:00:00Z"},
			"spec":     map[string]any{"nodeName": strings.Trim(w[1], "-")}, "status": status,
		})
	}
	b, err := json.Marshal(map[string]any{"items": items})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
