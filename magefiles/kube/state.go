package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// State is how far a Deployment is.
type State struct {
	Exists    bool
	Revision  int64    // of the pod template that is rolled out; 0 if the controller has not looked yet
	Serving   int64    // the newest revision of which a pod serves; 0 if none does
	Template  string   // the pod template, comparable
	Images    []string // of its containers
	Wanted    int      // replicas
	Updated   int      // pods of this revision
	Available int      // pods of any revision that serve
	Total     int      // pods of any revision
	Current   bool     // the controller has seen the newest specification
	Stalled   string   // why the controller has given up; empty if it has not
	Trouble   string   // why it cannot make pods: a quota, a policy; empty if it can
	Pods      []Pod    // of this revision, by name
	Old       []Pod    // of earlier ones
	Sets      []string // names of the ReplicaSets, of this revision and earlier ones
}

// Done says that all replicas are of this revision and serve, and no other is
// left: the same rule as that of kubectl rollout status.
func (s State) Done() bool {
	return s.Exists && s.Current && s.Updated == s.Wanted && s.Total == s.Wanted && s.Available == s.Wanted
}

// Ready counts the pods of this revision that are ready.
func (s State) Ready() int {
	n := 0
	for _, p := range s.Pods {
		if p.Ready && !p.Ending {
			n++
		}
	}
	return n
}

// Progress is how far it is, in a few words.
func (s State) Progress() string {
	text := fmt.Sprintf("%d of %d ready", s.Ready(), s.Wanted)
	if n := len(s.Old); n > 0 {
		text += fmt.Sprintf(", %d old", n)
	}
	return text
}

type rawSet struct {
	Kind     string
	Metadata meta
	Spec     struct {
		Replicas *int
		Paused   bool
		Template json.RawMessage
	}
	Status struct {
		ObservedGeneration                           int64
		Replicas, UpdatedReplicas, AvailableReplicas int
		Conditions                                   []condition
	}
}

const revisionKey = "deployment.kubernetes.io/revision"

func (r rawSet) revision() int64 {
	n, _ := strconv.ParseInt(r.Metadata.Annotations[revisionKey], 10, 64)
	return n
}

// State reads the Deployment, its ReplicaSets and its pods, in one question.
func (c Cluster) State(ctx context.Context) (State, error) {
	list, err := ask[struct{ Items []json.RawMessage }](ctx, c.Kubectl, "reading deployment "+c.Name,
		c.in("get", "deployments.apps,replicasets.apps,pods", "--selector="+c.Selector)...)
	if err != nil {
		return State{}, err
	}
	var deployment *rawSet
	var sets []rawSet
	var pods []rawPod
	for _, item := range list.Items {
		var head rawSet
		if err := json.Unmarshal(item, &head); err != nil && head.Kind != "Pod" {
			return State{}, fmt.Errorf("reading deployment %s: %w", c.Name, err)
		}
		switch head.Kind {
		case "Deployment":
			if head.Metadata.Name == c.Name {
				deployment = &head
			}
		case "ReplicaSet":
			sets = append(sets, head)
		case "Pod":
			var p rawPod
			if err := json.Unmarshal(item, &p); err != nil {
				return State{}, fmt.Errorf("reading the pods of deployment %s: %w", c.Name, err)
			}
			pods = append(pods, p)
		}
	}
	if deployment == nil {
		return State{}, nil
	}
	return stateOf(*deployment, sets, pods)
}

func stateOf(d rawSet, sets []rawSet, pods []rawPod) (State, error) {
	s := State{
		Exists: true, Revision: d.revision(), Wanted: 1,
		Updated: d.Status.UpdatedReplicas, Available: d.Status.AvailableReplicas, Total: d.Status.Replicas,
		Current: d.Status.ObservedGeneration >= d.Metadata.Generation,
	}
	if d.Spec.Replicas != nil {
		s.Wanted = *d.Spec.Replicas
	}
	var template struct {
		Spec struct{ Containers []struct{ Image string } }
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, d.Spec.Template); err != nil {
		return s, fmt.Errorf("reading the pod template: %w", err)
	}
	s.Template = compact.String()
	if err := json.Unmarshal(d.Spec.Template, &template); err != nil {
		return s, fmt.Errorf("reading the pod template: %w", err)
	}
	for _, c := range template.Spec.Containers {
		s.Images = append(s.Images, c.Image)
	}
	s.conditions(d)
	for _, set := range sets {
		if !set.Metadata.ownedBy(d.Metadata.UID) {
			continue
		}
		s.Sets = append(s.Sets, set.Metadata.Name)
		if set.Status.AvailableReplicas > 0 {
			s.Serving = max(s.Serving, set.revision())
		}
		for _, p := range pods {
			switch {
			case !p.Metadata.ownedBy(set.Metadata.UID):
			case set.revision() == s.Revision:
				s.Pods = append(s.Pods, p.pod())
			default:
				s.Old = append(s.Old, p.pod())
			}
		}
	}
	byName := func(a, b Pod) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(s.Pods, byName)
	slices.SortFunc(s.Old, byName)
	return s, nil
}

func (s *State) conditions(d rawSet) {
	for _, c := range d.Status.Conditions {
		switch {
		case !s.Current:
		case c.Type == "Progressing" && c.Status == "False":
			s.Stalled = c.Message
		case c.Type == "ReplicaFailure" && c.Status == "True":
			s.Trouble = Redact(c.Message)
		}
	}
	if d.Spec.Paused {
		s.Stalled = "it is paused; kubectl rollout resume deployment/" + d.Metadata.Name + " lets it go on"
	}
}
