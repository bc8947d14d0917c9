package targets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// doctorFlags are the flags of Doctor as they came.
type doctorFlags struct {
	target, registry string
	json             bool
}

// patience is how long a probe may take. A machine at work can be slow to say
// which cargo it has; what nobody needs is waited for less.
const (
	patience         = 20 * time.Second
	optionalPatience = 5 * time.Second
)

// doctor asks this machine what the targets need, and fails if something is
// missing that the target (or one of those that everybody runs) cannot do
// without. It changes nothing.
func (j *job) doctor(ctx context.Context, f doctorFlags) error {
	asked := core()
	if f.target != "" {
		asked = []string{f.target}
	}
	probes := j.probes(f, asked)
	manager, _ := j.packages()
	if !known(probes, f.target) {
		err := fmt.Errorf("asking for the tools of %q: no tool is needed by a target of that name; possible: %s", f.target, strings.Join(targetsOf(probes), ", "))
		if f.json {
			d := newDiagnosis(j.host.String(), manager.Name, asked, nil)
			d.OK, d.Error = false, err.Error()
			if failed := d.writeJSON(j.out); failed != nil {
				return failed
			}
		}
		return err
	}
	checks, err := diagnose(ctx, probes, f.target)
	if err != nil {
		return err
	}
	d := newDiagnosis(j.host.String(), manager.Name, asked, checks)
	if f.json {
		if err := d.writeJSON(j.out); err != nil {
			return err
		}
		return d.verdict()
	}
	columns, glyphs := j.terminal()
	j.showDiagnosis(d, columns, glyphs)
	return d.verdict()
}

// probe asks one question, or several that hang together. It gets a context
// that ends when it has taken too long.
type probe struct {
	neededBy []string // as in check
	limit    time.Duration
	ask      func(ctx context.Context) []check
}

// probes are all questions, in the order of their answers.
func (j *job) probes(f doctorFlags, asked []string) []probe {
	rust := []string{"crossRust", "images", "setupLocalDev", "test", "e2e", "lint"}
	var out []probe
	for _, t := range j.tools() {
		limit := optionalPatience
		if neededFor(t, asked) {
			limit = patience
		}
		out = append(out, probe{t.NeededBy, limit, func(ctx context.Context) []check { return []check{j.checkTool(ctx, t, asked)} }})
	}
	return append(out,
		probe{rust, patience, func(ctx context.Context) []check { return j.checkRust(ctx, f.target, asked) }},
		probe{j.docker().NeededBy, optionalPatience, func(ctx context.Context) []check { return j.checkDocker(ctx, asked) }},
		probe{j.kubectl().NeededBy, optionalPatience, func(ctx context.Context) []check { return j.checkKubectl(ctx, f.target, asked) }},
		probe{nil, patience, func(ctx context.Context) []check { return j.checkRegistry(ctx, f) }},
		probe{nil, optionalPatience, func(context.Context) []check { return append(j.checkDisk(xbuild.DiskFree), j.checkBinaries()...) }},
	)
}

// diagnose runs the probes that concern the target (all, if it is empty) side
// by side, and gives their answers in order.
func diagnose(ctx context.Context, probes []probe, target string) ([]check, error) {
	answers := make([][]check, len(probes))
	var wg sync.WaitGroup
	for i, p := range probes {
		if !concerns(p.neededBy, target) {
			continue
		}
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, p.limit)
			defer cancel()
			answers[i] = p.ask(ctx)
		})
	}
	wg.Wait()
	return slices.Concat(answers...), ctx.Err()
}

func known(probes []probe, target string) bool {
	return target == "" || slices.Contains(targetsOf(probes), target)
}

// targetsOf are the targets that need anything.
func targetsOf(probes []probe) []string {
	var out []string
	for _, p := range probes {
		for _, n := range p.neededBy {
			name, _, _ := strings.Cut(n, " ")
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checkTool asks a tool of the asked targets for its version. The others are
// only looked for: some of them take seconds.
func (j *job) checkTool(ctx context.Context, t xbuild.Tool, asked []string) check {
	c := check{
		ID: "tool." + strings.ToLower(t.Name), Section: sectionTools, Title: t.Name, State: stateOK,
		Wanted: wanted(t), Why: t.Why, NeededBy: t.NeededBy,
	}
	if !neededFor(t, core()) && slices.Contains(t.NeededBy, "e2e") {
		c.Section = sectionE2E
	}
	f := xbuild.Found{Tool: t}
	if neededFor(t, asked) {
		f = xbuild.Find(ctx, j.run, t, j.look())
	} else {
		f.Path, f.Err = j.locate(t)
	}
	c.Where = j.short(f.Path)
	switch c.Found = f.Version; {
	case f.Err != nil:
		c.Cure = j.cure(t)
		return c.lacks(problemOf(ctx, t, f), asked)
	case f.Version == "":
		c.Found = "yes"
	}
	return c
}

// problemOf says in a few words why a tool will not do.
func problemOf(ctx context.Context, t xbuild.Tool, f xbuild.Found) string {
	switch {
	case ctx.Err() != nil:
		return "it does not answer"
	case f.Path == "":
		return notFound(t)
	}
	return strings.TrimPrefix(f.Err.Error(), "finding "+t.Name+": none will do: ")
}

func notFound(t xbuild.Tool) string { return "not found; it " + t.Why }
