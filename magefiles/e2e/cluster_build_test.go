//go:build e2e

package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// clusterModule pins a Kubernetes with all that belongs to it: etcd, and kwok,
// which plays nodes.
const clusterModule = "testdata/cluster"

// kwokStages are the parts of kwok's own configuration that are used.
func kwokStages() []string {
	return []string{
		"node/fast/node-initialize.yaml", "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
		"pod/fast/pod-complete.yaml", "pod/fast/pod-delete.yaml",
	}
}

// clusterPrograms is the folder of the programs, compiled once per version (six
// minutes of two processors, and two gigabytes of memory).
var clusterPrograms = sync.OnceValues(func() (string, error) {
	hash := sha256.New()
	fmt.Fprintln(hash, "1", runtime.Version())
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join(clusterModule, name))
		if err != nil {
			return "", err
		}
		hash.Write(b)
	}
	return kept("kubernetes-"+hex.EncodeToString(hash.Sum(nil)[:6]), buildCluster)
})

func buildCluster(dir string) error {
	version, err := inCluster("go", "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes")
	if err != nil {
		return err
	}
	// Without these the programs call themselves v0.0.0-master+$Format:%H$.
	flags := "-s -w"
	minor := strings.Split(version, ".")[1]
	for _, p := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		flags += fmt.Sprintf(" -X %s.gitVersion=%s -X %s.gitMajor=1 -X %s.gitMinor=%s -X %s.gitTreeState=clean", p, version, p, p, minor, p)
	}
	if _, err := inCluster("nice", "-n", "10", "go", "build", "-buildvcs=false", "-trimpath", "-ldflags", flags, "-o", dir+"/", "tool"); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(dir, "server"), filepath.Join(dir, "etcd")); err != nil { // the name of etcd's main package
		return err
	}
	kwok, err := inCluster("go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kwok")
	if err != nil {
		return err
	}
	for _, stage := range kwokStages() {
		b, err := os.ReadFile(filepath.Join(kwok, "kustomize", "stage", stage))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(stage)), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func inCluster(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = clusterModule
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Output returns it as it is
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return "", fmt.Errorf("building the test cluster: %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}
