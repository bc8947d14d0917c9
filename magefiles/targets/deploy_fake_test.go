package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// fakeCluster answers kubectl's command lines as a small cluster would on which
// every pod is ready at once.
type fakeCluster struct {
	t        *testing.T
	contexts string
	arches   []string // of its nodes
	image    string   // that is deployed; empty for none
	applied  []string
	broken   bool // pods never get ready
	tools    func(xbuild.Cmd) error
}

func (f *fakeCluster) reply(_ context.Context, c xbuild.Cmd) error {
	if !strings.Contains(filepath.Base(c.Name), "kubectl") {
		return f.tools(c)
	}
	args := slices.DeleteFunc(slices.Clone(c.Args), func(a string) bool { return strings.HasPrefix(a, "--context=") })
	line := strings.Join(args, " ")
	fail := func(status int, text string) error {
		fmt.Fprintln(c.Stderr, text)
		return &xbuild.ToolError{Cmd: c, Err: fmt.Errorf("exit status %d", status)}
	}
	switch {
	case strings.HasPrefix(line, "config get-contexts"):
		fmt.Fprint(c.Stdout, f.contexts)
	case strings.HasPrefix(line, "version"):
		fmt.Fprint(c.Stdout, `{"clientVersion":{"major":"1","minor":"36","gitVersion":"v1.36.3"},"serverVersion":{"gitVersion":"v1.36.3"}}`)
	case strings.HasPrefix(line, "get nodes"):
		fmt.Fprint(c.Stdout, `{"items":[`)
		for i, arch := range f.arches {
			fmt.Fprintf(c.Stdout, `%s{"metadata":{"name":"n%d"},"status":{"nodeInfo":{"architecture":%q,"operatingSystem":"linux"},"conditions":[{"type":"Ready","status":"True"}]}}`,
				strings.Repeat(",", min(i, 1)), i, arch)
		}
		fmt.Fprint(c.Stdout, `]}`)
	case args[0] == "kustomize":
		return f.kustomize(c.Stdout, args[1])
	case strings.HasPrefix(line, "get namespace") && f.image == "":
		return fail(1, `Error from server (NotFound): namespaces "x" not found`)
	case strings.HasPrefix(line, "get namespace"):
		fmt.Fprint(c.Stdout, `{"metadata":{"labels":{"app.kubernetes.io/name":"noetl"}}}`)
	case args[0] == "diff":
		return f.diff(c, fail)
	case args[0] == "apply":
		b, _ := io.ReadAll(c.Stdin)
		f.applied = append(f.applied, string(b))
		f.image = imageIn(string(b))
		fmt.Fprintln(c.Stdout, "deployment.apps/noetl serverside-applied")
	case strings.HasPrefix(line, "get deployments.apps"):
		f.state(c.Stdout)
	}
	return nil
}

func (f *fakeCluster) diff(c xbuild.Cmd, fail func(int, string) error) error {
	b, _ := io.ReadAll(c.Stdin)
	if image := imageIn(string(b)); image != f.image {
		fmt.Fprintf(c.Stdout, "-image: %s\n+image: %s\n", f.image, image)
		return fail(1, "")
	}
	return nil
}

// kustomize is what the real one makes of the kustomization: a manifest with the
// image in it.
func (f *fakeCluster) kustomize(w io.Writer, dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "kustomization.yaml"))
	if err != nil {
		return err
	}
	var k struct {
		Images []struct{ NewName, NewTag, Digest string }
	}
	if err := json.Unmarshal(b, &k); err != nil {
		fmt.Fprintln(w, "kind: Deployment") // the overlay underneath, which is YAML
		return nil
	}
	image := k.Images[0].NewName + ":" + k.Images[0].NewTag
	if k.Images[0].Digest != "" {
		image = k.Images[0].NewName + "@" + k.Images[0].Digest
	}
	_, err = fmt.Fprintf(w, "kind: Deployment\nmetadata:\n  name: noetl\nspec:\n      - image: %s\n", image)
	return err
}

func imageIn(manifest string) string {
	_, rest, _ := strings.Cut(manifest, "image: ")
	image, _, _ := strings.Cut(rest, "\n")
	return image
}

func (f *fakeCluster) state(w io.Writer) {
	if f.image == "" {
		fmt.Fprint(w, `{"items":[]}`)
		return
	}
	ready, condition := 1, "[]"
	if f.broken {
		ready, condition = 0, `[{"type":"Progressing","status":"False","message":"it has timed out progressing"}]`
	}
	fmt.Fprintf(w, `{"items":[{"kind":"Deployment","metadata":{"name":"noetl","uid":"d","generation":1,"annotations":{"deployment.kubernetes.io/revision":"1"}},
"spec":{"replicas":1,"template":{"spec":{"containers":[{"image":%q}]}}},
"status":{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"availableReplicas":%d,"conditions":%s}}]}`, f.image, ready, condition)
}

// deployJob is a job whose kubectl is the fake cluster's, and whose PATH has the
// tools of local clusters.
func deployJob(t *testing.T, f *fakeCluster) (*job, *xbuild.Recorder, fmt.Stringer) {
	t.Helper()
	f.t = t
	if f.tools == nil {
		f.tools = func(c xbuild.Cmd) error { return errors.New("nobody should run " + c.Name) }
	}
	j, rec, out := testJob(t, map[string]string{"PATH": fakes(t, "kubectl", "kind", "k3d", "minikube")})
	rec.Reply = f.reply
	for _, overlay := range []string{"local", "production"} {
		if err := os.MkdirAll(j.path("docker/noetl/k8s/overlays/"+overlay), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return j, rec, out
}
