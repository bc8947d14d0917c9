package targets

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// TestDeployLocal: what images has built goes to a cluster on this machine
// without a registry: the image of its nodes' architecture, under a name that
// means nothing else.
func TestDeployLocal(t *testing.T) {
	t.Parallel()
	for context, line := range map[string]string{
		"kind-dev": "kind load image-archive FILE --name dev",
		"k3d-dev":  "k3d image import FILE --cluster dev",
		"minikube": "minikube image load FILE --profile minikube",
	} {
		t.Run(context, func(t *testing.T) {
			t.Parallel()
			var loaded, inside string
			f := &fakeCluster{contexts: context + "\n", arches: []string{"arm64", "arm64"}}
			f.tools = func(c xbuild.Cmd) error {
				words := append([]string{filepath.Base(c.Name)}, c.Args...)
				for i, w := range words {
					if strings.HasSuffix(w, ".tar") {
						words[i] = "FILE"
						source, err := oci.Open(t.Context(), w, oci.Remote{})
						if err != nil {
							return err
						}
						d, err := oci.Describe(source.Index)
						if err != nil {
							return err
						}
						names, err := oci.Streams(source.Index)
						if err != nil {
							return err
						}
						inside = d.Platforms[0].Platform + " " + names[0].Name
					}
				}
				loaded = strings.Join(words, " ")
				return nil
			}
			j, _, out := deployJob(t, f)
			if err := oci.WriteLayout(t.Context(), j.path("dist/images/"+j.Image), smallIndex(t, "linux/arm64"), "latest"); err != nil {
				t.Fatal(err)
			}
			if err := j.deploy(t.Context(), deployFlags{wait: true}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Replace(loaded, ".exe", "", 1); got != line {
				t.Errorf("ran %q, want %q", got, line)
			}
			if !strings.HasPrefix(f.image, "docker.io/library/"+j.Image+":sha256-") || !strings.Contains(inside, "linux/arm64") {
				t.Errorf("deployed %q, loaded %q", f.image, inside)
			}
			if !strings.Contains(out.String(), "overlay local") {
				t.Errorf("not the overlay for one's own machine:\n%s", out)
			}
			left, _ := filepath.Glob(j.path("dist/.deploy-*"))
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			// The same again loads nothing, and changes nothing.
			loaded = ""
			if err := j.deploy(t.Context(), deployFlags{wait: true}); err != nil || loaded != "" || len(f.applied) != 1 {
				t.Errorf("again: %v, ran %q, applied %d times", err, loaded, len(f.applied))
			}
		})
	}
}

// TestDeployRefuses: nothing is applied.
func TestDeployRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		f     fakeCluster
		flags deployFlags
		says  string
	}{
		{"several clusters", fakeCluster{contexts: "a\nb\n"}, deployFlags{}, "-context="},
		{"no cluster", fakeCluster{}, deployFlags{}, "no context"},
		{"unknown cluster", fakeCluster{contexts: "a\n"}, deployFlags{context: "c"}, `no context "c"`},
		{"protected", fakeCluster{contexts: "prod-eu\n"}, deployFlags{}, "-yes"},
		{"no image", fakeCluster{contexts: "a\n", arches: []string{"amd64"}}, deployFlags{}, "-image=… is missing"},
		{"nothing built", fakeCluster{contexts: "kind-x\n", arches: []string{"amd64"}}, deployFlags{}, "build it first"},
		{"other nodes", fakeCluster{contexts: "kind-x\n", arches: []string{"amd64"}}, deployFlags{image: "LAYOUT"}, "1 of 1 node is amd64; the image has no linux/amd64"},
		{"several architectures", fakeCluster{contexts: "kind-x\n", arches: []string{"amd64", "arm64"}}, deployFlags{image: "LAYOUT"}, "-allowPartial"},
		{"a folder, elsewhere", fakeCluster{contexts: "a\n", arches: []string{"arm64"}}, deployFlags{image: "LAYOUT"}, "publish it"},
		{"negative time", fakeCluster{contexts: "a\n"}, deployFlags{timeout: -1}, "negative"},
		{"no such overlay", fakeCluster{contexts: "a\n"}, deployFlags{overlay: "beach"}, "local, production"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j, _, _ := deployJob(t, &tt.f)
			if tt.flags.image == "LAYOUT" {
				tt.flags.image = filepath.Join(t.TempDir(), "layout")
				if err := oci.WriteLayout(t.Context(), tt.flags.image, smallIndex(t, "linux/arm64"), "latest"); err != nil {
					t.Fatal(err)
				}
			}
			err := j.deploy(t.Context(), tt.flags)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want something with %q", err, tt.says)
			}
			if len(tt.f.applied) > 0 {
				t.Error("something was applied")
			}
		})
	}
}

