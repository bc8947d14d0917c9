//go:build e2e

package e2e

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// runner does what GitHub's machines would, one job after the other, in the main
// clone: its folder dist is as empty at the beginning of each job as in a new
// clone; what cargo has compiled and we have downloaded is there, as after
// actions/cache. Our registry stands in for ghcr.io, and programs in bin for
// what is not here: gh and sudo.
type runner struct {
	checkout
	event     map[string]string   // what GitHub would say: github.ref, inputs.shards
	instead   map[string]string   // lines that are not run, and what is run in their place
	artifacts map[string]string   // uploaded by name: the folder
	bin       string              // stand-ins
	sent      string              // what gh was given
	between   func(job string)    // after each job
	outputs   map[string]string   // JOB.NAME
	summaries map[string]string   // of each job, of all its steps
	ran       map[string][]string // lines of each job
}

func newRunner(t *testing.T, event map[string]string) *runner {
	t.Helper()
	c := images(t)
	revision := strings.TrimSpace(in(t, c.dir, "git", "rev-parse", "HEAD"))
	r := &runner{checkout: c, event: map[string]string{
		"github.repository_owner": "noetl", "github.sha": revision, "github.ref": "refs/heads/main", "github.ref_name": "main",
		"secrets.GITHUB_TOKEN": "ghs_stand-in", "runner.os": "Linux", "inputs.shards": "",
	}, instead: map[string]string{}, artifacts: map[string]string{}, outputs: map[string]string{}, summaries: map[string]string{}, ran: map[string][]string{}}
	maps.Copy(r.event, event)
	top := t.TempDir()
	r.bin, r.sent = filepath.Join(top, "bin"), filepath.Join(top, "sent")
	put(t, filepath.Join(r.bin, "sudo"), "#!/bin/sh\n[ \"$1\" = --preserve-env ] || exit 64\nshift\nexec \"$@\"\n")
	put(t, filepath.Join(r.bin, "gh"), "#!/bin/sh\nset -eu\n[ -n \"$GH_TOKEN\" ] && [ \"$1 $2 $4 $5\" = 'release create --verify-tag --generate-notes' ]\n"+
		"git rev-parse --quiet --verify \"refs/tags/$3\" >/dev/null\nmkdir "+r.sent+"\necho \"$3\" >"+r.sent+".tag\nshift 5\ncp \"$@\" "+r.sent+"/\n")
	return r
}

// run is the whole workflow; the owner is the part of our registry that ghcr.io
// is. It returns the jobs' names in the order in which they were run.
func (r *runner) run(t *testing.T, name, owner string) (jobs []string) {
	t.Helper()
	w := actions(t, name)
	env := []string{}
	for key, value := range w.Env {
		env = append(env, key+"="+strings.Replace(expressions(t, value, r.event), "ghcr.io/noetl", owner, 1))
	}
	for _, job := range w.order(t) {
		j := w.Jobs[job]
		skipped := j.Needs != "" && !slices.Contains(jobs, j.Needs)
		if skipped || j.If != "" && expressions(t, j.If, r.event) != "true" {
			continue
		}
		for _, matrix := range j.variants(t) {
			r.job(t, name, job, j, matrix, env)
		}
		jobs = append(jobs, job)
		if r.between != nil {
			r.between(job)
		}
	}
	return jobs
}

