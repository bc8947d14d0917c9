//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// action stands in for one of GitHub's, as far as the steps after it can tell.
// One that is not known is a failure, and so is an input that is not.
func (r *runner) action(t *testing.T, job, uses string, with map[string]string) {
	t.Helper()
	name, _, _ := strings.Cut(uses, "@")
	inputs := map[string]string{
		"actions/checkout": "persist-credentials", "actions/setup-go": "go-version-file cache",
		"actions/setup-node":   "node-version cache cache-dependency-path package-manager-cache",
		"actions/setup-python": "python-version", "actions/cache": "path key restore-keys",
		"actions/upload-artifact": "name path if-no-files-found", "actions/download-artifact": "path merge-multiple",
		"actions/attest-build-provenance": "subject-checksums",
	}
	allowed, ok := inputs[name]
	if !ok {
		t.Fatalf("%s: the action %s is not known to these tests", job, uses)
	}
	for key := range with {
		if !slices.Contains(strings.Fields(allowed), key) {
			t.Errorf("%s: %s with %s is not known to these tests", job, name, key)
		}
	}
	switch name {
	case "actions/checkout":
		if out := in(t, r.dir, "git", "status", "--porcelain"); out != "" || strings.TrimSpace(in(t, r.dir, "git", "rev-parse", "HEAD")) != r.event["github.sha"] {
			t.Fatalf("%s: the clone is not as the commit is:\n%s", job, out)
		}
	case "actions/setup-go", "actions/setup-node", "actions/setup-python":
		// They are on this machine. What they are told to read has to be there.
		for _, key := range []string{"go-version-file", "cache-dependency-path"} {
			if _, err := os.Stat(r.path(with[key])); err != nil {
				t.Errorf("%s: %s: %v", job, name, err)
			}
		}
	case "actions/cache":
		if !strings.HasPrefix(with["key"], strings.TrimSpace(with["restore-keys"])) {
			t.Errorf("%s: the cache %q never begins with %q", job, with["key"], with["restore-keys"])
		}
	case "actions/upload-artifact":
		r.upload(t, with)
	case "actions/download-artifact":
		if with["merge-multiple"] != "true" || len(r.artifacts) == 0 {
			t.Errorf("%s: of %v, %v is wanted", job, r.artifacts, with)
		}
		for _, from := range r.artifacts {
			copied(t, from, r.path(with["path"]))
		}
	case "actions/attest-build-provenance":
		sums := r.path(with["subject-checksums"])
		in(t, filepath.Dir(sums), "sha256sum", "--check", "--strict", filepath.Base(sums))
	}
}

// upload keeps a folder as an artifact. Its name may be there once.
func (r *runner) upload(t *testing.T, with map[string]string) {
	t.Helper()
	if _, ok := r.artifacts[with["name"]]; ok || with["if-no-files-found"] != "error" {
		t.Errorf("the artifact %v is there already, or may be empty", with)
	}
	to := t.TempDir()
	copied(t, r.path(with["path"]), to)
	if found, err := os.ReadDir(to); err != nil || len(found) == 0 {
		t.Errorf("the artifact %v has nothing: %v", with, err)
	}
	r.artifacts[with["name"]] = to
}

func copied(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(to, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", from+"/.", to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
