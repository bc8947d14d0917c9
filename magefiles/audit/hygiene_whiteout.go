package audit

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// whiteouts tells of what a layer removes and the image still needs: a library
// or loader of a program, a file of a Python distribution. Where else somebody
// may look for a file is not known, so of other removals nothing is said.
func (h hygiene) whiteouts() []Finding {
	if len(h.inv.Removed) == 0 {
		return nil
	}
	libraries := h.removedLibraries()
	var findings []Finding
	for _, e := range h.first(func(e *Entry) bool { return e.File != nil && (e.File.Program != nil || e.File.Text != nil) }) {
		if p := e.File.Program; p != nil {
			for _, name := range append(slices.Clone(p.Libraries), p.Interpreter) {
				if gone, ok := libraries[name]; ok {
					findings = append(findings, h.whiteout(e, "needs "+name, gone))
				}
			}
			continue
		}
		if path.Base(e.Path) != "RECORD" || !strings.HasSuffix(path.Dir(e.Path), ".dist-info") {
			continue
		}
		if gone := h.removedRecords(e); len(gone) > 0 {
			what := "lists " + gone[0]
			if n := len(gone) - 1; n > 0 {
				what = fmt.Sprintf("lists %s and %s", gone[0], count(n, "more file", "more files"))
			}
			findings = append(findings, h.whiteout(e, what, gone[0]))
		}
	}
	return findings
}

// whiteout is the finding for a file that needs what was removed.
func (h hygiene) whiteout(e *Entry, needs, gone string) Finding {
	r := h.inv.Removed[gone]
	return h.inv.finding(e, IDWhiteout, Warning,
		fmt.Sprintf("%s, which %s brought (%s) and %s removes", needs, h.layer(r.From), gone, h.layer(r.By)),
		"leave it where it is, or remove what needs it, too; what is removed in the layer that brings it costs no space")
}

func (h hygiene) layer(i int) string {
	if i < 0 || i >= len(h.inv.Layers) {
		return "an earlier layer"
	}
	if l := h.inv.Layers[i]; l.Name != "" {
		return fmt.Sprintf("layer %d, %q,", l.Index, l.Name)
	}
	return fmt.Sprintf("layer %d", h.inv.Layers[i].Index)
}

// removedLibraries are libraries, by file name, and whole paths, that were
// removed and of which no other file of that name is left.
func (h hygiene) removedLibraries() map[string]string {
	out := map[string]string{}
	for _, gone := range slices.Sorted(maps.Keys(h.inv.Removed)) {
		base := path.Base(gone)
		if strings.Contains(base, ".so") {
			out[base], out[gone] = gone, gone
		}
	}
	if len(out) > 0 {
		for name := range h.inv.Files {
			delete(out, path.Base(name))
		}
	}
	return out
}

// removedRecords are the files of a distribution's RECORD that were removed.
// Tests and byte code go without harm.
func (h hygiene) removedRecords(e *Entry) []string {
	var gone []string
	for line := range strings.Lines(string(e.File.Text)) {
		name, _, _ := strings.Cut(strings.Trim(line, "\r\n"), ",")
		name = path.Join(path.Dir(path.Dir(e.Path)), strings.Trim(name, `"`))
		if _, ok := h.inv.Removed[name]; ok && path.Ext(name) != ".pyc" && !sample(name) && !strings.Contains(name, ".dist-info/") {
			gone = append(gone, name)
		}
	}
	return gone
}
