package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/noetl/noetl/magefiles/kube"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// choose decides which cluster is meant. Only kubectl's configuration is read.
func (d *deployment) choose(ctx context.Context) error {
	if d.timeout < 0 {
		return fmt.Errorf("reading -timeout=%s: it is negative; write something like 5m", d.timeout)
	}
	path, err := d.locate(d.kubectl())
	if err != nil {
		return err
	}
	there, err := kube.Contexts(ctx, xbuild.Kubectl(d.run, path, ""))
	if err != nil {
		return err
	}
	if d.context, err = kube.ChooseContext(d.context, there); err != nil {
		return err
	}
	if pattern, protected := kube.Protected(d.context, d.Deploy.Protected); protected && !d.yes && !d.dryRun {
		return fmt.Errorf("deploying to %q: that is a protected cluster (%s): look with -dryRun first, then add -yes", d.context, pattern)
	}
	if d.namespace == "" {
		d.namespace = d.Deploy.Namespace
	}
	d.cluster = kube.Cluster{
		Kubectl: xbuild.Kubectl(d.run, path, d.context), Namespace: d.namespace, Name: d.Deploy.Name,
		Selector: strings.Join(d.Deploy.Label[:], "="), Manager: d.Name + "-deploy",
	}
	if d.overlay != "" {
		return d.overlayThere()
	}
	return nil
}

// overlayThere refuses an overlay that is not there, with those that are.
func (d *deployment) overlayThere() error {
	dir := d.path(d.Deploy.Manifests + "/overlays")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("reading the overlays: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && e.Name() == d.overlay {
			return nil
		}
		names = append(names, e.Name())
	}
	return fmt.Errorf("choosing -overlay=%s: there is no such folder in %s; there are: %s", d.overlay, d.short(dir), strings.Join(names, ", "))
}

// folder makes the place for the kustomization on top of the overlay. It is in
// the repository, because a kustomization names what is underneath by a relative
// path; each run has its own.
func (d *deployment) folder() (remove func() error, err error) {
	if err := os.MkdirAll(d.path("dist"), 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for the manifests: %w", err)
	}
	if d.dir, err = os.MkdirTemp(d.path("dist"), ".deploy-"); err != nil {
		return nil, fmt.Errorf("making the folder for the manifests: %w", err)
	}
	return func() error { return os.RemoveAll(d.dir) }, nil
}

// render pins the image in the manifests.
func (d *deployment) render(ctx context.Context) error {
	underneath := d.path(d.Deploy.Manifests + "/overlays/" + d.overlay)
	rel, err := filepath.Rel(d.dir, underneath)
	if err != nil {
		return fmt.Errorf("finding the overlay: %w", err)
	}
	if len(d.arches) > 0 {
		plain, err := kube.Render(ctx, d.cluster.Kubectl, underneath)
		if err != nil {
			return err
		}
		if kube.HasNodeAffinity(plain) {
			return fmt.Errorf("keeping pods to nodes of %s: overlay %q has a node affinity of its own, which would be lost; add kubernetes.io/arch to it there", strings.Join(d.arches, ", "), d.overlay)
		}
	}
	content, err := kube.Overlay{
		Resource: filepath.ToSlash(rel), Namespace: d.namespace, Image: d.Image,
		NewName: d.image.name, Digest: d.image.byDigest, NewTag: d.image.byTag, Arches: d.arches,
	}.JSON()
	if err != nil {
		return err
	}
	if err := xbuild.WriteFile(filepath.Join(d.dir, "kustomization.yaml"), content, 0o644); err != nil {
		return err
	}
	if d.manifests, err = kube.Render(ctx, d.cluster.Kubectl, d.dir); err != nil {
		return err
	}
	if !strings.Contains(string(d.manifests), "image: "+d.image.pinned()+"\n") {
		return errors.New("pinning the image: no container in the manifests has the image " + d.Image)
	}
	return nil
}
