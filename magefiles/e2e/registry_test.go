//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// registryAddress starts Debian's registry with all its state in the temporary
// folder.
var registryAddress = sync.OnceValues(func() (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	config := filepath.Join(world.temp, "registry.yml")
	text := fmt.Sprintf("version: 0.1\nlog:\n  level: warn\nstorage:\n  filesystem:\n    rootdirectory: %s\n  delete:\n    enabled: true\nhttp:\n  addr: %s\n",
		filepath.Join(world.temp, "registry"), address)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return "", err
	}
	logged, err := background("docker-registry", "serve", config)
	if err != nil {
		return "", err
	}
	err = await(context.Background(), 30*time.Second, func(ctx context.Context) error {
		_, err := get(ctx, "http://"+address+"/v2/")
		return err
	})
	if err != nil {
		return "", fmt.Errorf("starting docker-registry: %w\n%s", err, logged())
	}
	world.registry = address
	return address, nil
})

// forget removes what the engine has pulled from our registry.
func forget(env []string) {
	docker := func(args ...string) string {
		cmd := exec.Command("docker", args...)
		cmd.Env = append(os.Environ(), env...)
		out, _ := cmd.Output()
		return string(out)
	}
	if ids := strings.Fields(docker("images", "--quiet", "--filter", "reference="+world.registry+"/*/*")); world.registry != "" && len(ids) > 0 {
		docker(append([]string{"rmi", "--force"}, ids...)...)
	}
}

// registry is the address of a real one.
func registry(t *testing.T) string {
	t.Helper()
	needTools(t, "docker-registry")
	address, err := registryAddress()
	need(t, err == nil, "a registry: %v", err)
	return address
}

// tags is what the registry has of a repository; none when it is not there.
func tags(t *testing.T, repository string) []string {
	t.Helper()
	body, err := get(t.Context(), "http://"+registry(t)+"/v2/"+repository+"/tags/list")
	if err != nil {
		return nil
	}
	return decode[struct{ Tags []string }](t, body).Tags
}
