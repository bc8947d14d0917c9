package targets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// doctor shows the table of tools, and fails if one is missing that the target
// (or one of those that everybody runs) needs.
func (j *job) doctor(ctx context.Context, target string) error {
	asked := core()
	if target != "" {
		if asked = []string{target}; !knownTarget(j.tools(), target) {
			return fmt.Errorf("asking for the tools of %q: no tool is needed by a target of that name", target)
		}
	}
	found, err := j.findTools(ctx, asked)
	if err != nil {
		return err
	}
	var rows [][]report.Cell
	var cures []string
	for _, f := range found {
		needed := neededFor(f.Tool, asked)
		if target != "" && !needed {
			continue
		}
		rows = append(rows, j.doctorRow(f, needed))
		if f.Err != nil && needed {
			cures = append(cures, fmt.Sprintf("%s (%s): %v; %s", f.Tool.Name, f.Tool.Why, f.Err, j.installLine(f.Tool)))
		}
	}
	fmt.Fprintf(j.out, "host %s\n\n", j.host)
	j.show.Table([]string{"tool", "found", "wanted", "where", "needed by"}, rows)
	rust := j.doctorRust(ctx, asked)
	if rust != nil {
		cures = append(cures, rust.Error())
	}
	if cures == nil {
		fmt.Fprintf(j.out, "\nnothing is missing\n")
		return nil
	}
	return errors.New("checking this machine: something is missing; \"go tool mage bootstrap\" installs what it can:\n  " + strings.Join(cures, "\n  "))
}

func (j *job) doctorRow(f xbuild.Found, needed bool) []report.Cell {
	version := report.Good(f.Version)
	switch {
	case f.Err == nil && f.Version == "":
		version = report.Dim("yes")
	case f.Err != nil && !needed:
		version = report.Dim("no")
	case f.Err != nil && f.Version != "":
		version = report.Bad(f.Version)
	case f.Err != nil:
		version = report.Bad("no")
	}
	return []report.Cell{
		report.Text(f.Tool.Name), version, report.Text(wanted(f.Tool)), report.Dim(j.short(f.Path)), report.Dim(strings.Join(f.Tool.NeededBy, " ")),
	}
}

// findTools asks the tools of some targets for their versions, all at once:
// some need 100 ms, and Chromium seconds. The others are only looked for.
func (j *job) findTools(ctx context.Context, targets []string) ([]xbuild.Found, error) {
	tools := j.tools()
	found := make([]xbuild.Found, len(tools))
	g, ctx := errgroup.WithContext(ctx)
	for i, t := range tools {
		g.Go(func() error {
			if neededFor(t, targets) {
				found[i] = xbuild.Find(ctx, j.run, t, j.look())
				return ctx.Err()
			}
			found[i].Tool = t
			found[i].Path, found[i].Err = j.locate(t)
			return nil
		})
	}
	return found, g.Wait()
}

func knownTarget(tools []xbuild.Tool, target string) bool {
	return slices.ContainsFunc(tools, func(t xbuild.Tool) bool { return slices.Contains(t.NeededBy, target) })
}

// doctorRust says which Rust toolchain the image's platforms and this host
// would be built with; nothing is installed for the answer.
func (j *job) doctorRust(ctx context.Context, asked []string) error {
	if !slices.ContainsFunc([]string{"crossRust", "images", "e2e"}, func(t string) bool { return slices.Contains(asked, t) }) {
		return nil
	}
	platforms, err := j.everyPlatform(j.hostToo())
	if err != nil {
		return err
	}
	build := j.rust(platforms, "")
	build.NoInstall = true
	chosen, err := build.Choose(ctx, j.run)
	if err == nil {
		fmt.Fprintf(j.out, "\nRust for %s: %s\n", xbuild.Join(platforms), chosen.Reason())
	}
	return err
}
