package kube

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// nodes are given as "name arch why", why being ready, cordoned, down or tainted.
func nodes(t *testing.T, list ...string) []Node {
	t.Helper()
	var items []any
	for _, n := range list {
		w := strings.Fields(n)
		ready, spec := "True", map[string]any{}
		switch w[2] {
		case "cordoned":
			spec["unschedulable"] = true
		case "down":
			ready = "Unknown"
		case "tainted":
			spec["taints"] = []any{map[string]any{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}}
		case "preferred":
			spec["taints"] = []any{map[string]any{"key": "x", "effect": "PreferNoSchedule"}}
		}
		items = append(items, map[string]any{
			"metadata": map[string]any{"name": w[0]}, "spec": spec,
			"status": map[string]any{
				"nodeInfo":   map[string]any{"architecture": w[1], "operatingSystem": "linux"},
				"conditions": []any{map[string]any{"type": "Ready", "status": ready}},
			},
		})
	}
	b, err := json.Marshal(map[string]any{"items": items})
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{answer: func(string) (string, error) { return string(b), nil }}
	out, err := Nodes(t.Context(), f.run)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFits(t *testing.T) {
	t.Parallel()
	both := []string{"linux/amd64", "linux/arm64"}
	for _, tt := range []struct {
		nodes     []string
		platforms []string
		problem   string
		summary   string
	}{
		{[]string{"a amd64 ready", "b arm64 ready"}, both, "", "2 nodes: 1 amd64, 1 arm64"},
		{[]string{"a amd64 ready", "b arm64 ready", "c arm64 ready"}, both[:1], "2 of 3 nodes are arm64; the image has no linux/arm64", "3 nodes: 1 amd64, 2 arm64"},
		{[]string{"a arm64 ready"}, both[:1], "1 of 1 node is arm64; the image has no linux/arm64", "1 node: 1 arm64"},
		{[]string{"a amd64 ready", "b arm64 cordoned", "c arm64 down", "d arm64 tainted"}, both[:1], "", "1 node: 1 amd64"},
		{[]string{"a amd64 preferred"}, both[:1], "", "1 node: 1 amd64"},
		{[]string{"a amd64 cordoned"}, both, "no node takes new pods", ""},
		{[]string{"a arm ready"}, []string{"linux/arm/v7"}, "", "1 node: 1 arm"},
		{[]string{"a arm64 ready"}, []string{"linux/arm/v7"}, "no linux/arm64", "1 node: 1 arm64"},
	} {
		f := Fits(nodes(t, tt.nodes...), tt.platforms)
		if got := f.Problem(); (got == "") != (tt.problem == "") || !strings.Contains(got, tt.problem) {
			t.Errorf("%v with %v: %q, want %q", tt.nodes, tt.platforms, got, tt.problem)
		}
		if got := f.Summary(); tt.summary != "" && got != tt.summary {
			t.Errorf("%v: %q, want %q", tt.nodes, got, tt.summary)
		}
	}
	if got := Fits(nil, []string{"linux/arm/v7", "linux/amd64", "linux/arm/v6", "windows/amd64"}).Arches(); !slices.Equal(got, []string{"amd64", "arm"}) {
		t.Errorf("kept to %v", got)
	}
	if got := fmt.Sprint(Arches(nodes(t, "a amd64 ready", "b arm64 down"))); got != "map[a:amd64 b:arm64]" {
		t.Errorf("%s", got)
	}
}

func TestLocalCluster(t *testing.T) {
	t.Parallel()
	profile := []Node{{Labels: map[string]string{"minikube.k8s.io/name": "dev"}}}
	for _, tt := range []struct {
		context string
		nodes   []Node
		line    string
	}{
		{"kind-dev", nil, "kind load image-archive i.tar --name dev"},
		{"k3d-a-b", nil, "k3d image import i.tar --cluster a-b"},
		{"minikube", nil, "minikube image load i.tar --profile minikube"},
		{"mine", profile, "minikube image load i.tar --profile dev"},
		{"kind-", nil, ""},
		{"production", nil, ""},
		{"kindergarten", nil, ""},
	} {
		l, ok := LocalCluster(tt.context, tt.nodes)
		if ok != (tt.line != "") {
			t.Errorf("%s: %+v %v", tt.context, l, ok)
		}
		if tool, args := l.Load("i.tar"); ok && tool+" "+strings.Join(args, " ") != tt.line {
			t.Errorf("%s: %s %v", tt.context, tool, args)
		}
	}
}
