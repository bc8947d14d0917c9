package targets

import (
	"context"
	"fmt"
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
	rows, err := j.binaryRows(result.Binaries)
	if err != nil {
		return err
	}
	fmt.Fprintf(j.out, "\n%s\n\n", result.Toolchains.Reason())
	j.show.Table([]string{"platform", "toolchain", "size", "runs on", "libraries", "file"}, rows)
	if archive {
		_, err = j.archives(ctx, result.Binaries)
	}
	return err
}

// binaryRows are read from the programs themselves.
func (j *job) binaryRows(binaries []xbuild.Binary) ([][]report.Cell, error) {
	var rows [][]report.Cell
	for _, b := range binaries {
		program, err := readProgram(b.Path)
		if err != nil {
			return nil, fmt.Errorf("reading %q: %w", j.short(b.Path), err)
		}
		rows = append(rows, []report.Cell{
			report.Text(b.Platform.String()), report.Text(b.Toolchain), report.Number(report.Bytes(b.Size)),
			report.Text(runsOn(program, b.Platform)), report.Dim(libraries(program, b.Platform)), report.Text(j.short(b.Path)),
		})
	}
	return rows, nil
}

// rustPlatforms are those that were asked for, else all that the CLI is for.
func (j *job) rustPlatforms(flag string) ([]xbuild.Platform, error) {
	return xbuild.ParsePlatforms(j.setting(flag, "PLATFORMS", strings.Join(j.CLI.Platforms, ",")))
}

// buildUI builds the UI alone.
func (j *job) buildUI(ctx context.Context) error {
	return j.show.Step(ctx, "ui", j.makeUI)
}

// wheels lays the packages out and shows the table.
func (j *job) wheels(ctx context.Context, flag string) error {
	platforms, err := j.platforms(flag)
	if err != nil {
		return err
	}
	var split *xbuild.WheelSplit
	err = j.show.Step(ctx, "wheels", func(ctx context.Context, s *report.Step) error {
		split, err = j.splitWheels(ctx, s, platforms)
		return err
	})
	if err != nil {
		return err
	}
	header := append([]string{"distribution", "version", "shared"}, names(platforms)...)
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
