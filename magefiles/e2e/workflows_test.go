//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// workflow is the text of one of GitHub's workflow files.
func workflow(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(world.repo, ".github", "workflows", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// runs are the run: lines of a job, in order. Each is one line: what needs more
// belongs into a target.
func runs(t *testing.T, text, job string) []string {
	t.Helper()
	_, after, found := strings.Cut(text, "\n  "+job+":\n")
	if !found {
		t.Fatalf("there is no job %q", job)
	}
	if end := regexp.MustCompile(`(?m)^  \S`).FindStringIndex(after); end != nil {
		after = after[:end[0]]
	}
	var out []string
	for _, line := range regexp.MustCompile(`(?m)^ +(?:- )?run: (.*)$`).FindAllStringSubmatch(after, -1) {
		if strings.HasPrefix(line[1], "|") || strings.HasPrefix(line[1], ">") {
			t.Errorf("job %q: a step of several lines is not looked at", job)
		}
		out = append(out, line[1])
	}
	return out
}

// TestWorkflowsPinned: each action is named by a commit, says its version, and
// each file begins without any permission.
func TestWorkflowsPinned(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(world.repo, ".github", "workflows", "*.yml"))
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	pinned := regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v[\d.]+$`)
	for _, file := range files {
		text := workflow(t, filepath.Base(file))
		if !strings.Contains(text, "\npermissions: {}\n") {
			t.Errorf("%s: every job has every permission", file)
		}
		uses := regexp.MustCompile(`uses: (.*)`).FindAllStringSubmatch(text, -1)
		if len(uses) == 0 {
			t.Errorf("%s uses nothing", file)
		}
		for _, u := range uses {
			if !pinned.MatchString(u[1]) {
				t.Errorf("%s: %q is no commit with its version", file, u[1])
			}
		}
	}
}

// TestActionlint: the workflows are what GitHub understands; shellcheck reads
// what they run.
func TestActionlint(t *testing.T) {
	t.Parallel()
	needTools(t, "shellcheck")
	const version = "v1.7.12"
	dir, err := kept("actionlint-"+version, func(dir string) error {
		return tell("env", "GOBIN="+dir, "GOFLAGS=-trimpath", "nice", "go", "install", "github.com/rhysd/actionlint/cmd/actionlint@"+version)
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(dir, "actionlint"), "-no-color")
	cmd.Dir = world.repo
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestWorkflowImages: the steps of the workflow that publishes, in a clone, with
// GitHub's variables and files, and our registry for GitHub's.
func TestWorkflowImages(t *testing.T) {
	c := images(t)
	revision, err := onHost("git", "-C", c.dir, "rev-parse", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	revision = strings.TrimSpace(revision)
	output, summary := filepath.Join(t.TempDir(), "output"), filepath.Join(t.TempDir(), "summary")
	owner := registry(t) + "/workflow"
	c = c.with("GITHUB_SHA="+revision, "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+summary, "NOETL_REGISTRY="+owner, "GITHUB_TOKEN=none", "GITHUB_ACTOR=nobody")
	steps := runs(t, workflow(t, "images.yml"), "image")
	if len(steps) != 3 {
		t.Fatalf("%d steps: %q", len(steps), steps)
	}
	for _, step := range steps {
		cmd := exec.Command("bash", "-e", "-o", "pipefail", "-c", step)
		cmd.Dir, cmd.Env = c.dir, c.env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", step, err, out)
		}
	}
	// This registry has no API for referrers: their lists are tags.
	got := slices.DeleteFunc(tags(t, "workflow/"+product), func(tag string) bool { return strings.HasPrefix(tag, "sha256-") })
	if len(got) != 2 || !strings.Contains(strings.Join(got, " "), revision) || !strings.Contains(strings.Join(got, " "), "latest") {
		t.Errorf("the tags are %q", got)
	}
	said, err := os.ReadFile(output)
	if err != nil || !regexp.MustCompile(`(?m)\Adigest=sha256:[0-9a-f]{64}\ntags=\S+:`+revision+`,\S+:latest\n\z`).Match(said) {
		t.Errorf("the outputs are %q, %v", said, err)
	}
	if text, err := os.ReadFile(summary); err != nil || !strings.Contains(string(text), "linux/arm64") {
		t.Errorf("the summary is %q, %v", text, err)
	}
}
