//go:build e2e

package e2e

import (
	"os/exec"
	"testing"
	"time"
)

// TestOffline: without a network and with nothing downloaded before, each part
// says so within a minute; with everything there, no network is needed at all.
func TestOffline(t *testing.T) {
	needRoot(t)
	need(t, exec.Command("unshare", "--net", "true").Run() == nil, "network namespaces")
	c := images(t)
	offline := c.under("unshare", "--net")
	t.Run("warm", func(t *testing.T) {
		c.unchanged(t)
		offline.must(t, "images")
	})
	for _, cold := range []struct {
		name  string
		env   string // gets an empty folder
		aside []string
		words []string
		args  []string
	}{
		{"base", "UNUSED", []string{c.cache("debian")}, []string{"base", "mirror"}, []string{"images"}},
		{"wheels", "UV_CACHE_DIR", []string{"dist/wheels"}, []string{"network"}, []string{"wheels"}},
		{"ui", "npm_config_cache", []string{"dist/ui", "ui-src/node_modules"}, []string{"npm", "network"}, []string{"buildUI"}},
		{"cli", "CARGO_HOME", []string{"crates/target"}, []string{"network"}, []string{"crossRust", "-platforms=linux/amd64,linux/arm64"}},
		{"tools", "PIP_CACHE_DIR", []string{".tools"}, []string{"index", "network"}, []string{"bootstrap"}},
	} {
		t.Run(cold.name, func(t *testing.T) {
			c.unchanged(t)
			for _, rel := range cold.aside {
				c.aside(t, rel)
			}
			began := time.Now()
			offline.with(cold.env+"="+t.TempDir(), "npm_config_fetch_retries=0").refused(t, cold.words, cold.args...)
			if took := time.Since(began); took > 60*time.Second {
				t.Errorf("it took %s to see that there is no network", took)
			} else {
				t.Logf("refused after %.1f s", took.Seconds())
			}
		})
	}
}
