package kube

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const rendered = `apiVersion: v1
kind: Namespace
metadata:
  labels:
    name: wrong
  name: shop
---
apiVersion: v1
data:
  text: |
    ---
    kind: Trap
kind: ConfigMap
metadata:
  name: "settings"
  namespace: shop
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    metadata:
      name: pod
`

func TestObjects(t *testing.T) {
	t.Parallel()
	for _, text := range []string{rendered, strings.ReplaceAll(rendered, "\n", "\r\n"), "---\n" + rendered + "---\n"} {
		if got := fmt.Sprint(Objects([]byte(text))); got != "[namespace/shop configmap/settings deployment/web]" {
			t.Errorf("got %s", got)
		}
		if got := fmt.Sprint(Objects(Without([]byte(text), "Namespace"))); got != "[configmap/settings deployment/web]" {
			t.Errorf("without the namespace: %s", got)
		}
	}
	if HasNodeAffinity([]byte(rendered)) || !HasNodeAffinity([]byte("            nodeSelectorTerms:\n")) {
		t.Error("node affinity")
	}
}

func TestOverlay(t *testing.T) {
	t.Parallel()
	o := Overlay{Resource: "../../k8s/local", Namespace: "shop", Image: "web", NewName: "r/x", Digest: "sha256:1"}
	read := func(o Overlay) (k struct {
		Resources []string
		Namespace string
		Images    []map[string]string
		Patches   []struct{ Patch string }
	},
	) {
		b, err := o.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &k); err != nil {
			t.Fatal(err)
		}
		return k
	}
	if k := read(o); fmt.Sprint(k) != "{[../../k8s/local] shop [map[digest:sha256:1 name:web newName:r/x]] []}" {
		t.Errorf("got %v", k)
	}
	o.Digest, o.NewTag, o.Arches = "", "t", []string{"amd64"}
	k := read(o)
	if fmt.Sprint(k.Images) != "[map[name:web newName:r/x newTag:t]]" || len(k.Patches) != 1 || !strings.Contains(k.Patches[0].Patch, `"key":"kubernetes.io/arch","operator":"In","values":["amd64"]`) {
		t.Errorf("got %v", k)
	}
}

const diffed = `diff -u -N /tmp/LIVE-12/apps.v1.Deployment.shop.web /tmp/MERGED-34/apps.v1.Deployment.shop.web
--- /tmp/LIVE-12/apps.v1.Deployment.shop.web	2026-01-01 00:00:00 +0000
+++ /tmp/MERGED-34/apps.v1.Deployment.shop.web	2026-01-01 00:00:00 +0000
@@ -1 +1 @@
-image: a
+image: b
`

func TestDiff(t *testing.T) {
	t.Parallel()
	conflict := said{`error: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas` + "\n", 2}
	several := said{"error: Apply failed with 3 conflicts: conflicts with \"hpa\" using autoscaling/v2:\n- .spec.replicas\nconflicts with \"kubectl\" using apps/v1:\n- .spec.template.spec.x\n- .metadata.labels.a\n", 2}
	for _, tt := range []struct {
		name   string
		first  error
		second error // of the question with --force-conflicts
		out    string
		none   bool
		taken  string
		hidden bool
		err    bool
	}{
		{name: "nothing", none: true},
		{name: "a change", first: said{"", 1}, out: diffed},
		{name: "taken", first: conflict, second: said{"", 1}, out: diffed, taken: ".spec.replicas of kubectl"},
		{name: "taken, but for what going back has left", first: several, second: said{"", 1}, out: diffed, taken: ".spec.replicas of hpa,.metadata.labels.a of kubectl"},
		{name: "no diff here", first: said{`error: failed to run "diff": exec: "diff": executable file not found in $PATH`, 2}, hidden: true},
		{name: "invalid", first: said{`Error from server (Invalid): Deployment.apps "web" is invalid`, 2}, err: true},
		{name: "exit 1 without a word", first: said{"error: no", 1}, err: true},
	} {
		f := &fake{answer: func(line string) (string, error) {
			switch {
			case strings.HasPrefix(line, "apply"):
				return "", nil
			case strings.Contains(line, "--force-conflicts"):
				return tt.out, tt.second
			}
			return tt.out, tt.first
		}}
		c, err := f.cluster().Diff(t.Context(), []byte(rendered))
		if (err != nil) != tt.err || c.None() != (tt.none || tt.err) || strings.Join(c.Taken, ",") != tt.taken || (c.Hidden != "") != tt.hidden {
			t.Errorf("%s: %+v %v", tt.name, c, err)
		}
		if want := "--- apps.v1.Deployment.shop.web  on the cluster\n+++ apps.v1.Deployment.shop.web  with these manifests\n@@ -1 +1 @@\n"; tt.out != "" && !strings.HasPrefix(c.Diff, want) {
			t.Errorf("%s: %s", tt.name, c.Diff)
		}
		if !strings.HasPrefix(f.lines[0], "diff --server-side --field-manager=us --filename=- --namespace=shop") {
			t.Errorf("%s: ran %q", tt.name, f.lines[0])
		}
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	f := &fake{answer: func(string) (string, error) {
		return "namespace/shop serverside-applied\nservice/web serverside-applied\n", said{refused, 1}
	}}
	got, err := f.cluster().Apply(t.Context(), []byte(rendered))
	if strings.Join(got, " ") != "namespace/shop service/web" || err == nil || !strings.Contains(err.Error(), "applying the manifests: the cluster does not answer") {
		t.Errorf("%v %v", got, err)
	}
}
