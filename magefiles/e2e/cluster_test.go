//go:build e2e

package e2e

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
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

// controlPlane is a real Kubernetes on 127.0.0.1 whose nodes, two of amd64 and two
// of arm64, are played by kwok.
type controlPlane struct {
	bin, dir           string
	etcd, api, kubelet int // ports
	running            map[string]*exec.Cmd
}

const clusterToken = "e2e-administrator" // of a cluster that lives for minutes, on 127.0.0.1

var theCluster = sync.OnceValues(func() (*controlPlane, error) {
	bin, err := clusterPrograms()
	if err != nil {
		return nil, err
	}
	c := &controlPlane{bin: bin, dir: filepath.Join(world.temp, "cluster"), running: map[string]*exec.Cmd{}}
	world.later(func() {
		for name := range c.running {
			c.kill(name)
		}
	})
	return c, c.up()
})

// cluster is the one that the tests share; each has namespaces of its own.
func cluster(t *testing.T) *controlPlane {
	t.Helper()
	c, err := theCluster()
	need(t, err == nil, "a Kubernetes control plane: %v", err)
	return c
}

func (c *controlPlane) up() error {
	for _, port := range []*int{&c.etcd, &c.api, &c.kubelet} {
		var err error
		if *port, err = freePort(); err != nil {
			return err
		}
	}
	if err := c.files(); err != nil {
		return err
	}
	etcd := fmt.Sprintf("http://127.0.0.1:%d", c.etcd)
	err := c.start("etcd", "--data-dir", c.dir+"/etcd", "--unsafe-no-fsync", "--log-level", "warn",
		"--listen-client-urls", etcd, "--advertise-client-urls", etcd, "--listen-peer-urls", "http://127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := c.startAPI(); err != nil {
		return err
	}
	kubelet := fmt.Sprint(c.kubelet)
	kwok := []string{
		"--manage-all-nodes", "--cidr", "10.244.0.0/16", "--node-ip", "127.0.0.1", "--node-port", kubelet,
		"--server-address", "127.0.0.1:" + kubelet, "--node-lease-duration-seconds", "40", "--config", c.dir + "/stages.yaml",
	}
	for _, stage := range kwokStages() {
		kwok = append(kwok, "--config", filepath.Join(c.bin, filepath.Base(stage)))
	}
	admin := []string{"--kubeconfig", c.kubeconfig()}
	alone := []string{"--leader-elect=false", "--secure-port", "0"}
	err = errors.Join(
		c.start("kube-controller-manager", append(append(admin, alone...), "--service-account-private-key-file", c.dir+"/sa.key", "--root-ca-file", c.dir+"/apiserver.crt")...),
		c.start("kube-scheduler", append(admin, alone...)...),
		c.start("kwok", append(admin, kwok...)...),
	)
	if err != nil {
		return err
	}
	if _, err := c.kubectl("apply", "-f", clusterModule+"/nodes.yaml"); err != nil {
		return err
	}
	_, err = c.kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=60s")
	return err
}

// startAPI starts the API server, for the first time or again.
func (c *controlPlane) startAPI() error {
	err := c.start("kube-apiserver", "--etcd-servers", fmt.Sprintf("http://127.0.0.1:%d", c.etcd), "--bind-address", "127.0.0.1",
		"--secure-port", fmt.Sprint(c.api), "--advertise-address", "127.0.0.1", "--endpoint-reconciler-type", "none", "--cert-dir", c.dir,
		"--service-cluster-ip-range", "10.96.0.0/16", "--service-account-issuer", "https://kubernetes.default.svc",
		"--service-account-key-file", c.dir+"/sa.key", "--service-account-signing-key-file", c.dir+"/sa.key",
		"--token-auth-file", c.dir+"/tokens.csv", "--authorization-mode", "RBAC")
	if err != nil {
		return err
	}
	err = await(context.Background(), time.Minute, func(context.Context) error {
		_, err := c.kubectl("get", "--raw", "/readyz")
		return err
	})
	if err != nil {
		log, _ := os.ReadFile(c.dir + "/kube-apiserver.log")
		return fmt.Errorf("starting kube-apiserver: %w\n%s", err, log)
	}
	return nil
}

func (c *controlPlane) files() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	stages, err := os.ReadFile(clusterModule + "/stages.yaml")
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(c.dir+"/sa.key", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600),
		os.WriteFile(c.dir+"/tokens.csv", []byte(clusterToken+",admin,admin,system:masters\n"), 0o600),
		os.WriteFile(c.dir+"/stages.yaml", []byte(strings.ReplaceAll(string(stages), "LOGFILE", c.dir+"/pod.log")), 0o600),
		// What every container has written, in the form of the container runtime interface.
		os.WriteFile(c.dir+"/pod.log", []byte("2026-01-01T00:00:00.000000000Z stdout F starting\n2026-01-01T00:00:01.000000000Z stdout F using password=hunter2 for the world\n"), 0o600),
		os.WriteFile(c.kubeconfig(), []byte(c.config(clusterToken, "test")), 0o600),
	)
}

func (c *controlPlane) kubeconfig() string { return filepath.Join(c.dir, "kubeconfig") }

// config is a kubeconfig for somebody, with the contexts.
func (c *controlPlane) config(token string, contexts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: \"https://127.0.0.1:%d\", certificate-authority: %q}}]\n", c.api, c.dir+"/apiserver.crt")
	fmt.Fprintf(&b, "users: [{name: u, user: {token: %q}}]\ncurrent-context: %s\ncontexts:\n", token, contexts[0])
	for _, name := range contexts {
		fmt.Fprintf(&b, "- {name: %s, context: {cluster: c, user: u}}\n", name)
	}
	return b.String()
}

func (c *controlPlane) start(name string, args ...string) error {
	log, err := os.OpenFile(filepath.Join(c.dir, name+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.running[name] = cmd
	return cmd.Start()
}

// kill ends a part at once: nothing in this cluster is to be kept.
func (c *controlPlane) kill(name string) {
	_ = c.running[name].Process.Kill()
	_ = c.running[name].Wait()
}

// kubectl asks as the administrator.
func (c *controlPlane) kubectl(args ...string) (string, error) {
	cmd := exec.Command(filepath.Join(c.bin, "kubectl"), args...)
	cmd.Env = append(os.Environ(), c.env()...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out)), err
}

func (c *controlPlane) env() []string {
	return []string{"KUBECONFIG=" + c.kubeconfig(), "KUBECACHEDIR=" + c.dir + "/cache"}
}
