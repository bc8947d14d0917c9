package kube

import (
	"fmt"
	"slices"
	"strings"
)

// Fit is what an image's platforms mean for a cluster's nodes. Only nodes that
// new pods may go to count.
type Fit struct {
	Run, Cannot []Node
	Platforms   []string // of the image
}

// Fits sorts the nodes by whether the image has something for them.
func Fits(nodes []Node, platforms []string) Fit {
	f := Fit{Platforms: platforms}
	for _, n := range nodes {
		switch {
		case !n.Schedulable():
		case slices.ContainsFunc(platforms, func(p string) bool { return runs(n.Platform, p) }):
			f.Run = append(f.Run, n)
		default:
			f.Cannot = append(f.Cannot, n)
		}
	}
	return f
}

// runs says whether a node runs images of a platform. Nodes do not tell their
// variant: one of arm is given the benefit of the doubt, and arm64 has only v8.
func runs(node, platform string) bool {
	return node == platform || strings.HasPrefix(platform, node+"/")
}

// Problem is why the image should not be put on this cluster as it is; empty if
// every node can run it.
func (f Fit) Problem() string {
	all := len(f.Run) + len(f.Cannot)
	if all == 0 {
		return "no node takes new pods: all are cordoned, tainted or not ready"
	}
	var reasons []string
	for _, platform := range platformsOf(f.Cannot) {
		n := count(f.Cannot, platform)
		verb := "are"
		if n == 1 {
			verb = "is"
		}
		_, arch, _ := strings.Cut(platform, "/")
		reasons = append(reasons, fmt.Sprintf("%d of %d %s %s %s; the image has no %s", n, all, plural(all, "node"), verb, arch, platform))
	}
	return strings.Join(reasons, ", ")
}

// Summary is one line about the nodes: "4 nodes: 2 amd64, 2 arm64".
func (f Fit) Summary() string {
	nodes := slices.Concat(f.Run, f.Cannot)
	var parts []string
	for _, p := range platformsOf(nodes) {
		_, arch, _ := strings.Cut(p, "/")
		parts = append(parts, fmt.Sprintf("%d %s", count(nodes, p), arch))
	}
	return fmt.Sprintf("%d %s: %s", len(nodes), plural(len(nodes), "node"), strings.Join(parts, ", "))
}

// Arches are the architectures that pods have to be kept to, so that each runs:
// those of the image, as Kubernetes writes them.
func (f Fit) Arches() []string {
	var out []string
	for _, p := range f.Platforms {
		parts := strings.Split(p, "/")
		if len(parts) > 1 && parts[0] == "linux" && !slices.Contains(out, parts[1]) {
			out = append(out, parts[1])
		}
	}
	slices.Sort(out)
	return out
}

func platformsOf(nodes []Node) []string {
	var out []string
	for _, n := range nodes {
		if !slices.Contains(out, n.Platform) {
			out = append(out, n.Platform)
		}
	}
	slices.Sort(out)
	return out
}

func count(nodes []Node, platform string) (n int) {
	for _, node := range nodes {
		if node.Platform == platform {
			n++
		}
	}
	return n
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
