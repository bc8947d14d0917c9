//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// buildkitModule pins BuildKit and buildx. It is a module of its own: neither
// can be installed by name, and nobody else shall have to download them.
const buildkitModule = "magefiles/e2e/testdata/buildkit"

// buildkitTools is the folder with buildkitd, buildctl and docker-buildx.
var buildkitTools = sync.OnceValues(func() (string, error) {
	module := filepath.Join(world.repo, buildkitModule)
	mod, err := os.ReadFile(filepath.Join(module, "go.mod"))
	if err != nil {
		return "", err
	}
	sum, err := os.ReadFile(filepath.Join(module, "go.sum"))
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256(slices.Concat(mod, sum))
	return kept("buildkit-"+hex.EncodeToString(hash[:6]), func(dir string) error {
		var flags []string // without a version buildx takes itself for a stranger's
		for _, of := range []string{"github.com/moby/buildkit", "github.com/docker/buildx"} {
			found := regexp.MustCompile(regexp.QuoteMeta(of) + ` (v\S+)`).FindSubmatch(mod)
			if found == nil {
				return fmt.Errorf("%s/go.mod has no version of %s", buildkitModule, of)
			}
			flags = append(flags, fmt.Sprintf("-X %s/version.Version=%s", of, found[1]))
		}
		cmd := exec.Command("nice", "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w "+strings.Join(flags, " "), "-o", dir+"/", "tool")
		cmd.Dir, cmd.Env = module, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building BuildKit and buildx: %w\n%s", err, out)
		}
		return os.Rename(filepath.Join(dir, "buildx"), filepath.Join(dir, "docker-buildx"))
	})
})

