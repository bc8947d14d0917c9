package bench

import (
	"fmt"
	"strings"
)

// Markdown is the result as tables: what it has to come to, and the times.
func (r Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s: %s, %d cores, %.1f GB of memory, %s, Linux %s.\n\n", r.Date.UTC().Format("2 January 2006"), short(r.Commit),
		r.Machine.CPU, r.Machine.Cores, float64(r.Machine.Memory)/1e9, r.Machine.OS, r.Machine.Kernel)
	b.WriteString("| what | wanted | measured | |\n|---|--:|--:|---|\n")
	var open []string
	for _, v := range r.Judge(Thresholds()) {
		if !v.Known {
			open = append(open, v.What)
			continue
		}
		verdict := "no"
		if v.Good {
			verdict = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", v.What, v.Limits(), figure(v.Value), verdict)
	}
	if open != nil {
		fmt.Fprintf(&b, "\nNot in this run: %s.\n", strings.Join(open, "; "))
	}
	b.WriteString("\n" + r.times())
	for _, m := range r.Missing {
		where := m.Engine
		if m.Scenario != "" {
			where += ", " + m.Scenario
		}
		fmt.Fprintf(&b, "\nNot measured: %s: %s.\n", where, strings.ReplaceAll(strings.TrimSuffix(m.Why, "."), "|", "\\|"))
	}
	return b.String()
}

// times is a row for each scenario and a column for each engine that ran, with
// the median of the seconds, the number of runs and the bytes sent.
func (r Result) times() string {
	var engines []Engine
	for _, e := range Engines() {
		for _, s := range r.Samples {
			if s.Engine == e.ID {
				engines = append(engines, e)
				break
			}
		}
	}
	if len(engines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| median, until published |")
	for _, e := range engines {
		b.WriteString(" " + e.Title + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(engines)) + "\n")
	for _, s := range Scenarios() {
		row, any := "| "+s.Title+" |", false
		for _, e := range engines {
			t, ok := r.Time(e.ID, s.ID)
			if !ok {
				row += "  |"
				continue
			}
			any = true
			row += " " + seconds(t)
			if sent, ok := Median(r.Of(Cell{e.ID, s.ID}, func(s Sample) (float64, bool) {
				if s.Sent == nil {
					return 0, false
				}
				return float64(*s.Sent), true
			})); ok {
				row += ", " + size(sent)
			}
			row += " |"
		}
		if any {
			b.WriteString(row + "\n")
		}
	}
	return b.String()
}

func short(commit string) string { return "commit " + commit[:min(len(commit), 10)] }

// figure has three digits that count, and no more than two decimals.
func figure(v float64) string {
	switch {
	case v == float64(int64(v)) || v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func seconds(v float64) string { return figure(v) + " s" }

func size(v float64) string {
	switch {
	case v >= 1e6:
		return figure(v/1e6) + " MB"
	case v >= 1e3:
		return figure(v/1e3) + " kB"
	}
	return fmt.Sprintf("%.0f B", v)
}
