package targets

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/noetl/noetl/magefiles/xbuild"
)

func (j *job) docker() xbuild.Tool {
	return xbuild.Tool{
		Name: "docker", Why: "runs images", NeededBy: []string{"images -load", "images -engine=buildx", "crossRust -with=cross", "e2e"},
		Install: map[string]string{
			"apt": "docker.io", "dnf": "moby-engine docker-cli", "apk": "docker", "brew": "--cask docker-desktop",
			"winget": "Docker.DockerDesktop", "": "https://docs.docker.com/get-started/get-docker",
		},
	}
}

func (j *job) kubectl() xbuild.Tool {
	return xbuild.Tool{
		Name: "kubectl", Why: "talks to the cluster", NeededBy: []string{"deploy"},
		Install: map[string]string{
			"apk": "kubectl", "brew": "kubernetes-cli", "winget": "Kubernetes.kubectl", "scoop": "kubectl",
			"": "https://kubernetes.io/docs/tasks/tools",
		},
	}
}

// checkDocker asks the tool, its engine, its plug-in and the kernel. None of
// the targets that everybody runs needs any of them.
func (j *job) checkDocker(ctx context.Context, asked []string) []check {
	tool := j.docker()
	client := check{ID: "docker", Section: sectionContainers, Title: "docker", State: stateOK, Why: tool.Why, NeededBy: tool.NeededBy}
	kernel := j.checkEmulation()
	path, err := j.locate(tool)
	if err != nil {
		client.Cure = j.cure(tool)
		return append([]check{client.lacks(notFound(tool), asked)}, kernel...)
	}
	client.Where = path
	engine, err := xbuild.AskEngine(ctx, j.run, path)
	client.Found = engine.Client
	if client.Found == "" {
		return append([]check{client.lacks(silence(ctx, err), asked)}, kernel...)
	}
	return append([]check{client, j.checkEngine(ctx, engine, err, asked), j.checkBuildx(ctx, path, asked)}, append(j.checkBuilders(ctx, path), kernel...)...)
}

func silence(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return "it does not answer"
	}
	return err.Error()
}

// checkEngine tells an engine that is not running from one that this user may
// not talk to.
func (j *job) checkEngine(ctx context.Context, e xbuild.Engine, err error, asked []string) check {
	c := check{
		ID: "docker.engine", Section: sectionContainers, Title: "container engine", State: stateOK, Why: "loads and runs images",
		NeededBy: []string{"images -load", "crossRust -with=cross"},
	} // e2e starts one of its own
	if err == nil {
		c.Found = e.Server + " " + e.Platform
		return c
	}
	c.Cure = engineCure(j.host.OS, err)
	c = c.lacks(silence(ctx, err), asked)
	if errors.Is(err, xbuild.ErrEngineDenied) && c.State == stateInfo {
		c.State = stateWarning // it is there, and meant to be used
	}
	return c
}

// engineCure is what makes an engine answer.
func engineCure(goos string, err error) string {
	switch {
	case errors.Is(err, xbuild.ErrEngineDenied) && goos == "linux":
		return `sudo usermod -aG docker "$USER", then log out and in again`
	case errors.Is(err, xbuild.ErrEngineDenied):
		return "run it as a user who may use the engine"
	case !errors.Is(err, xbuild.ErrEngineStopped):
		return ""
	case goos == "linux":
		return "sudo systemctl start docker"
	case goos == "darwin":
		return "open -a Docker"
	}
	return "start Docker Desktop"
}

func buildxTool() xbuild.Tool {
	return xbuild.Tool{Name: "docker buildx", Why: "builds Dockerfiles for several platforms", Install: map[string]string{
		"dnf": "docker-buildx", "apk": "docker-cli-buildx", "brew": "docker-buildx", "": "https://github.com/docker/buildx#installing",
	}}
}

func (j *job) checkBuildx(ctx context.Context, docker string, asked []string) check {
	tool := buildxTool()
	c := check{
		ID: "docker.buildx", Section: sectionContainers, Title: tool.Name, State: stateOK, Why: "builds Dockerfiles for several platforms",
		NeededBy: []string{"images -engine=buildx"},
	}
	var err error
	if c.Found, err = xbuild.BuildxVersion(ctx, j.run, docker); err != nil {
		c.Cure = j.cure(tool)
		return c.lacks(silence(ctx, err), asked)
	}
	return c
}

// checkEmulation asks Linux which foreign programs it can run. Elsewhere that
// is the engine's virtual machine's to know.
func (j *job) checkEmulation() []check {
	if j.host.OS != "linux" {
		return nil
	}
	c := check{
		ID: "binfmt", Section: sectionContainers, Title: "emulation (binfmt)", State: stateOK,
		Why: "runs images of other architectures", NeededBy: []string{"e2e"},
	}
	archs, err := xbuild.Emulated(os.DirFS(xbuild.BinfmtDir))
	c.Found = strings.Join(archs, " ")
	switch {
	case err != nil:
		c.Cure = "sudo mount -t binfmt_misc binfmt_misc " + xbuild.BinfmtDir
		c = c.lacks(err.Error(), nil) // e2e does that itself
	case archs == nil:
		c.Cure = j.cure(xbuild.Tool{Install: map[string]string{
			"apt": "qemu-user-static binfmt-support", "dnf": "qemu-user-static", "": "docker run --privileged --rm tonistiigi/binfmt --install all",
		}})
		c = c.lacks("the kernel has no emulator registered", nil)
	}
	return []check{c}
}

// checkKubectl says where kubectl would go. Only a target that will go there
// asks the cluster itself.
func (j *job) checkKubectl(ctx context.Context, target string, asked []string) []check {
	tool := j.kubectl()
	c := check{ID: "kubectl", Section: sectionContainers, Title: "kubectl", State: stateOK, Why: tool.Why, NeededBy: tool.NeededBy, Found: "yes"}
	var err error
	if c.Where, err = j.locate(tool); err != nil {
		c.Found, c.Cure = "", j.cure(tool)
		return []check{c.lacks(notFound(tool), asked)}
	}
	where := check{ID: "kubectl.context", Section: sectionContainers, Title: "kubectl's context", State: stateOK, Why: "the cluster that is talked to", NeededBy: tool.NeededBy}
	if where.Found, err = xbuild.KubeContext(ctx, j.run, c.Where); err != nil {
		where.Cure = "kubectl config use-context NAME (kubectl config get-contexts lists them)"
		return []check{c, where.lacks(silence(ctx, err), asked)}
	}
	if target != "deploy" {
		return []check{c, where}
	}
	cluster := check{ID: "kubectl.cluster", Section: sectionContainers, Title: "cluster", State: stateOK, Why: "has to answer", NeededBy: tool.NeededBy}
	if cluster.Found, err = xbuild.KubeVersion(ctx, j.run, c.Where); err != nil {
		cluster.Cure = "is it running, and are your credentials still good? kubectl cluster-info"
		cluster = cluster.lacks(silence(ctx, err), asked)
	}
	return []check{c, where, cluster}
}
