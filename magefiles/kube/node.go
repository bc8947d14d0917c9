package kube

import (
	"context"
	"slices"
	"strings"
)

// Node is a machine of the cluster.
type Node struct {
	Name     string
	Platform string // os/arch, as OCI writes it
	Why      string // why no new pod goes there; empty if one may
	Provider string // the cloud or tool that made it: "kind://docker/dev/dev-worker"
	Labels   map[string]string
}

// Schedulable says whether a pod without special rights may go there.
func (n Node) Schedulable() bool { return n.Why == "" }

// Arch is the second part of Platform.
func (n Node) Arch() string {
	_, arch, _ := strings.Cut(n.Platform, "/")
	return arch
}

type meta struct {
	Name, UID, Namespace string
	Generation           int64
	CreationTimestamp    string
	DeletionTimestamp    string
	Labels, Annotations  map[string]string
	OwnerReferences      []struct{ UID string }
}

func (m meta) ownedBy(uid string) bool {
	return slices.ContainsFunc(m.OwnerReferences, func(o struct{ UID string }) bool { return o.UID == uid })
}

type condition struct{ Type, Status, Reason, Message string }

type rawNode struct {
	Metadata meta
	Spec     struct {
		Unschedulable bool
		ProviderID    string
		Taints        []struct{ Key, Effect string }
	}
	Status struct {
		NodeInfo   struct{ Architecture, OperatingSystem string }
		Conditions []condition
	}
}

// Nodes are all of the cluster, by name.
func Nodes(ctx context.Context, k Kubectl) ([]Node, error) {
	list, err := ask[struct{ Items []rawNode }](ctx, k, "reading the cluster's nodes", "get", "nodes")
	if err != nil {
		return nil, err
	}
	var out []Node
	for _, raw := range list.Items {
		out = append(out, raw.node())
	}
	slices.SortFunc(out, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (raw rawNode) node() Node {
	info := raw.Status.NodeInfo
	n := Node{
		Name: raw.Metadata.Name, Platform: info.OperatingSystem + "/" + info.Architecture,
		Provider: raw.Spec.ProviderID, Labels: raw.Metadata.Labels,
	}
	ready := false
	for _, c := range raw.Status.Conditions {
		ready = ready || c.Type == "Ready" && c.Status == "True"
	}
	switch {
	case raw.Spec.Unschedulable:
		n.Why = "cordoned"
	case !ready:
		n.Why = "not ready"
	default:
		for _, t := range raw.Spec.Taints {
			if t.Effect == "NoSchedule" || t.Effect == "NoExecute" {
				n.Why = "tainted " + t.Key
			}
		}
	}
	return n
}

// Arches is the architecture of each node, by its name.
func Arches(nodes []Node) map[string]string {
	out := make(map[string]string, len(nodes))
	for _, n := range nodes {
		out[n.Name] = n.Arch()
	}
	return out
}
