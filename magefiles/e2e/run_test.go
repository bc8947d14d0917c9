//go:build e2e

package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// runtimeFacts is what a server says of itself.
type runtimeFacts struct {
	Platform struct{ Platform, Machine, Libc string }
	Python   struct{ Version string }
	Server   struct {
		Revision string
		UI       bool
	}
	CLI           struct{ Platform string }
	Distributions []struct {
		Name         string
		Native, Fits bool
		Modules      []struct {
			Path, Arch, Reason string
			Fits               bool
		}
	}
	Fits bool
}

var pushed struct {
	sync.Once
	result
}

// push publishes the image under two tags, once, and returns its repository.
func push(t *testing.T) string {
	t.Helper()
	c, address := images(t), registry(t)
	pushed.Do(func() {
		pushed.code = -1
		pushed.result = c.mage(t, "images", "-push", "-registry="+address+"/x", "-tag=t1,latest", "-output="+filepath.Join(world.temp, "pushed"))
	})
	if pushed.code != 0 {
		t.Fatalf("pushing: exit code %d\n%s", pushed.code, pushed.out)
	}
	return address + "/x/" + product
}

// TestPush: both tags are the digest that was built, and pushing again sends
// nothing.
func TestPush(t *testing.T) {
	repository := push(t)
	c := world.main
	text, err := os.ReadFile(filepath.Join(world.temp, "pushed.json"))
	if err != nil {
		t.Fatal(err)
	}
	made := decode[built](t, string(text))
	if len(made.Tags) != 2 || made.Digest != c.result(t).Digest {
		t.Errorf("pushed as %s with the tags %v, want %s and two", made.Digest, made.Tags, c.result(t).Digest)
	}
	for _, tag := range []string{"t1", "latest"} {
		got := decode[built](t, c.jsonOf(t, "manifest", "-json", "-image="+repository+":"+tag))
		if got.Digest != made.Digest {
			t.Errorf("tag %s is %s, and %s was built", tag, got.Digest, made.Digest)
		}
	}
	again := c.must(t, "images", "-push", "-registry="+registry(t)+"/x", "-tag=t1,latest", "-output="+filepath.Join(t.TempDir(), "again"))
	if !strings.Contains(again.out, " 0 B sent") {
		t.Errorf("pushing the same again sent something:\n%s", again.out)
	}
}

// TestRun: both images run in a real engine, one of them emulated, with a
// read-only root and as an ordinary user, and find that all in them fits.
func TestRun(t *testing.T) {
	for _, platform := range platforms() {
		t.Run(platform, func(t *testing.T) {
			emulation(t, platform)
			id, base := container(t, "--platform", platform, "--read-only", push(t)+":t1")
			began := time.Now()
			healthy(t, base, 6*time.Minute) // emulated, Python needs a minute for what takes a second
			t.Logf("healthy after %.1f s", time.Since(began).Seconds())
			checkFacts(t, getJSON[runtimeFacts](t, base+"/api/runtime"), platform)
			if user := docker(t, "inspect", "--format", "{{.Config.User}}", id); user == "" || user == "0" || user == "root" {
				t.Errorf("it runs as %q", user)
			}
			if out := docker(t, "exec", id, "noetl", "version"); !strings.Contains(out, "0.1.0") || !strings.Contains(out, platform) {
				t.Errorf("noetl version says %q", out)
			}
			seesUI(t, base, platform, strings.TrimPrefix(platform, "linux/"))
			stops(t, id)
		})
	}
}

func checkFacts(t *testing.T, facts runtimeFacts, platform string) {
	t.Helper()
	if facts.Platform.Platform != platform || facts.CLI.Platform != platform {
		t.Errorf("it says that it is %q, started by a CLI for %q; want %s", facts.Platform.Platform, facts.CLI.Platform, platform)
	}
	if !facts.Fits || !facts.Server.UI || !strings.HasPrefix(facts.Python.Version, "3.13.") {
		t.Errorf("fits: %v, UI: %v, Python %s", facts.Fits, facts.Server.UI, facts.Python.Version)
	}
	native := 0
	for _, d := range facts.Distributions {
		if !d.Fits {
			t.Errorf("%s does not fit: %+v", d.Name, d.Modules)
		}
		if d.Native {
			native++
		}
	}
	if native < 4 {
		t.Errorf("%d distributions with native modules of %d: the check has not looked", native, len(facts.Distributions))
	}
}

// stops asks the container to end; the engine kills it after ten seconds, which
// would show as exit code 137.
func stops(t *testing.T, id string) {
	t.Helper()
	began := time.Now()
	docker(t, "stop", "--time", "10", id)
	took := time.Since(began)
	code := docker(t, "inspect", "--format", "{{.State.ExitCode}}", id)
	if took > 8*time.Second || code != "0" {
		t.Errorf("SIGTERM ended it after %s with exit code %s", took, code)
	}
	t.Logf("ended %.1f s after SIGTERM", took.Seconds())
}

// TestLoad: the image of the engine's own platform, loaded instead of pushed,
// with the command spelled out.
func TestLoad(t *testing.T) {
	docker := engine(t)
	images(t).with(docker...).must(t, "images", "-load", "-tag=e2e")
	t.Cleanup(func() { _, _ = dockerTry(t, "rmi", "--force", product+":e2e") })
	_, base := container(t, product+":e2e", "server", "start", "--host", "0.0.0.0")
	err := await(t.Context(), time.Minute, func(ctx context.Context) error {
		body, err := get(ctx, base+"/api/health")
		if err == nil && !strings.Contains(body, `"ok"`) {
			err = errors.New(body)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
