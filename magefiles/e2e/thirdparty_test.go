//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// craneModule is the module that our own packages stand on; the tool of the same
// version reads what they wrote.
const craneModule = "github.com/google/go-containerregistry"

// crane is the path of the tool.
func crane(t *testing.T) string {
	t.Helper()
	list := exec.Command("go", "list", "-m", "-f", "{{.Version}}", craneModule)
	list.Dir = world.repo
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	version := strings.TrimSpace(string(out))
	dir, err := kept("crane-"+version, func(dir string) error {
		return tell("env", "GOBIN="+dir, "CGO_ENABLED=0", "go", "install", craneModule+"/cmd/crane@"+version)
	})
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "crane")
}

// TestThirdParties: what we push is accepted by those who have to read it.
// Docker itself pulls and runs it in TestRun.
func TestThirdParties(t *testing.T) {
	ref := push(t) + ":t1"
	index := world.main.result(t).Digest
	t.Run("crane", func(t *testing.T) {
		tool := crane(t)
		if out := in(t, world.temp, tool, "validate", "--remote", ref); !strings.Contains(out, "PASS") {
			t.Errorf("crane validate: %s", out)
		}
		if out := in(t, world.temp, tool, "digest", ref); strings.TrimSpace(out) != index {
			t.Errorf("crane sees %s, want %s", out, index)
		}
	})
	t.Run("skopeo", func(t *testing.T) {
		needTools(t, "skopeo")
		in(t, world.temp, "skopeo", "--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", "docker://"+ref, "dir:"+t.TempDir())
	})
	t.Run("buildx imagetools", func(t *testing.T) {
		out := dockerIn(t, buildx(t), "buildx", "imagetools", "inspect", ref)
		for _, want := range append(platforms(), index) {
			if !strings.Contains(out, want) {
				t.Errorf("%s is not shown:\n%s", want, out)
			}
		}
		if strings.Contains(out, "unknown") {
			t.Errorf("it shows something unknown:\n%s", out)
		}
	})
	t.Run("containerd", func(t *testing.T) {
		sock := containerd(t)
		out := in(t, world.temp, "ctr", "--address", sock, "images", "pull", "--plain-http", "--all-platforms", ref)
		if !strings.Contains(out, "done") {
			t.Errorf("ctr pull: %s", out)
		}
		listed := in(t, world.temp, "ctr", "--address", sock, "images", "check", "name=="+ref)
		if !strings.Contains(listed, index) || !strings.Contains(listed, "complete") {
			t.Errorf("ctr has %s", listed)
		}
	})
}

// containerd starts one without an engine above it, and returns its socket.
func containerd(t *testing.T) (sock string) {
	t.Helper()
	needRoot(t)
	needTools(t, "containerd", "ctr")
	dir, err := os.MkdirTemp(world.temp, "ctrd-") //nolint:usetesting // a socket's path has little room
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "config.toml")
	text := fmt.Sprintf("version = 2\nroot = %q\nstate = %q\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n[grpc]\naddress = %q\n",
		filepath.Join(dir, "root"), filepath.Join(dir, "state"), filepath.Join(dir, "sock"))
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	logged, err := background("containerd", "--config", config)
	if err != nil {
		t.Fatal(err)
	}
	sock = filepath.Join(dir, "sock")
	err = await(t.Context(), time.Minute, func(ctx context.Context) error {
		return exec.CommandContext(ctx, "ctr", "--address", sock, "version").Run()
	})
	if err != nil {
		t.Fatalf("starting containerd: %v\n%s", err, logged())
	}
	return sock
}
