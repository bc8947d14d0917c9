package targets

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// checkRegistry asks whether this user may push, if it was said where to. An
// upload is opened and dropped: nothing gets into the registry.
func (j *job) checkRegistry(ctx context.Context, f doctorFlags) []check {
	registry := j.setting(f.registry, "REGISTRY", "")
	push := []string{"images -push"}
	if registry == "" || !concerns(push, f.target) && f.registry == "" {
		return nil
	}
	c := check{ID: "registry.push", Section: sectionRegistry, Title: "push permission", State: stateOK, Found: "yes", Why: "to " + registry, NeededBy: push}
	ref, err := oci.Reference(registry, j.Image, "latest")
	if err == nil {
		err = oci.CheckPushPermission(ctx, []string{ref}, j.remote())
	}
	if err != nil {
		c.Found, c.State, c.Problem = "no", stateWarning, silence(ctx, err)
		if f.registry != "" { // it was asked for now, not left in the environment
			c.State = stateMissing
		}
	}
	return []check{j.checkCredential(registry), c}
}

// checkCredential says whether Docker's configuration has an entry for the
// registry, and who keeps it. It reads no secret.
func (j *job) checkCredential(registry string) check {
	host, _, _ := strings.Cut(registry, "/")
	c := check{ID: "registry.credential", Section: sectionRegistry, Title: "credentials", State: stateOK, Why: "for " + host, NeededBy: []string{"images -push"}}
	dir := j.env("DOCKER_CONFIG")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			c.State, c.Problem = stateWarning, err.Error()
			return c
		}
		dir = filepath.Join(home, ".docker")
	}
	c.Where = filepath.Join(dir, "config.json")
	config, err := os.ReadFile(c.Where)
	if os.IsNotExist(err) {
		config, err = []byte("{}"), nil
	}
	var cred xbuild.Credential
	if err == nil {
		cred, err = xbuild.DockerCredential(config, host)
	}
	helper := "docker-credential-" + cred.Helper
	switch {
	case err != nil:
		c.State, c.Problem = stateWarning, err.Error()
	case !cred.Known:
		c.State, c.Problem, c.Cure = stateInfo, "there are none for "+host, "docker login "+host
	case cred.Helper == "":
		c.Found = "in the file"
	default:
		c.Found = "by " + helper
		if _, err := j.look()(helper); err != nil {
			c.State, c.Problem = stateWarning, helper+", which has the credentials for "+host+", is not there"
			c.Cure = "install it, or remove its name from " + c.Where + " and log in anew: docker login " + host
		}
	}
	return c
}
