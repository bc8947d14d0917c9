package targets

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// e2e installs what the tests start (engine, registry, emulation, browser) and
// runs them. They need root: they start an engine and mount folders.
func (j *job) e2e(ctx context.Context, only string) error {
	if !exists(j.path("magefiles/e2e")) {
		return errors.New("running the end-to-end tests: this project has none in magefiles/e2e")
	}
	if err := j.installE2E(ctx); err != nil {
		return err
	}
	args := []string{"test", "-tags", "e2e", "-count", "1", "-timeout", "60m", "-json", "./magefiles/e2e"}
	if only != "" {
		args = append(args, "-run", only)
	}
	suites := []suite{{name: "e2e", slow: 25, cmd: xbuild.Cmd{Name: "go", Args: args, Dir: j.root}}}
	if only == "" {
		// The packages' own tests that want mirrors, package indexes and a real
		// system to compare with; whole distributions are too much for every run.
		path := j.env("PATH") + string(os.PathListSeparator) + xbuild.PythonBin(j.pyTools().Dir, j.host) // for uv
		suites = append(suites, suite{name: "online tests", cmd: xbuild.Cmd{
			Name: "go", Args: []string{
				"test", "-json", "-count", "1", "-timeout", "40m", "-run", "Real", "-skip", "RealRoots",
				"./magefiles/debian", "./magefiles/xbuild", "./magefiles/audit",
			},
			Dir: j.root, Env: []string{"E2E=1", "AUDIT_FILES=2500", "PATH=" + path},
		}})
	}
	return j.runSuites(ctx, suites, len(suites)) // they wait for emulators and servers as much as they compute
}

func (j *job) installE2E(ctx context.Context) error {
	b := &installer{job: j}
	var packages []string
	var missing []error
	for _, t := range e2eTools() {
		if _, err := j.locate(t); err != nil {
			packages = append(packages, t.Install["apt"])
			missing = append(missing, err)
		}
	}
	rust := exists("/usr/bin/cargo") && exists("/usr/lib/rustlib/src/rust/library/Cargo.lock")
	if missing == nil && rust {
		return nil
	}
	if !rust {
		missing = append(missing, errors.New("the system's own Rust with its sources is not installed"))
	}
	if !b.apt() || os.Geteuid() != 0 {
		return fmt.Errorf("preparing the end-to-end tests, which need Debian or Ubuntu and root: %w", errors.Join(missing...))
	}
	if !rust { // builds the standard library in a test; rustup's has no sources
		if err := b.update(ctx); err != nil {
			return err
		}
		suffix, err := b.rustSuffix(ctx)
		if err != nil {
			return err
		}
		packages = append(packages, "cargo"+suffix, "rustc"+suffix, "rust"+suffix+"-src")
	}
	return b.install(ctx, fields(packages)...)
}
