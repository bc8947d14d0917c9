//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// TestDeploy: the life of a deployment on nodes of both architectures, each step
// held against what the API server knows.
func TestDeploy(t *testing.T) {
	p := deployTo(t, "life")
	r := p.must(t, p.args("good", "v1", "-dryRun")...)
	r.has(t, "deployment/noetl", "nothing was changed")
	p.nothing()

	r = p.must(t, p.args("good", "v1")...)
	r.has(t, "good:v1", "sha256:", "linux/amd64, linux/arm64", "4 nodes: 2 amd64, 2 arm64", "revision 1", "port-forward")
	first := p.live()
	if !first.runs("good") || first.revision() != "1" || first.Status.AvailableReplicas != 2 {
		t.Fatalf("first install: %+v", first)
	}
	p.wantArches(map[string]int{"amd64": 1, "arm64": 1})
	if level := p.kubectl("get", "namespace", p.namespace, "--output=jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}"); level != "restricted" {
		t.Errorf("the namespace enforces %q", level)
	}
	if manager := p.kubectl("get", "deployment", "noetl", "--show-managed-fields", "--output=jsonpath={.metadata.managedFields[?(@.operation==\"Apply\")].manager}"); manager != "noetl-deploy" {
		t.Errorf("applied by %q", manager)
	}

	p.must(t, p.args("good", "v1")...).has(t, "nothing to change", "revision 1")
	if again := p.live(); again.Metadata.ResourceVersion != first.Metadata.ResourceVersion {
		t.Errorf("the same again changed it: %+v", again)
	}

	dry := p.must(t, p.args("good", "v2", "-dryRun")...)
	dry.has(t, "+        image: "+strings.TrimSuffix(p.image("good", ""), ":")+"@sha256:")
	if now := p.live(); now.Metadata.ResourceVersion != first.Metadata.ResourceVersion {
		t.Errorf("-dryRun changed it: %+v", now)
	}
	p.must(t, p.args("good", "v2")...).has(t, "revision 2")
	second := p.live()
	if second.revision() != "2" || second.Status.UpdatedReplicas != 2 || second.Spec.Template.Spec.Containers[0].Image == first.Spec.Template.Spec.Containers[0].Image {
		t.Errorf("upgrade: %+v", second)
	}
	p.wantArches(map[string]int{"amd64": 1, "arm64": 1})

	// Pods that never get ready: timeout, reasons, and back.
	r = p.refused(t, []string{"took too long", "Readiness probe failed", "starting", "revision 2 serves again", "rollback"}, p.args("never-ready", "v1", "-timeout=5s")...)
	if strings.Contains(r.out, "hunter2") {
		t.Error("a password from the pod's log is shown")
	}
	p.back(second)

	// An image that the nodes do not get: no need to wait for the time to pass.
	r = p.refused(t, []string{"ImagePullBackOff", "manifest unknown", "serves again"}, p.args("missing", "v1")...)
	if r.took.Seconds() > 60 {
		t.Errorf("it took %s to see that there is no hope", r.took)
	}
	p.back(second)

	// A tag that the registry does not have: nothing is touched.
	before := p.live()
	p.refused(t, []string{"v9"}, p.args("good", "v9")...)
	if now := p.live(); now.Metadata.ResourceVersion != before.Metadata.ResourceVersion {
		t.Error("a missing tag changed the deployment")
	}
	// Somebody has scaled it: that is told, and what the manifests say wins.
	p.kubectl("scale", "deployment/noetl", "--replicas=3")
	p.must(t, p.args("good", "v1")...).has(t, ".spec.replicas of kubectl")
	p.wantArches(map[string]int{"amd64": 1, "arm64": 1})

	// The other overlay is as valid to this API server.
	p.must(t, p.args("good", "v1", "-overlay=local")...).has(t, "1 of 1 ready")
}

// back: what served before serves again, all of it.
func (p target) back(want liveDeployment) {
	p.t.Helper()
	now := p.live()
	if now.Spec.Template.Spec.Containers[0].Image != want.Spec.Template.Spec.Containers[0].Image || now.Status.AvailableReplicas != 2 || now.Status.Replicas != 2 {
		p.t.Errorf("it is not back: %+v", now)
	}
}

// TestDeployArchitectures: what cannot run everywhere is refused before anything
// is applied, or kept to where it can.
func TestDeployArchitectures(t *testing.T) {
	p := deployTo(t, "arches")
	p.refused(t, []string{"2 of 4 nodes are arm64; the image has no linux/arm64", "-allowPartial"}, p.args("amd64-only", "v1")...)
	p.nothing()
	p.must(t, p.args("amd64-only", "v1", "-allowPartial")...).has(t, "nodes of amd64")
	p.wantArches(map[string]int{"amd64": 2})
	p.must(t, p.args("good", "v1", "-allowPartial")...)
	if p.live().Spec.Template.Spec.Affinity != nil {
		t.Error("an image for every node is kept to some")
	}

	t.Run("arm64 only", func(t *testing.T) {
		p := deployTo(t, "arm64")
		p.t = t
		p.only("arm64")
		for _, more := range [][]string{nil, {"-allowPartial"}} {
			p.refused(t, []string{"2 of 2 nodes are arm64; the image has no linux/arm64"}, p.args("amd64-only", "v1", more...)...)
			p.nothing()
		}
		p.must(t, p.args("good", "v1")...)
		p.wantArches(map[string]int{"arm64": 2})
	})
}

// TestDeployFirstInstallFails: there is nothing to go back to, and that is said.
func TestDeployFirstInstallFails(t *testing.T) {
	p := deployTo(t, "newcomer")
	p.refused(t, []string{"took too long", "first install", "left as it is", "kubectl --context=test --namespace=newcomer delete deployment/noetl"}, p.args("never-ready", "v1", "-timeout=3s")...)
	if d := p.live(); !d.runs("never-ready") || d.revision() != "1" {
		t.Errorf("it is not as it was left: %+v", d)
	}
	p.refused(t, []string{"nothing served before"}, p.args("missing", "v1")...)
	p.must(t, p.args("good", "v1")...)
	p.must(t, p.args("slow", "v1", "-wait=false")...).has(t, "not waited for")
	if d := p.live(); !d.runs("slow") || d.Status.UpdatedReplicas == 2 {
		t.Errorf("-wait=false waited: %+v", d)
	}
}
