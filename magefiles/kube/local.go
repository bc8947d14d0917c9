package kube

import (
	"slices"
	"strings"
)

// Local is a cluster on this machine, made by one of the tools that people use
// for that. Its nodes can be given an image without a registry.
type Local struct {
	Tool string // kind, k3d or minikube
	Name string // what the tool calls the cluster
}

// LocalCluster recognises one by its context's name, and minikube's by a label
// of its nodes, too, as its profiles may have any name.
func LocalCluster(context string, nodes []Node) (Local, bool) {
	for _, tool := range []string{"kind", "k3d"} {
		if name, ok := strings.CutPrefix(context, tool+"-"); ok && name != "" {
			return Local{tool, name}, true
		}
	}
	if i := slices.IndexFunc(nodes, func(n Node) bool { return n.Labels["minikube.k8s.io/name"] != "" }); i >= 0 {
		return Local{"minikube", nodes[i].Labels["minikube.k8s.io/name"]}, true
	}
	if context == "minikube" {
		return Local{"minikube", context}, true
	}
	return Local{}, false
}

// Load is the command that puts an archive, as "docker save" writes it, on the
// cluster's nodes: the tool and its arguments.
func (l Local) Load(archive string) (tool string, args []string) {
	switch l.Tool {
	case "kind":
		return "kind", []string{"load", "image-archive", archive, "--name", l.Name}
	case "k3d":
		return "k3d", []string{"image", "import", archive, "--cluster", l.Name}
	}
	return "minikube", []string{"image", "load", archive, "--profile", l.Name}
}
