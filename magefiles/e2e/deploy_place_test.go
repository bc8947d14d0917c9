//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// deployImages pushes small images whose repositories say what becomes of their
// pods (see stages.yaml), each as v1 and v2.
var deployImages = sync.OnceValue(func() error {
	for repository, arches := range map[string][]string{
		"good": {"amd64", "arm64"}, "slow": {"amd64", "arm64"}, "never-ready": {"amd64", "arm64"},
		"missing": {"amd64", "arm64"}, "amd64-only": {"amd64"},
	} {
		for _, tag := range []string{"v1", "v2"} {
			index := v1.ImageIndex(empty.Index)
			for _, arch := range arches {
				image, err := random.Image(64, 1)
				if err != nil {
					return err
				}
				platform := v1.Platform{OS: "linux", Architecture: arch}
				config, err := image.ConfigFile()
				if err != nil {
					return err
				}
				config.OS, config.Architecture = platform.OS, platform.Architecture
				if image, err = mutate.ConfigFile(image, config); err != nil {
					return err
				}
				index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &platform}})
			}
			ref, err := name.ParseReference(world.registry + "/deploy/" + repository + ":" + tag)
			if err != nil {
				return err
			}
			if err := remote.WriteIndex(ref, index); err != nil {
				return err
			}
		}
	}
	return nil
})

// target is a namespace of a test's own, and mage with a kubectl that knows the
// cluster.
type target struct {
	checkout
	t         *testing.T
	cluster   *controlPlane
	namespace string
}

func deployTo(t *testing.T, namespace string) target {
	t.Helper()
	registry(t)
	k := cluster(t)
	if err := deployImages(); err != nil {
		t.Fatal(err)
	}
	c := world.main.with(append(k.env(), "PATH="+k.bin+":"+pathOf(world.main.env))...)
	c.bin = mageBinary(t, world.main) // two of "go tool mage" at once in one folder would compile over each other
	return target{c, t, k, namespace}
}

// image is a reference to one of the small images.
func (p target) image(repository, tag string) string {
	return world.registry + "/deploy/" + repository + ":" + tag
}

// args is a deployment of one of them.
func (p target) args(repository, tag string, more ...string) []string {
	return append([]string{"deploy", "-image=" + p.image(repository, tag), "-context=test", "-namespace=" + p.namespace}, more...)
}

// kubectl asks the API server.
func (p target) kubectl(args ...string) string {
	p.t.Helper()
	out, err := p.cluster.kubectl(append(args, "--namespace="+p.namespace)...)
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// liveDeployment is what the API server knows.
type liveDeployment struct {
	Metadata struct {
		Generation      int64
		ResourceVersion string
		Annotations     map[string]string
	}
	Spec struct {
		Template struct {
			Spec struct {
				Affinity   map[string]any
				Containers []struct{ Image string }
			}
		}
	}
	Status struct{ AvailableReplicas, UpdatedReplicas, Replicas int }
}

func (d liveDeployment) revision() string {
	return d.Metadata.Annotations["deployment.kubernetes.io/revision"]
}

func (d liveDeployment) runs(repository string) bool {
	return strings.Contains(d.Spec.Template.Spec.Containers[0].Image, "/deploy/"+repository+"@sha256:")
}

func (p target) live() liveDeployment {
	p.t.Helper()
	return decode[liveDeployment](p.t, p.kubectl("get", "deployment", "noetl", "--output=json"))
}

// nothing fails the test if anything was applied.
func (p target) nothing() {
	p.t.Helper()
	if out, err := p.cluster.kubectl("get", "namespace", p.namespace); err == nil {
		p.t.Errorf("it was refused, and there is a namespace:\n%s", out)
	}
}

// arches counts the ready pods that are not ending, by their nodes'
// architectures.
func (p target) arches() map[string]int {
	p.t.Helper()
	count := map[string]int{}
	out := p.kubectl("get", "pods", "--output=jsonpath={range .items[?(@.status.phase==\"Running\")]}{.spec.nodeName}{\" \"}{.metadata.deletionTimestamp}{\"\\n\"}{end}")
	for line := range strings.Lines(out) {
		if words := strings.Fields(line); len(words) == 1 {
			arch, _, _ := strings.Cut(words[0], "-")
			count[arch]++
		}
	}
	return count
}

// wantArches waits a moment for pods that are going.
func (p target) wantArches(want map[string]int) {
	p.t.Helper()
	err := await(p.t.Context(), 10*time.Second, func(context.Context) error {
		if got := p.arches(); !maps.Equal(got, want) {
			return fmt.Errorf("pods by architecture: %v, want %v", got, want)
		}
		return nil
	})
	if err != nil {
		p.t.Error(err)
	}
}

// only leaves the nodes of one architecture to new pods until the test ends.
func (p target) only(arch string) {
	p.t.Helper()
	for _, node := range []string{"amd64-1", "amd64-2", "arm64-1", "arm64-2"} {
		if !strings.HasPrefix(node, arch) {
			p.kubectl("cordon", node)
			p.t.Cleanup(func() { _, _ = p.cluster.kubectl("uncordon", node) })
		}
	}
}

// says fails the test unless all the words are in the output.
func (r result) has(t *testing.T, words ...string) {
	t.Helper()
	if slices.ContainsFunc(words, func(w string) bool { return !contains(r.out, w) }) {
		t.Errorf("the output lacks one of %q:\n%s", words, r.out)
	}
}

// kubeconfig writes one for this test.
func (p target) kubeconfig(text string) checkout {
	p.t.Helper()
	file := p.t.TempDir() + "/config"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if after, err := os.ReadFile(file); err != nil || string(after) != text {
			p.t.Errorf("the kubeconfig was written: %v\n%s", err, after)
		}
	})
	return p.with("KUBECONFIG=" + file)
}
