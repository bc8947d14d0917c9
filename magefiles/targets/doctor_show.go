package targets

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/report"
)

// terminal says how wide what people read may be, and whether they read it on
// a terminal that shows more than ASCII.
func (j *job) terminal() (columns int, glyphs bool) {
	if f, ok := j.out.(*os.File); ok {
		if size, ok := report.Terminal(f); ok {
			columns, _ = size()
			return columns, j.env("CI") == "" && j.env("TERM") != "dumb"
		}
	}
	return 80, false
}

// writeJSON prints the diagnosis for programs.
func (d diagnosis) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(d)
}

// tables are the sections that have checks, each with its title and its rows.
func (d diagnosis) tables(columns int, glyphs bool) []doctorTable {
	header := []string{"", "what", "found", "wanted", "what for"}
	if columns >= wide {
		header = slices.Insert(header, 4, "where")
	}
	var out []doctorTable
	for _, section := range sections() {
		t := doctorTable{title: section, header: header}
		for _, c := range d.Checks {
			if c.Section == section {
				t.rows = append(t.rows, c.cells(glyphs, columns >= wide))
			}
		}
		if t.rows != nil {
			t.rows = wrapRows(header, t.rows, columns)
			out = append(out, t)
		}
	}
	return out
}

type doctorTable struct {
	title  string
	header []string
	rows   [][]report.Cell
}

// wide is the number of columns from which paths are shown.
const wide = 110

func (c check) cells(glyphs, where bool) []report.Cell {
	found := report.Text(c.Found)
	switch {
	case c.Found == "" && c.State != stateOK:
		found = report.Dim("no")
	case c.State == stateMissing:
		found = report.Bad(c.Found)
	case c.State == stateWarning:
		found = report.Caution(c.Found)
	case c.State == stateOK:
		found = report.Good(c.Found)
	}
	row := []report.Cell{c.mark(glyphs), report.Text(c.Title), found, report.Text(c.Wanted)}
	if where {
		row = append(row, report.Dim(c.Where))
	}
	return append(row, report.Dim(c.remark()))
}

// mark is the first cell. Words where nobody knows the encoding, as for steps.
func (c check) mark(glyphs bool) report.Cell {
	switch c.State {
	case stateOK:
		return report.Good(pick(glyphs, "✓", "ok"))
	case stateMissing:
		return report.Bad(pick(glyphs, "✗", "FAIL"))
	case stateWarning:
		return report.Caution(pick(glyphs, "!", "warn"))
	}
	return report.Dim("-")
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// remark is what it is for, and for whom.
func (c check) remark() string {
	by := strings.Join(c.NeededBy, ", ")
	switch {
	case c.Why == "" || by == "":
		return c.Why + by
	case c.State == stateInfo && c.Problem != "":
		return c.Why + "; only needed for " + by
	}
	return c.Why + ": " + by
}

// advice lists what can be done, each with its cure on a line of its own:
// install lines are for copying, and not to be broken.
func advice(list []check) string {
	var b strings.Builder
	for _, c := range list {
		fmt.Fprintf(&b, "  %s: %s\n", c.Title, c.Problem)
		if c.Cure != "" {
			fmt.Fprintf(&b, "      %s\n", c.Cure)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// verdict is nil unless something is missing that the asked targets need.
func (d diagnosis) verdict() error {
	missing := d.in(stateMissing)
	if len(missing) == 0 {
		return nil
	}
	text := fmt.Sprintf("checking this machine for %s: missing:\n%s", strings.Join(d.Targets, ", "), advice(missing))
	installable := func(c check) bool { return strings.HasPrefix(c.ID, "tool.") || strings.HasPrefix(c.ID, "rust.") }
	told := func(c check) bool { return c.Cure == pinnedAdvice }
	if slices.ContainsFunc(missing, installable) && !slices.ContainsFunc(missing, told) {
		text += "\n" + pinnedAdvice + " installs what it can"
	}
	return errors.New(text)
}

// showDiagnosis prints the diagnosis for people.
func (j *job) showDiagnosis(d diagnosis, columns int, glyphs bool) {
	intro := fmt.Sprintf("%s: this machine (%s) and the targets %s", j.Title, d.Host, strings.Join(d.Targets, ", "))
	fmt.Fprintln(j.out, strings.Join(wrap(intro, columns), "\n"))
	for _, t := range d.tables(columns, glyphs) {
		fmt.Fprintf(j.out, "\n%s\n", t.title)
		j.show.Table(t.header, t.rows)
	}
	if list := d.in(stateWarning); len(list) > 0 {
		fmt.Fprintf(j.out, "\nworth a look:\n%s\n", advice(list))
	}
	absent := slices.DeleteFunc(d.in(stateInfo), func(c check) bool { return c.Problem == "" })
	if len(absent) > 0 {
		fmt.Fprintf(j.out, "\nnot there, and not needed for these targets:\n%s\n", advice(absent))
	}
	if d.OK {
		fmt.Fprintf(j.out, "\nnothing is missing\n")
	}
}