// TestDeployDry: a look at a protected cluster is allowed, and changes nothing.
func TestDeployDry(t *testing.T) {
	t.Parallel()
	f := &fakeCluster{contexts: "minikube\n", arches: []string{"arm64"}, image: "old"}
	j, _, out := deployJob(t, f)
	j.Deploy.Protected = []string{"mini*"}
	if err := oci.WriteLayout(t.Context(), j.path("dist/images/"+j.Image), smallIndex(t, "linux/arm64"), "latest"); err != nil {
		t.Fatal(err)
	}
	if err := j.deploy(t.Context(), deployFlags{dryRun: true}); err != nil {
		t.Fatal(err)
	}
	if len(f.applied) > 0 || !strings.Contains(out.String(), "-image: old\n+image: docker.io") {
		t.Errorf("applied %d times, and says\n%s", len(f.applied), out)
	}
}

// TestDeployFails: a first install that fails is left as it is, with exit code 1
// and the way to remove it.
func TestDeployFails(t *testing.T) {
	t.Parallel()
	f := &fakeCluster{contexts: "minikube\n", arches: []string{"arm64"}, broken: true, tools: func(xbuild.Cmd) error { return nil }}
	j, rec, _ := deployJob(t, f)
	if err := oci.WriteLayout(t.Context(), j.path("dist/images/"+j.Image), smallIndex(t, "linux/arm64"), "latest"); err != nil {
		t.Fatal(err)
	}
	err := told(t.Context(), j.deploy(t.Context(), deployFlags{wait: true}))
	var own *failure
	if !errors.As(err, &own) || own.ExitStatus() != 1 || !strings.Contains(err.Error(), "first install") {
		t.Errorf("got %v", err)
	}
	for _, c := range rec.Cmds() {
		if strings.Contains(strings.Join(c.Args, " "), "undo") {
			t.Error("it went back to nothing")
		}
		if len(c.Args) > 1 && c.Args[0] == "config" && c.Args[1] != "get-contexts" {
			t.Errorf("kubectl's configuration: %v", c.Args)
		}
	}
}

// TestDeployParts: the manifests that project.go names are there, and are about
// what the image is.
func TestDeployParts(t *testing.T) {
	t.Parallel()
	p := thisProject()
	read := func(rel string) string {
		b, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(rel)))
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	for _, overlay := range []string{p.Deploy.Overlay, p.Deploy.Local} {
		read(p.Deploy.Manifests + "/overlays/" + overlay + "/kustomization.yaml")
	}
	deployment := read(p.Deploy.Manifests + "/base/deployment.yaml")
	for _, want := range []string{
		"image: " + p.Image + " ", "runAsUser: 10001\n", "containerPort: 8082\n", "enableServiceLinks: false\n", "name: " + p.Deploy.Name + "\n",
		"readOnlyRootFilesystem: true\n", "path: /api/health\n", "matchLabelKeys: [pod-template-hash]\n", strings.Join(p.Deploy.Label[:], ": ") + "\n",
	} {
		if !strings.Contains(deployment, want) {
			t.Errorf("the deployment lacks %q", want)
		}
	}
	if p.Run.UID != 10001 || p.Run.Port != "8082/tcp" {
		t.Errorf("the image runs as %d on %s, and the manifests say otherwise", p.Run.UID, p.Run.Port)
	}
}
