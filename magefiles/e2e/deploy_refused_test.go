//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDeployForbidden: somebody with rights in one namespace, and none
// elsewhere. The roles are real.
func TestDeployForbidden(t *testing.T) {
	p := deployTo(t, "mine")
	for _, namespace := range []string{"mine", "theirs"} {
		p.kubectl("create", "namespace", namespace)
	}
	p.kubectl("create", "serviceaccount", "deployer")
	p.kubectl("create", "rolebinding", "deployer", "--clusterrole=edit", "--serviceaccount=mine:deployer")
	token := p.kubectl("create", "token", "deployer")
	c := p.kubeconfig(p.cluster.config(token, "test"))

	r := c.refused(t, []string{"forbids", "nodes", "-allowPartial"}, p.args("good", "v1")...)
	theirs := p
	theirs.namespace = "theirs"
	r.out += c.refused(t, []string{"forbidden", "theirs", "edit"}, theirs.args("good", "v1", "-allowPartial")...).out
	for _, namespace := range []string{"mine", "theirs"} {
		if out, _ := p.cluster.kubectl("get", "deployments,services", "--namespace="+namespace, "--output=name"); out != "" {
			t.Errorf("in %s there is now %s", namespace, out)
		}
	}
	// A role "edit" has no say about network policies of everybody, but about those of its namespace.
	r.out += c.must(t, p.args("good", "v1", "-allowPartial")...).out
	if d := p.live(); !d.runs("good") || d.Spec.Template.Spec.Affinity == nil {
		t.Errorf("%+v", d)
	}
	if strings.Contains(r.out, token) {
		t.Error("the token is shown")
	}
}

// TestDeployChoosesNoCluster: which cluster is meant has to be said, and a
// protected one twice.
func TestDeployChoosesNoCluster(t *testing.T) {
	p := deployTo(t, "nobody")
	two := p.kubeconfig(p.cluster.config(clusterToken, "staging", "eu-production"))
	image := "-image=" + p.image("good", "v1")
	two.refused(t, []string{"several", "staging", "eu-production", "-context="}, "deploy", image, "-namespace=nobody")
	two.refused(t, []string{"no context \"test\"", "staging"}, "deploy", image, "-context=test", "-namespace=nobody")
	two.refused(t, []string{"protected", "-yes"}, "deploy", image, "-context=eu-production", "-namespace=nobody")
	two.says(t, "nothing was changed", "deploy", image, "-context=eu-production", "-namespace=nobody", "-dryRun")
	p.kubeconfig("apiVersion: v1\nkind: Config\n").refused(t, []string{"no context"}, "deploy", image)
	p.nothing()
	one := p.kubeconfig(p.cluster.config(clusterToken, "production"))
	one.must(t, "deploy", image, "-namespace=nobody", "-yes")

	p.refused(t, []string{"-overlay=beach", "local, production"}, p.args("good", "v1", "-overlay=beach")...)
	p.refused(t, []string{"publish it"}, "deploy", "-context=test", "-image=oci:nowhere")
	p.refused(t, []string{"-image=… is missing"}, "deploy", "-context=test")
}

// TestDeployWithoutKubectl: missing, too old, or without a cluster that answers.
func TestDeployWithoutKubectl(t *testing.T) {
	p := deployTo(t, "silent")
	p.without(t, "kubectl").with("PATH="+pathOf(p.env)).refused(t, []string{"finding kubectl", "kubernetes.io/docs/tasks/tools"}, p.args("good", "v1")...)

	old := t.TempDir()
	script := "#!/bin/sh\ncase $* in *get-contexts*) echo test;; *) echo '{\"clientVersion\":{\"major\":\"1\",\"minor\":\"20\",\"gitVersion\":\"v1.20.2\"}}';; esac\n"
	if err := os.WriteFile(filepath.Join(old, "kubectl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	p.with("PATH="+old+":"+pathOf(p.env)).refused(t, []string{"v1.20.2", "1.28 or newer"}, p.args("good", "v1")...)

	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	away := strings.ReplaceAll(p.cluster.config(clusterToken, "test"), fmt.Sprint(p.cluster.api), fmt.Sprint(port))
	p.kubeconfig(away).refused(t, []string{"does not answer", "refused", "kubectl cluster-info"}, p.args("good", "v1")...)
	p.kubeconfig(p.cluster.config("wrong", "test")).refused(t, []string{"does not accept your credentials"}, p.args("good", "v1")...)
	p.nothing()
}
