//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEngineFailures: an engine that does not run, and one that is somebody
// else's, are told apart before anything is built.
func TestEngineFailures(t *testing.T) {
	needTools(t, "docker", "setpriv")
	c := images(t)
	t.Run("not running", func(t *testing.T) {
		c.unchanged(t)
		c.with("DOCKER_HOST=unix://"+filepath.Join(t.TempDir(), "sock")).refused(t, []string{"-load", "the container engine is not running", "systemctl start docker"}, "images", "-load")
	})
	t.Run("not ours", func(t *testing.T) {
		needRoot(t)
		c.unchanged(t)
		// Not the test's own folder, into which nobody may not look.
		dir := filepath.Join(world.temp, "engine")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		socket := filepath.Join(dir, "sock")
		listener, err := net.Listen("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		if err := os.Chmod(socket, 0o600); err != nil {
			t.Fatal(err)
		}
		real, err := exec.LookPath("docker")
		if err != nil {
			t.Fatal(err)
		}
		client := fmt.Sprintf("#!/bin/sh\nexec setpriv --reuid %d --regid %d --clear-groups env HOME=/nonexistent %s \"$@\"\n", nobody, nobody, real)
		if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(client), 0o755); err != nil {
			t.Fatal(err)
		}
		c.with("DOCKER_HOST=unix://"+socket, "PATH="+dir+":"+os.Getenv("PATH")).refused(t, []string{"permission denied", "sudo usermod -aG docker"}, "images", "-load")
	})
}

// TestRustFailures: what cargo and rustup say ends with what to do about it.
func TestRustFailures(t *testing.T) {
	c := images(t)
	t.Run("a lock that does not fit", func(t *testing.T) {
		c.unchanged(t)
		c.edit(t, "crates/Cargo.toml", func(s string) string {
			return regexp.MustCompile(`(?m)^version = ".*"`).ReplaceAllString(s, `version = "99.0.0"`)
		})
		c.refused(t, []string{"--locked", "Cargo.lock does not match Cargo.toml", "cargo update --workspace"}, "crossRust", "-platforms=linux/amd64")
	})
	t.Run("a full disk", func(t *testing.T) {
		c.unchanged(t)
		dir := t.TempDir()
		small(t, dir, "8m")
		c.with("CARGO_TARGET_DIR="+dir).refused(t, []string{"the disk is full", "cargo clean"}, "crossRust", "-platforms=linux/amd64")
	})
	for _, toolchain := range []struct {
		name, env string
		words     []string
	}{
		{"a toolchain that is not here", "RUSTUP_AUTO_INSTALL=0", []string{"1.75.0", "is not installed", "rustup toolchain install 1.75.0"}},
		{"rustup without its server", "RUSTUP_AUTO_INSTALL=1", []string{"1.75.0", "rustup's server was not reached"}},
	} {
		t.Run(toolchain.name, func(t *testing.T) {
			needTools(t, "rustup")
			c.unchanged(t)
			file := c.path("crates/rust-toolchain.toml")
			if _, err := os.Stat(file); err == nil {
				t.Fatal("the crate has a toolchain file now: the test no longer fits")
			}
			t.Cleanup(func() { _ = os.Remove(file) })
			c.write(t, "crates/rust-toolchain.toml", "[toolchain]\nchannel = \"1.75.0\"\n")
			c.with(toolchain.env, "RUSTUP_DIST_SERVER=http://127.0.0.1:9").refused(t, toolchain.words, "crossRust", "-platforms=darwin/arm64", "-with=zigbuild")
		})
	}
}

// TestForeignLock: a package-lock.json that npm wrote on another system without
// the native packages of this one (npm/cli#4828).
func TestForeignLock(t *testing.T) {
	c := images(t)
	c.unchanged(t)
	c.aside(t, "ui-src/node_modules")
	c.aside(t, "dist/ui")
	c.edit(t, "ui-src/package-lock.json", func(s string) string {
		lock := decode[map[string]any](t, s)
		packages, _ := lock["packages"].(map[string]any)
		for name := range packages {
			if strings.Contains(name, "linux-") {
				delete(packages, name)
			}
		}
		b, err := json.MarshalIndent(lock, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	})
	c.refused(t, []string{"npm ci", "native packages of this one", "run npm install"}, "buildUI")
}

// TestUntrustedServers: behind a proxy that looks into connections each tool
// wants the proxy's certificate by another name.
func TestUntrustedServers(t *testing.T) {
	c := images(t)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	for _, tool := range []struct {
		target string
		aside  []string
		env    []string
		word   string
	}{
		{"buildUI", []string{"dist/ui", "ui-src/node_modules"}, []string{"npm_config_fetch_retries=0", "npm_config_registry=" + server.URL, "npm_config_cache="}, "NODE_EXTRA_CA_CERTS"},
		{"wheels", []string{"dist/wheels"}, []string{"UV_DEFAULT_INDEX=" + server.URL, "UV_CACHE_DIR="}, "SSL_CERT_FILE"},
	} {
		t.Run(tool.target, func(t *testing.T) {
			c.unchanged(t)
			for _, rel := range tool.aside {
				c.aside(t, rel)
			}
			tool.env[len(tool.env)-1] += t.TempDir()
			c.with(tool.env...).refused(t, []string{"certificate is not trusted", tool.word}, tool.target)
		})
	}
}
