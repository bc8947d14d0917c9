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

// referrersAside are a repository's tags, without the lists of referrers: this
// registry has no API for them.
func referrersAside(t *testing.T, repository string) []string {
	t.Helper()
	out := slices.DeleteFunc(tags(t, repository), func(tag string) bool { return strings.HasPrefix(tag, "sha256-") })
	slices.Sort(out)
	return out
}

// published checks what a job has made of the image: tags of one digest, the
// outputs that say so, and the table on the job's page.
func (r *runner) published(t *testing.T, job, repository string, want ...string) (digest string) {
	t.Helper()
	slices.Sort(want)
	if got := referrersAside(t, repository); !slices.Equal(got, want) {
		t.Errorf("%s: the tags are %q, want %q", job, got, want)
	}
	digest = r.outputs[job+".digest"]
	var refs []string
	for _, tag := range want {
		ref := registry(t) + "/" + repository + ":" + tag
		refs = append(refs, ref)
		if got := r.digestOf(t, ref); got != digest || !strings.HasPrefix(digest, "sha256:") {
			t.Errorf("%s: %s is %q, and the output digest %q", job, ref, got, digest)
		}
	}
	said := strings.Split(r.outputs[job+".tags"], ",")
	slices.Sort(said)
	if !slices.Equal(said, refs) {
		t.Errorf("%s: the output tags is %q, want %q", job, said, refs)
	}
	for _, words := range []string{"| linux/amd64 ", "| linux/arm64 ", digest} {
		if !strings.Contains(r.summaries[job], words) {
			t.Errorf("%s: the summary lacks %q:\n%s", job, words, r.summaries[job])
		}
	}
	return digest
}

// TestWorkflowImages: a push to main publishes the image; started by hand with
// shards, two machines and a third one publish the same, and no tag is there
// before.
func TestWorkflowImages(t *testing.T) {
	r := newRunner(t, nil)
	r.unchanged(t)
	revision := r.event["github.sha"]
	if jobs := r.run(t, "images.yml", registry(t)+"/workflow"); !slices.Equal(jobs, []string{"image"}) {
		t.Errorf("a push runs %q", jobs)
	}
	whole := r.published(t, "image", "workflow/"+product, revision, "latest")

	r = newRunner(t, map[string]string{"inputs.shards": "true"})
	r.between = func(job string) {
		if got := referrersAside(t, "workflow-shards/"+product); job == "shard" && len(got) > 0 {
			t.Errorf("there are tags before all is there: %q", got)
		}
	}
	if jobs := r.run(t, "images.yml", registry(t)+"/workflow-shards"); !slices.Equal(jobs, []string{"shard", "merge"}) {
		t.Errorf("started with shards, it runs %q", jobs)
	}
	if merged := r.published(t, "merge", "workflow-shards/"+product, revision, "latest"); merged != whole {
		t.Errorf("of shards it is %s, of one machine %s", merged, whole)
	}
}

// TestWorkflowCI: what a change has to pass, with what takes minutes, and was
// run on this commit before these tests (see .ci/run), asked for its tools only.
func TestWorkflowCI(t *testing.T) {
	const suite = `sudo --preserve-env env "PATH=$PATH" go tool mage bootstrap e2e`
	r := newRunner(t, map[string]string{"github.ref": "refs/pull/1/merge", "github.ref_name": "1/merge"})
	r.unchanged(t)
	ours, err := os.ReadFile(filepath.Join(world.repo, ".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"lint", "test"} {
		if !regexp.MustCompile(`(?m)^go tool mage (\w+ )*` + target + `$`).Match(ours) {
			t.Errorf(".ci/run does not run %s", target)
		}
		r.instead["go tool mage "+target] = "go tool mage doctor -target=" + target
	}
	r.instead[suite] = suite + " -run='^TestWorkflowsPinned$'"
	if jobs := r.run(t, "ci.yml", "nowhere"); !slices.Equal(jobs, []string{"e2e", "lint", "test"}) {
		t.Errorf("it runs %q", jobs)
	}
	for job, last := range map[string]string{"lint": "go tool mage lint", "test": "go tool mage test", "e2e": suite} {
		if lines := r.ran[job]; len(lines) == 0 || lines[len(lines)-1] != last {
			t.Errorf("%s ends with %q, want %s", job, lines, last)
		}
	}
}

// TestWorkflowRelease: a tag becomes archives that verify and hold the programs
// that their names say, and the image under the tag's version.
func TestWorkflowRelease(t *testing.T) {
	archives(t)
	r := newRunner(t, map[string]string{"github.ref": "refs/tags/v0.1.0", "github.ref_name": "v0.1.0"})
	r.unchanged(t)
	in(t, r.dir, "git", "tag", "v0.1.0")
	t.Cleanup(func() { // t's context has ended by then
		if out, err := exec.Command("git", "-C", r.dir, "tag", "--delete", "v0.1.0").CombinedOutput(); err != nil {
			t.Errorf("taking the tag back: %v: %s", err, out)
		}
	})
	r.run(t, "release.yml", registry(t)+"/workflow-release")
	r.published(t, "release", "workflow-release/"+product, "0.1.0")
	in(t, r.sent, "sha256sum", "--check", "--strict", "SHA256SUMS")
	given, err := os.ReadDir(r.sent)
	if err != nil || len(given) != len(packed())+1 {
		t.Errorf("the release has %v, %v", given, err)
	}
	for _, file := range given {
		if file.Name() != "SHA256SUMS" {
			unpacks(t, r.checkout, filepath.Join(r.sent, file.Name()))
		}
	}
	if tag, err := os.ReadFile(r.sent + ".tag"); err != nil || string(tag) != "v0.1.0\n" {
		t.Errorf("the release is %q, %v", tag, err)
	}
}
