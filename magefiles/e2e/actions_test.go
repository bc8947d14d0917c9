//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// actionsFile is a workflow as GitHub reads it. A key that is not here is one
// that these tests do not know, and a failure.
type actionsFile struct {
	Name, Permissions, Concurrency any
	On                             map[string]any
	Env                            map[string]string
	Jobs                           map[string]actionsJob
}

type actionsJob struct {
	If          string
	Needs       string
	RunsOn      string `json:"runs-on"`
	Timeout     string `json:"timeout-minutes"`
	Permissions map[string]string
	Strategy    struct {
		FailFast string `json:"fail-fast"`
		Matrix   map[string]json.RawMessage
	}
	Outputs map[string]string
	Steps   []actionsStep
}

type actionsStep struct {
	ID, Name, Uses, Run string
	With, Env           map[string]string
}

// actions reads a workflow file, with the parser that Python people use.
func actions(t *testing.T, name string) actionsFile {
	t.Helper()
	const version = "6.0.3"
	dir, err := kept("pyyaml-"+version, func(dir string) error {
		return tell("python3", "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--only-binary", ":all:", "--target", dir, "pyyaml=="+version)
	})
	if err != nil {
		t.Fatal(err)
	}
	const script = "import sys; sys.path.insert(0, sys.argv[1]); import json, yaml; print(json.dumps(yaml.load(open(sys.argv[2], encoding='utf-8'), yaml.BaseLoader)))"
	out, err := exec.Command("python3", "-c", script, dir, filepath.Join(world.repo, ".github", "workflows", name)).Output()
	if err != nil {
		t.Fatal(err)
	}
	var w actionsFile
	d := json.NewDecoder(bytes.NewReader(out))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		t.Fatalf("%s has what these tests do not know: %v", name, err)
	}
	return w
}

// variants are the values of the job's matrix, one map for each machine.
func (j actionsJob) variants(t *testing.T) []map[string]string {
	t.Helper()
	var out []map[string]string
	for key, text := range j.Strategy.Matrix {
		if len(j.Strategy.Matrix) > 1 {
			t.Fatalf("a matrix of several dimensions: %v", j.Strategy.Matrix)
		}
		if key == "include" {
			return decode[[]map[string]string](t, string(text))
		}
		for _, value := range decode[[]string](t, string(text)) {
			out = append(out, map[string]string{key: value})
		}
	}
	if out == nil {
		out = append(out, nil)
	}
	return out
}

// expressions fills in ${{ … }}. known has what GitHub would have; nothing else
// may be asked for.
func expressions(t *testing.T, text string, known map[string]string) string {
	t.Helper()
	return regexp.MustCompile(`\$\{\{ *(.*?) *\}\}`).ReplaceAllStringFunc(text, func(whole string) string {
		asked := strings.Trim(whole, "${} ")
		if files, ok := strings.CutPrefix(asked, "hashFiles("); ok {
			for _, quoted := range regexp.MustCompile(`'([^']+)'`).FindAllStringSubmatch(files, -1) {
				if found, _ := filepath.Glob(filepath.Join(world.repo, quoted[1])); found == nil {
					t.Errorf("%s: there is no file %s", asked, quoted[1])
				}
			}
			return "0123456789abcdef"
		}
		if rest, ok := strings.CutPrefix(asked, "!"); ok {
			return fmt.Sprint(known[rest] != "true")
		}
		value, ok := known[asked]
		if !ok {
			t.Fatalf("%s is not known to these tests, only %v", whole, slices.Sorted(maps.Keys(known)))
		}
		return value
	})
}

// order is the jobs of a workflow, each after the one that it needs.
func (w actionsFile) order(t *testing.T) []string {
	t.Helper()
	var out []string
	for len(out) < len(w.Jobs) {
		before := len(out)
		for _, name := range slices.Sorted(maps.Keys(w.Jobs)) {
			if needs := w.Jobs[name].Needs; !slices.Contains(out, name) && (needs == "" || slices.Contains(out, needs)) {
				out = append(out, name)
			}
		}
		if len(out) == before {
			t.Fatalf("only %q of the jobs can ever begin", out)
		}
	}
	return out
}
