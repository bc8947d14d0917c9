package targets

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// crossRust builds the CLI, says with what, and shows what each program needs.
func (j *job) crossRust(ctx context.Context, flag, with string, archive bool) error {
	platforms, err := j.rustPlatforms(flag)
	if err != nil {
		return err
	}
	if archive {
		if err := j.archiveReady(platforms); err != nil {
			return err
		}
	}
	var result xbuild.RustResult
	err = j.show.Step(ctx, "cli", func(ctx context.Context, s *report.Step) error {
		result, err = j.makeCLI(ctx, s, platforms, with)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(j.out, "\n%s\n\n", result.Toolchains.Reason())
	if err := j.showBinaries(result.Binaries); err != nil {
		return err
	}
	if archive {
		_, err = j.archives(ctx, result.Binaries)
	}
	return err
}

// showBinaries are two tables of what is read from the programs themselves: the
// lists of libraries are too long for columns behind them.
func (j *job) showBinaries(binaries []xbuild.Binary) error {
	var rows, linked [][]report.Cell
	for _, b := range binaries {
		program, err := readProgram(b.Path)
		if err != nil {
			return fmt.Errorf("reading %q: %w", j.short(b.Path), err)
		}
		platform := report.Text(b.Platform.String())
		rows = append(rows, []report.Cell{
			platform, report.Text(b.Toolchain), report.Number(report.Bytes(b.Size)), report.Text(runsOn(program, b.Platform)),
		})
		linked = append(linked, []report.Cell{platform, report.Dim(libraries(program, b.Platform))})
	}
	j.show.Table([]string{"platform", "toolchain", "size", "runs on"}, rows)
	fmt.Fprintln(j.out)
	j.show.Table([]string{"platform", "needs of the system"}, linked)
	fmt.Fprintf(j.out, "\nin %s\n", j.short(filepath.Dir(filepath.Dir(binaries[0].Path))))
	return nil
}

// rustPlatforms are those that were asked for, else all that the CLI is for.
func (j *job) rustPlatforms(flag string) ([]xbuild.Platform, error) {
	return xbuild.ParsePlatforms(j.setting(flag, "PLATFORMS", strings.Join(j.CLI.Platforms, ",")))
}

// buildUI builds the UI alone.
func (j *job) buildUI(ctx context.Context) error {
	if !j.hasUI() {
		return errors.New("building the web UI: this project has none (UI in project.go is empty)")
	}
	return j.show.Step(ctx, "ui", j.makeUI)
}

// wheels lays the packages out and shows the table.
func (j *job) wheels(ctx context.Context, flag string) error {
	platforms, err := j.platforms(flag)
	if err != nil {
		return err
	}
	var split *xbuild.SavedSplit
	err = j.show.Step(ctx, "wheels", func(ctx context.Context, s *report.Step) error {
		split, err = j.splitWheels(ctx, s, platforms)
		return err
	})
	if err != nil {
		return err
	}
	header := append([]string{"distribution", "version", "pure"}, names(platforms)...)
	var rows [][]report.Cell
	for _, r := range split.Rows {
		row := []report.Cell{report.Text(r.Name), report.Text(r.Version), report.Dim(yes(r.Pure))}
		for _, p := range platforms {
			row = append(row, report.Text(r.Tags[p]))
		}
		rows = append(rows, row)
	}
	fmt.Fprintln(j.out)
	j.show.Table(header, rows)
	return nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