// buildkitProgram is the path of one of them.
func buildkitProgram(t *testing.T, name string) string {
	t.Helper()
	dir, err := buildkitTools()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

// buildx is the environment in which docker has the plug-in and no builder yet:
// what this person has set up stays out of it, and is left alone.
func buildx(t *testing.T) (env []string) {
	t.Helper()
	needTools(t, "docker")
	plugin := buildkitProgram(t, "docker-buildx")
	config := t.TempDir()
	if err := os.MkdirAll(filepath.Join(config, "cli-plugins"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(plugin, filepath.Join(config, "cli-plugins", "docker-buildx")); err != nil {
		t.Fatal(err)
	}
	return []string{"DOCKER_CONFIG=" + config, "BUILDX_CONFIG=" + filepath.Join(config, "buildx"), "BUILDX_BUILDER=", "BUILDKIT_HOST=", "BUILDKIT_PROGRESS=plain"}
}

var daemons struct {
	sync.Mutex
	sockets []string
	fresh   int
}

// buildkits are the addresses (unix://…) of n BuildKit daemons that all tests
// share, what they have cached included. They know our registry as one without
// TLS, run no emulator of their own, and may not be ended: see newBuildkit.
func buildkits(t *testing.T, n int) []string {
	t.Helper()
	daemons.Lock()
	defer daemons.Unlock()
	for i := len(daemons.sockets); i < n; i++ {
		state := filepath.Join(world.temp, fmt.Sprintf("buildkit-%d", i))
		if again := os.Getenv("NOETL_E2E_CLONE"); again != "" { // minutes less
			state = fmt.Sprintf("%s-buildkit-%d", again, i)
		}
		socket, kill := startBuildkit(t, state)
		world.later(kill)
		daemons.sockets = append(daemons.sockets, socket)
	}
	return slices.Clone(daemons.sockets[:n])
}

// newBuildkit is one daemon for this test alone, with nothing cached. kill ends
// it as a machine ends that is switched off: at once.
func newBuildkit(t *testing.T) (socket string, kill func()) {
	t.Helper()
	// Not t.TempDir: a socket's path has little room, and rm as root gets what RUN steps leave.
	daemons.Lock()
	daemons.fresh++
	state := filepath.Join(world.temp, fmt.Sprintf("bk-%d", daemons.fresh))
	daemons.Unlock()
	socket, kill = startBuildkit(t, state)
	t.Cleanup(kill)
	return socket, kill
}

// startBuildkit starts a daemon with all its state in a folder.
func startBuildkit(t *testing.T, state string) (socket string, kill func()) {
	t.Helper()
	needRoot(t)
	needTools(t, "runc")
	if err := os.MkdirAll(state, 0o755); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(state, "buildkitd.toml")
	text := fmt.Sprintf("root = %q\n[worker.containerd]\nenabled = false\n[worker.oci]\nenabled = true\nsnapshotter = \"overlayfs\"\n[registry.%q]\nhttp = true\ninsecure = true\n",
		filepath.Join(state, "root"), registry(t))
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	sock := filepath.Join(state, "sock")
	socket = "unix://" + sock
	log, err := os.Create(filepath.Join(state, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(buildkitProgram(t, "buildkitd"), "--config", config, "--addr", socket, "--otel-socket-path", filepath.Join(state, "otel"))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		unmount(state)
	})
	err = await(t.Context(), time.Minute, func(ctx context.Context) error {
		out, err := exec.CommandContext(ctx, buildkitProgram(t, "buildctl"), "--addr", socket, "debug", "workers").CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		return err
	})
	if err != nil {
		kill()
		said, _ := os.ReadFile(log.Name())
		t.Fatalf("starting buildkitd: %v\n%s", err, said)
	}
	return socket, kill
}

// unmount lets go of what a daemon that was killed has left mounted for its
// steps: the folder could not be removed. The last mounted is on top.
func unmount(below string) {
	table, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return
	}
	var places []string
	for line := range strings.Lines(string(table)) {
		place := strings.NewReplacer(`\040`, " ", `\134`, `\`).Replace(strings.Fields(line)[1])
		if strings.HasPrefix(place, below+"/") {
			places = append(places, place)
		}
	}
	for _, place := range slices.Backward(places) {
		_ = syscall.Unmount(place, syscall.MNT_DETACH)
	}
}

// builder makes a builder of buildx out of daemons, one node each, and returns
// the environment that has it as the one to use. For platforms[i], daemon i is
// taken; without platforms each offers what it finds that it can run.
func builder(t *testing.T, name string, sockets []string, platforms ...string) (env []string) {
	t.Helper()
	env = buildx(t)
	for i, socket := range sockets {
		args := []string{"buildx", "create", "--name", name, "--driver", "remote", "--node", fmt.Sprintf("%s%d", name, i)}
		if i > 0 {
			args = append(args, "--append")
		}
		if i < len(platforms) {
			args = append(args, "--platform", platforms[i])
		}
		dockerIn(t, env, append(args, socket)...)
	}
	dockerIn(t, env, "buildx", "use", name)
	return env
}

// dockerIn runs docker in an environment of its own; failing is the test's
// failure. What it prints comes back, progress included.
func dockerIn(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("docker", args...)
	cmd.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out.String())
	}
	return out.String()
}

// TestBuildKit: a builder with a node for each platform builds for both, and
// what it pushes is there.
func TestBuildKit(t *testing.T) {
	lonely, kill := newBuildkit(t)
	env := builder(t, "lonely", []string{lonely})
	kill()
	if out, err := exec.Command("env", append(env, "docker", "buildx", "inspect", "lonely")...).CombinedOutput(); err == nil && strings.Contains(string(out), "running") {
		t.Errorf("it runs after it was killed: %s", out)
	}
	env = builder(t, "pair", buildkits(t, 2), "linux/amd64", "linux/arm64")
	context := t.TempDir()
	if err := os.WriteFile(filepath.Join(context, "Dockerfile"), []byte("FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /for-$TARGETARCH\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	image := registry(t) + "/e2e/buildkit:1"
	dockerIn(t, env, "buildx", "build", "--platform", "linux/amd64,linux/arm64", "--provenance=false", "--push", "--tag", image, context)
	said := dockerIn(t, env, "buildx", "imagetools", "inspect", image)
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		if !strings.Contains(said, platform) {
			t.Errorf("no %s in\n%s", platform, said)
		}
	}
	if out := dockerIn(t, env, "buildx", "version"); strings.Contains(out, "unknown") {
		t.Errorf("buildx has no version: %s", out)
	}
}