func (r *runner) job(t *testing.T, workflow, job string, j actionsJob, matrix map[string]string, env []string) {
	t.Helper()
	began, known := time.Now(), maps.Clone(r.event)
	for key, value := range matrix {
		known["matrix."+key] = value
	}
	switch on := expressions(t, j.RunsOn, known); on {
	case "ubuntu-24.04":
		known["runner.arch"] = "X64"
	case "ubuntu-24.04-arm": // nothing here is emulated: the same is built as there
		known["runner.arch"] = "ARM64"
	case "macos-15", "windows-2025":
		t.Logf("%s: %s is not here", job, on)
		return
	default:
		t.Fatalf("%s: a runner %q is not known to these tests", job, on)
	}
	for _, made := range []string{"dist", "noetl/core/ui"} {
		kept := r.dir + ".before-" + filepath.Base(made) // outside, or git would say that something was changed
		if err := os.Rename(r.path(made), kept); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := os.RemoveAll(r.path(made)); err != nil {
				t.Error(err)
			}
			if err := os.Rename(kept, r.path(made)); err != nil {
				t.Error(err)
			}
		}()
	}
	files := t.TempDir()
	env = append(slices.Clone(env), "CI=true", "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE="+r.dir, "GITHUB_JOB="+job, "GITHUB_RUN_ID=1", "GITHUB_ACTOR=nobody",
		"GITHUB_REPOSITORY=noetl/noetl", "GITHUB_REPOSITORY_OWNER=noetl", "GITHUB_SERVER_URL=https://github.com", "GITHUB_SHA="+known["github.sha"],
		"GITHUB_REF="+known["github.ref"], "GITHUB_REF_NAME="+known["github.ref_name"], "GITHUB_WORKFLOW_REF=noetl/noetl/.github/workflows/"+workflow+"@"+known["github.ref"],
		"RUNNER_OS=Linux", "RUNNER_ARCH="+known["runner.arch"], "RUNNER_TEMP="+files, "PATH="+r.bin+":"+os.Getenv("PATH"))
	for i, s := range j.Steps {
		if (s.Uses == "") == (s.Run == "") {
			t.Fatalf("%s: step %d is no action and no command", job, i)
		}
		with := map[string]string{}
		for key, value := range s.With {
			with[key] = expressions(t, value, known)
		}
		if s.Uses != "" {
			r.action(t, job, s.Uses, with)
			continue
		}
		own := slices.Clone(env)
		for key, value := range s.Env {
			own = append(own, key+"="+expressions(t, value, known))
		}
		for key, value := range r.step(t, job, files, expressions(t, s.Run, known), own) {
			known["steps."+s.ID+".outputs."+key] = value
		}
	}
	for key, value := range j.Outputs {
		r.outputs[job+"."+key] = expressions(t, value, known)
	}
	t.Logf("%s %v: %.0f s", job, matrix, time.Since(began).Seconds())
}

// step runs a line as GitHub does when no shell is named, and returns its
// outputs.
func (r *runner) step(t *testing.T, job, files, line string, env []string) map[string]string {
	t.Helper()
	r.ran[job] = append(r.ran[job], line)
	if other, ok := r.instead[line]; ok {
		t.Logf("%s: instead of %q: %s", job, line, other)
		line = other
	}
	script := filepath.Join(files, "step.sh")
	put(t, script, line+"\n")
	for _, name := range []string{"OUTPUT", "STEP_SUMMARY", "ENV", "PATH"} {
		file := filepath.Join(files, name)
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		env = append(env, "GITHUB_"+name+"="+file)
	}
	cmd := exec.Command("bash", "-e", script)
	cmd.Dir, cmd.Env = r.dir, append(slices.Clone(r.env), env...)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %s: %v\n%s", job, line, err, out)
	}
	t.Logf("%s: %s: %.0f s", job, line, time.Since(began).Seconds())
	said := map[string]string{}
	for _, name := range []string{"OUTPUT", "STEP_SUMMARY", "ENV", "PATH"} {
		text, err := os.ReadFile(filepath.Join(files, name))
		switch {
		case err != nil:
			t.Error(err)
		case name == "STEP_SUMMARY":
			r.summaries[job] += string(text)
		case name != "OUTPUT" && len(text) > 0:
			t.Errorf("%s: %s writes to $GITHUB_%s, which these tests do not pass on", job, line, name)
		}
		for pair := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(strings.TrimSuffix(pair, "\n"), "="); ok && name == "OUTPUT" {
				said[key] = value
			}
		}
	}
	return said
}
