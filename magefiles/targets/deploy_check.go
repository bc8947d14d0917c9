package targets

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/noetl/noetl/magefiles/kube"
	"github.com/noetl/noetl/magefiles/report"
)

// check asks the cluster, the registry and the nodes. Nothing is changed.
func (d *deployment) check(ctx context.Context, s *report.Step) error {
	var err error
	if d.versions, err = kube.AskVersions(ctx, d.cluster.Kubectl); err != nil {
		return err
	}
	s.Detail("nodes")
	var unseen error
	if d.nodes, err = kube.Nodes(ctx, d.cluster.Kubectl); errors.Is(err, kube.ErrForbidden) {
		unseen = err
	} else if err != nil {
		return err
	}
	d.local, d.isLocal = kube.LocalCluster(d.context, d.nodes)
	if d.overlay == "" {
		d.overlay = d.Deploy.Overlay
		if d.isLocal {
			d.overlay = d.Deploy.Local
		}
	}
	s.Detail("image")
	if err := d.resolve(ctx); err != nil {
		return err
	}
	if err := d.fit(unseen); err != nil {
		return err
	}
	s.Detail("manifests")
	if err := d.render(ctx); err != nil {
		return err
	}
	if d.place, err = d.cluster.LookAt(ctx, d.Deploy.Label[0], d.Deploy.Label[1]); err != nil {
		return err
	}
	if d.place.Keep {
		d.manifests = kube.Without(d.manifests, "Namespace")
	}
	s.Detail(fmt.Sprintf("%s %s", d.context, d.versions.Server))
	return nil
}

// fit refuses an image that some node cannot run, or keeps the pods from there.
func (d *deployment) fit(unseen error) error {
	fit := kube.Fits(d.nodes, d.image.platforms)
	if unseen != nil && !d.allowPartial {
		return fmt.Errorf("%w; so nobody can say whether each of them can run the image: -allowPartial keeps its pods to nodes of %s", unseen, strings.Join(fit.Arches(), ", "))
	}
	if unseen != nil {
		d.arches = fit.Arches()
		return nil
	}
	problem := fit.Problem()
	switch {
	case problem == "":
		return nil
	case len(fit.Run) == 0:
		return fmt.Errorf("deploying to %q: %s", d.context, problem)
	case !d.allowPartial:
		return fmt.Errorf("deploying to %q: %s: build it for that platform too (-platforms), or keep the pods to the other nodes with -allowPartial", d.context, problem)
	}
	d.arches = fit.Arches()
	return nil
}

// facts says what goes where.
func (d *deployment) facts() {
	where := d.context + " (" + d.versions.Server + ")"
	if len(d.nodes) > 0 {
		where += ", " + kube.Fits(d.nodes, d.image.platforms).Summary()
	}
	facts := [][2]string{
		{"image", d.short(d.image.asked)},
		{"digest", d.image.digest + "  " + strings.Join(d.image.platforms, ", ")},
		{"cluster", where},
		{"namespace", d.namespace + ", overlay " + d.overlay},
	}
	if len(d.arches) > 0 {
		facts = append(facts, [2]string{"kept to", "nodes of " + strings.Join(d.arches, ", ")})
	}
	d.show.Facts(facts)
	if d.place.Note != "" {
		d.show.Warn(d.place.Note)
	}
}

// diff shows what would change, and says whether anything would.
func (d *deployment) diff(ctx context.Context) (changes bool, err error) {
	if !d.place.Exists { // nothing can be asked about a namespace that is not there
		fmt.Fprintf(d.out, "\nnamespace %s is not there; new are:\n", d.namespace)
		for _, o := range kube.Objects(d.manifests) {
			d.show.Note(o.String())
		}
		return true, nil
	}
	var change kube.Change
	err = d.show.Step(ctx, "diff", func(ctx context.Context, s *report.Step) error {
		if change, err = d.cluster.Diff(ctx, d.manifests); err == nil && change.None() {
			s.Detail("no difference")
		}
		return err
	})
	if err != nil {
		return false, err
	}
	d.show.Diff(change.Diff)
	if len(change.Taken) > 0 {
		d.show.Warn("others have set these, and the manifests win: " + strings.Join(change.Taken, ", "))
	}
	if change.Hidden != "" {
		d.show.Warn("the difference cannot be shown: " + change.Hidden)
	}
	return !change.None(), nil
}
