package targets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/noetl/noetl/magefiles/kube"
	"github.com/noetl/noetl/magefiles/report"
)

// deployFlags are the flags of Deploy as they came.
type deployFlags struct {
	image, context, namespace, overlay string
	timeout                            time.Duration
	dryRun, wait, allowPartial, yes    bool
}

// deployTimeout is how long pods may take to run when nobody says.
const deployTimeout = 5 * time.Minute

func deploys(f deployFlags) func(context.Context, *job) error {
	return func(ctx context.Context, j *job) error { return j.deploy(ctx, f) }
}

// deployment is one run of deploy, as far as it has come.
type deployment struct {
	*job
	deployFlags
	cluster   kube.Cluster
	local     kube.Local // the tool of a cluster on this machine, if it is one
	isLocal   bool
	versions  kube.Versions
	nodes     []kube.Node
	image     deployedImage
	arches    []string // that pods are kept to; nil for all
	manifests []byte
	place     kube.Place
	dir       string // for what is written meanwhile
}

// deploy puts an image on a cluster. All that can be refused is refused before
// anything is changed there.
func (j *job) deploy(ctx context.Context, f deployFlags) (err error) {
	if j.Deploy.Manifests == "" {
		return errors.New("deploying: this project has no manifests (Deploy in project.go is empty)")
	}
	d := &deployment{job: j, deployFlags: f}
	if err := d.choose(ctx); err != nil {
		return err
	}
	remove, err := d.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := j.show.Step(ctx, "check", d.check); err != nil {
		return err
	}
	d.facts()
	change, err := d.diff(ctx)
	if err != nil {
		return err
	}
	if f.dryRun {
		fmt.Fprintln(j.out, "\nnothing was changed (-dryRun)")
		return nil
	}
	before, err := d.cluster.State(ctx)
	if err != nil && d.place.Exists {
		return err
	}
	if !change {
		fmt.Fprintf(j.out, "nothing to change: revision %d is this one\n", before.Revision)
		return d.follow(ctx, before, false)
	}
	if err := d.load(ctx); err != nil {
		return err
	}
	if err := d.apply(ctx); err != nil {
		return err
	}
	return d.follow(ctx, before, true)
}

// apply changes the cluster.
func (d *deployment) apply(ctx context.Context) error {
	err := d.show.Step(ctx, "apply", func(ctx context.Context, s *report.Step) error {
		applied, err := d.cluster.Apply(ctx, d.manifests)
		s.Detail(fmt.Sprintf("%d objects, as %s", len(applied), d.cluster.Manager))
		for _, name := range applied {
			fmt.Fprintln(s.Log(), name)
		}
		return err
	})
	if err != nil && ctx.Err() != nil {
		return &failure{fmt.Errorf("interrupted while applying (%w): some of the objects may be changed; run the same again to go on", context.Canceled), 130}
	}
	return err
}

// follow waits for the pods, and ends with what a person wants to know.
func (d *deployment) follow(ctx context.Context, before kube.State, changed bool) error {
	if !d.wait {
		state, err := d.cluster.State(ctx)
		if err != nil {
			return err
		}
		d.table(ctx, state)
		fmt.Fprintf(d.out, "not waited for (-wait=false); to follow it: %s\n", d.line("rollout", "status", "deployment/"+d.cluster.Name))
		return nil
	}
	state, err := d.await(ctx, "rollout", kube.Goal{Image: d.image.pinned(), Limit: d.limit()})
	switch {
	case err == nil:
		d.table(ctx, state)
		d.reach()
		return nil
	case ctx.Err() != nil:
		return d.interrupted(state)
	}
	return d.failed(ctx, before, state, changed, err)
}

func (d *deployment) limit() time.Duration {
	if d.timeout > 0 {
		return d.timeout
	}
	return deployTimeout
}

// await shows a rollout until it ends.
func (d *deployment) await(ctx context.Context, name string, goal kube.Goal) (kube.State, error) {
	var state kube.State
	err := d.show.Step(ctx, name, func(ctx context.Context, s *report.Step) error {
		var err error
		state, err = d.cluster.Wait(ctx, goal, d.watching(s))
		return err
	})
	return state, err
}

func (d *deployment) watching(s *report.Step) func(kube.State, error) {
	p := kube.Progress{Arches: kube.Arches(d.nodes)}
	return func(state kube.State, err error) {
		for _, line := range p.Lines(state, err) {
			d.show.Note(line)
		}
		s.Detail(state.Progress())
	}
}
