package targets

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/report"
)

// auditShown is how many findings are spelled out, of all platforms together:
// a wrong base gives thousands, all of one story.
const auditShown = 50

// showAudit prints findings by platform, the worst of each first.
func showAudit(w io.Writer, r auditResult) {
	groups := map[string]string{"": "about the audit itself"}
	order := []string{}
	for _, p := range r.Platforms {
		title := fmt.Sprintf("%s: %s in %d binaries of %d files, %s", p.Platform, audit.Count(ofPlatform(r.Findings, p.Platform)),
			p.Stats.Binaries, p.Stats.Files, report.Bytes(p.Stats.Bytes))
		if _, twice := groups[p.Platform]; twice { // two images of an archive
			groups[p.Platform] += "\n" + title
			continue
		}
		groups[p.Platform], order = title, append(order, p.Platform)
	}
	order = append(order, "")
	limit := max(10, auditShown/len(order))
	for _, platform := range order {
		list := ofPlatform(r.Findings, platform)
		if len(list) == 0 && platform == "" {
			continue
		}
		fmt.Fprintln(w, groups[platform])
		for _, f := range list[:min(len(list), limit)] {
			f.Path = strings.ReplaceAll(f.Path, "\n", string(unicode.ReplacementChar))
			fmt.Fprintln(w, indent(f.String()))
		}
		if n := len(list) - limit; n > 0 {
			fmt.Fprintf(w, "  and %d more (-json shows all)\n", n)
		}
	}
	for i, f := range r.Waived {
		if i == limit {
			fmt.Fprintf(w, "and %d more are waived (-json shows all)\n", len(r.Waived)-limit)
			break
		}
		fmt.Fprintln(w, shown(f.String()))
	}
	fmt.Fprintf(w, "%s: %s\n", shown(r.Image), audit.Count(r.Findings))
}

func ofPlatform(findings []audit.Finding, platform string) []audit.Finding {
	var out []audit.Finding
	for _, f := range findings {
		if f.Platform == platform {
			out = append(out, f)
		}
	}
	return out
}

func indent(s string) string { return "  " + strings.ReplaceAll(shown(s), "\n", "\n  ") }

// shown is text from within an image as a terminal may have it: names of files
// can hold sequences that move the cursor or set the clipboard.
func shown(s string) string {
	return strings.Map(func(c rune) rune {
		if c != '\n' && (unicode.IsControl(c) || unicode.In(c, unicode.Cf)) {
			return unicode.ReplacementChar
		}
		return c
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}
