//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// background starts a program that ends with the tests, and returns what it
// has written so far.
func background(name string, args ...string) (logged func() string, err error) {
	log, err := os.CreateTemp(world.temp, filepath.Base(name)+"-*.log")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	world.later(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
	})
	return func() string {
		b, _ := os.ReadFile(log.Name())
		return string(b)
	}, nil
}

// engineHost is the DOCKER_HOST of an engine that runs here already, or of one
// that is started with all its state in the temporary folder.
var engineHost = sync.OnceValues(func() (string, error) {
	if exec.Command("docker", "version").Run() == nil {
		return os.Getenv("DOCKER_HOST"), nil
	}
	if _, err := exec.LookPath("dockerd"); err != nil {
		return "", err
	}
	dir := filepath.Join(world.temp, "docker")
	host := "unix://" + filepath.Join(dir, "sock")
	logged, err := background("dockerd", "--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"),
		"--pidfile", filepath.Join(dir, "pid"), "-H", host)
	if err != nil {
		return "", err
	}
	err = await(context.Background(), 90*time.Second, func(context.Context) error {
		cmd := exec.Command("docker", "version")
		cmd.Env = append(os.Environ(), "DOCKER_HOST="+host)
		return cmd.Run()
	})
	if err != nil {
		return "", fmt.Errorf("starting dockerd: %w\n%s", err, logged())
	}
	return host, nil
})

// engine makes sure that there is one, and returns the environment for clients.
func engine(t *testing.T) []string {
	t.Helper()
	needTools(t, "docker")
	host, err := engineHost()
	need(t, err == nil, "a container engine: %v", err)
	if host == "" {
		return nil
	}
	return []string{"DOCKER_HOST=" + host}
}

// docker runs the client; failing is the test's failure.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := dockerTry(t, args...)
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(out)
}

func dockerTry(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("docker", args...)
	cmd.Env = append(os.Environ(), engine(t)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%w: %s", err, stderr.String())
	}
	return stdout.String(), nil
}

// container starts one that goes when the test ends, and returns its id and the
// address of its port 8082.
func container(t *testing.T, args ...string) (id, base string) {
	t.Helper()
	env := engine(t)
	world.pulled.Do(func() { world.later(func() { forget(env) }) })
	id = docker(t, append([]string{"run", "--detach", "--publish", "127.0.0.1::8082"}, args...)...)
	t.Cleanup(func() {
		if t.Failed() {
			cmd := exec.Command("docker", "logs", id)
			cmd.Env = append(os.Environ(), env...)
			logs, err := cmd.CombinedOutput()
			t.Logf("logs of the container: %s %v", logs, err)
		}
		_, _ = dockerTry(t, "rm", "--force", "--volumes", id)
	})
	address, _, _ := strings.Cut(docker(t, "port", id, "8082/tcp"), "\n")
	return id, "http://" + address
}
