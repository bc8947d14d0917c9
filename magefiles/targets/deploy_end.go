package targets

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/noetl/noetl/magefiles/kube"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// failed shows why, and goes back to what served before, unless there is nothing
// to go back to or somebody else is at work.
func (d *deployment) failed(ctx context.Context, before, state kube.State, changed bool, cause error) error {
	if errors.Is(cause, kube.ErrReplaced) {
		return fmt.Errorf("%w; this one ends here and takes nothing back", cause)
	}
	d.explain(ctx, state)
	if ctx.Err() != nil {
		return d.interrupted(state)
	}
	switch {
	case !changed:
		return fmt.Errorf("%w; nothing was changed, so there is nothing to take back", cause)
	case !before.Exists:
		return fmt.Errorf("%w; this is the first install, so there is nothing to go back to: it is left as it is; to remove it: %s",
			cause, d.line("delete", "deployment/"+d.cluster.Name))
	case before.Serving == 0:
		return fmt.Errorf("%w; nothing served before, so there is nothing to go back to: it is left as it is", cause)
	case state.Template == before.Template && state.Exists:
		return fmt.Errorf("%w; the pods are of the revision that was there before: it is left as it is", cause)
	}
	// Between the failure and here somebody may have deployed what is better.
	if now, err := d.cluster.State(ctx); err == nil && state.Exists && now.Template != state.Template {
		return fmt.Errorf("%w; %w meanwhile: nothing is taken back", cause, kube.ErrReplaced)
	}
	var back kube.State
	err := d.show.Step(ctx, "rollback", func(ctx context.Context, s *report.Step) error {
		var err error
		back, err = d.cluster.Rollback(ctx, before.Serving, max(d.limit(), time.Minute), d.watching(s))
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return d.interrupted(back)
	case err != nil:
		return fmt.Errorf("%w; going back to revision %d failed, too: %w", cause, before.Serving, err)
	}
	d.table(ctx, back)
	return fmt.Errorf("%w; revision %d serves again, as revision %d", cause, before.Serving, back.Revision)
}

// interrupted says in which state the cluster is left.
func (d *deployment) interrupted(s kube.State) error {
	state := "applied, and nothing is known of its pods yet"
	if s.Exists {
		state = fmt.Sprintf("revision %d is applied, %s, and the cluster goes on with it", s.Revision, s.Progress())
	}
	return &failure{fmt.Errorf("interrupted (%w): %s\nto follow it:    %s\nto take it back: %s", context.Canceled, state,
		d.line("rollout", "status", "deployment/"+d.cluster.Name), d.line("rollout", "undo", "deployment/"+d.cluster.Name)), 130}
}

// explain shows the pods that do not run, what the cluster says of them, and
// what they have written.
func (d *deployment) explain(ctx context.Context, s kube.State) {
	e := d.cluster.Explain(ctx, s)
	if len(e.Pods) > 0 {
		arches := kube.Progress{Arches: kube.Arches(d.nodes)}
		var rows [][]report.Cell
		for _, p := range e.Pods {
			rows = append(rows, []report.Cell{report.Text(p.Name), report.Text(p.Node), report.Text(arches.Arch(p.Node)), report.Bad(p.Word()), report.Text(p.Message)})
		}
		fmt.Fprintln(d.out)
		d.show.Table([]string{"pod", "node", "arch", "is", "because"}, rows)
	}
	if s.Trouble != "" {
		d.show.Quote("why there are no more pods", []string{s.Trouble})
	}
	if len(e.Events) > 0 {
		d.show.Quote("events", e.Events)
	}
	for _, l := range e.Logs {
		d.show.Quote("log of "+l.Pod, l.Lines)
	}
}

// table shows every pod, where it runs, and on what.
func (d *deployment) table(ctx context.Context, s kube.State) {
	nodes := d.nodes
	if fresh, err := kube.Nodes(ctx, d.cluster.Kubectl); err == nil { // an autoscaler may have added one
		nodes = fresh
	}
	arches := kube.Progress{Arches: kube.Arches(nodes)}
	header := []string{"pod", "node", "arch", "is", "restarts", "age"}
	var rows [][]report.Cell
	for _, p := range s.Pods {
		is := report.Caution(p.Word())
		if p.Ready {
			is = report.Good(p.Word())
		}
		rows = append(rows, []report.Cell{
			report.Text(p.Name), report.Text(p.Node), report.Text(arches.Arch(p.Node)), is,
			report.Number(strconv.Itoa(p.Restarts)), report.Number(time.Since(p.Created).Truncate(time.Second).String()),
		})
	}
	fmt.Fprintln(d.out)
	d.show.Table(header, rows)
	fmt.Fprintf(d.out, "\nrevision %d of deployment/%s: %s\n", s.Revision, d.cluster.Name, s.Progress())
	if err := d.summary(header, rows); err != nil {
		d.show.Warn(err.Error())
	}
}

// reach says how to talk to what runs now.
func (d *deployment) reach() {
	port, _, _ := strings.Cut(d.Run.Port, "/")
	fmt.Fprintf(d.out, "in the cluster: http://%s.%s:%d\n", d.Deploy.Name, d.namespace, d.Deploy.ServicePort)
	fmt.Fprintf(d.out, "from here:      http://127.0.0.1:%s, while this runs:\n                %s\n",
		port, d.line("port-forward", "service/"+d.Deploy.Name, fmt.Sprintf("%s:%d", port, d.Deploy.ServicePort)))
}

// line is a kubectl command for this cluster that a person can paste.
func (d *deployment) line(args ...string) string {
	head := []string{"--context=" + d.context, "--namespace=" + d.namespace}
	return xbuild.Cmd{Name: "kubectl", Args: append(head, args...)}.String()
}
