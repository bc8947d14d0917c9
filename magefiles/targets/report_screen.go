package targets

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// plainSigns reports whether a terminal may lack the signs of the live view: the
// old console of Windows draws boxes for them, and a terminal whose locale is
// not UTF-8 draws nonsense.
func plainSigns(env func(string) string) bool {
	if runtime.GOOS == "windows" {
		return env("WT_SESSION") == "" && env("TERM_PROGRAM") == "" && env("MSYSTEM") == ""
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} { // the first that is set counts: locale(7)
		if v := strings.ToLower(env(name)); v != "" {
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false // a container without a locale, mostly: its terminal is somebody's, outside
}

// actions is what GitHub's runner needs to know, or nil.
func (j *job) actions() *report.Actions {
	if j.env("GITHUB_ACTIONS") != "true" {
		return nil
	}
	return &report.Actions{Locate: j.locateSource}
}

// locateSource finds the file that a tool means. Tools name files as seen from
// the folder that they run in.
func (j *job) locateSource(name string) (file string, ok bool) {
	name = filepath.FromSlash(strings.ReplaceAll(strings.TrimPrefix(name, "file://"), `\`, "/"))
	for _, dir := range []string{"", j.UI.Dir, j.CLI.Dir, j.CLI.crate()} {
		path := name
		if !filepath.IsAbs(name) {
			path = filepath.Join(j.path(dir), name)
		}
		rel, err := filepath.Rel(j.root, path)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return filepath.ToSlash(rel), true
		}
	}
	return "", false
}

// imageSteps is the plan of images, as inputs, images and deliver carry it out.
func (j *job) imageSteps(o order) []report.Planned {
	parts := []string{"cli", "python packages", "package", "base"}
	if j.hasUI() {
		parts = append([]string{"ui"}, parts...)
	}
	var steps []report.Planned
	for _, name := range parts {
		steps = append(steps, report.Planned{Name: name})
	}
	steps = append(steps, report.Planned{Name: "layers", After: parts}, report.Planned{Name: "audit", After: []string{"layers"}})
	last, written := []string{"audit"}, "layout"
	if o.archive != oci.ArchiveNone {
		written = "archive"
	}
	if o.attest {
		steps = append(steps, report.Planned{Name: "attest", After: []string{"layers"}})
		last = append(last, "attest")
	}
	for _, s := range []struct {
		name  string
		comes bool
	}{{written, !o.beside}, {"load", o.engine != ""}, {"push", o.pushes()}, {"sign", o.cosign != ""}} {
		if s.comes {
			steps = append(steps, report.Planned{Name: s.name, After: last})
			last = []string{s.name}
		}
	}
	return steps
}
