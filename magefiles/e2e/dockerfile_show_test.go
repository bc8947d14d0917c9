//go:build e2e

package e2e

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// withBuildx is the main clone, and a daemon that has built the Dockerfiles and
// gives what it builds to the engine, as Docker's own does.
func withBuildx(t *testing.T) checkout {
	t.Helper()
	env := buildx(t)
	dockerIn(t, env, "buildx", "create", "--name", "show", "--driver", "remote", "--driver-opt", "default-load=true", "--use", buildkits(t, 1)[0])
	c := images(t).with(env...)
	return c.with("NOETL_BUILD_ARG=" + strings.Join(standIns(t), ";"))
}

// typed runs a line as a person types it, in the clone.
func (c checkout) typed(t *testing.T, line ...string) string {
	t.Helper()
	began := time.Now()
	stdout, stderr, code := runIn(t, c.dir, c.env, line...)
	if code != 0 {
		t.Fatalf("%q: exit code %d\n%s%s", line, code, stdout, stderr)
	}
	t.Logf("%q: %.0f s", line, time.Since(began).Seconds())
	return stdout + stderr
}

// TestDockerBuild: docker build for this machine's platform, without mage, and
// the container of the README on the port that it says.
func TestDockerBuild(t *testing.T) {
	c := withBuildx(t).with(engine(t)...)
	line := []string{"docker", "build", "-t", product, "-f", devFile}
	for _, arg := range standIns(t) {
		line = append(line, "--build-arg", arg)
	}
	if ca := os.Getenv("SSL_CERT_FILE"); ca != "" {
		line = append(line, "--secret", "id=ca,src="+ca)
	}
	c = c.with("BUILDX_BUILDER=show")
	c.typed(t, append(line, ".")...)
	t.Cleanup(func() { _, _ = dockerTry(t, "rmi", "--force", product+":latest") })
	_, base := container(t, product+":latest", "server", "start")
	healthy(t, base, time.Minute)
	checkFacts(t, getJSON[runtimeFacts](t, base+"/api/runtime"), "linux/"+runtime.GOARCH)
}

// TestBuildScriptForReal: the script with each of its flags, a real builder and
// a real registry: both images, audited and pushed.
func TestBuildScriptForReal(t *testing.T) {
	c := withBuildx(t)
	c.unchanged(t)
	c.aside(t, "dist/images")
	c.typed(t, "docker/build-noetl-images.sh", "--platforms", "linux/amd64,linux/arm64", "--use-buildx", "--push",
		"--registry", registry(t)+"/noetl", "--tag", "t1", "--plain")
	for _, name := range []string{product, "noetl-pip"} {
		got := decode[built](t, c.jsonOf(t, "manifest", "-json", "-image="+registry(t)+"/noetl/"+name+":t1"))
		if len(got.Platforms) != 2 || got.Platforms[0].Platform != "linux/amd64" || got.Platforms[1].Platform != "linux/arm64" {
			t.Errorf("%s: it has %+v", name, got.Platforms)
		}
		c.says(t, "everything is there", "manifest", "-verify", "-image="+registry(t)+"/noetl/"+name+":t1")
	}
}

// TestTaskForReal: the task with the real mage, for one platform.
func TestTaskForReal(t *testing.T) {
	c := images(t)
	program := task(t)
	c.unchanged(t)
	c.aside(t, "dist/images")
	out := c.typed(t, program, "docker-build-noetl", "--", "--platforms", "linux/arm64")
	if !strings.Contains(out, "linux/arm64") || strings.Contains(out, "linux/amd64") {
		t.Errorf("it has built\n%s", out)
	}
	if made := c.result(t); len(made.Platforms) != 1 || made.Platforms[0].Platform != "linux/arm64" {
		t.Errorf("it has built %+v", made.Platforms)
	}
}
