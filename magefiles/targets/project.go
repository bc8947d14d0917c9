package targets

import "os"

// thisProject says what this repository is. It is the only file that knows:
// another repository uses the packages beside it by writing its own.
func thisProject() project {
	const site = "/opt/noetl/lib/python3.13/site-packages"
	return project{
		Name:      "noetl",
		Title:     "NoETL",
		Image:     "noetl-local-dev",
		Source:    "https://github.com/noetl/noetl",
		Licence:   "MIT",
		EnvPrefix: "NOETL_",
		Version:   "0.1.0",
		Platforms: []string{"linux/amd64", "linux/arm64"},
		UI:        uiPart{Dir: "ui-src", Out: "noetl/core/ui", To: site + "/noetl/core/ui"},
		CLI: cliPart{
			Dir: "crates", Package: "noetlctl", Binary: "noetl", Glibc: "2.28", RustRuntime: true, MacOS: "11.0",
			Platforms: []string{
				"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64",
			},
			Into: []string{"bin", "noetl/bin"}, To: "/usr/local/bin",
			Archive: []string{"LICENSE", "README.md"}, Completions: "crates/noetlctl/completions",
		},
		Python: pythonPart{
			Project: ".", Package: "noetl", Lock: "requirements.lock", DevLock: "requirements-dev.lock",
			Version: "3.13", Minimum: "3.11", Tests: "tests/python", Site: site,
		},
		Tools: "scripts/tools.txt",
		Base: basePart{
			Suite: "trixie",
			Packages: []string{
				"base-files", "base-passwd", "ca-certificates", "netbase", "python3.13", "tzdata",
			},
			Lock: "docker/noetl/base.lock",
			// A public country mirror, for machines that have no apt sources of their own.
			Mirror:   "http://ftp.de.debian.org/debian",
			Security: "http://security.debian.org/debian-security",
		},
		Run: runPart{
			Entrypoint: []string{"noetl"},
			Command:    []string{"server", "start", "--host", "0.0.0.0"},
			User:       "noetl", UID: 10001, Home: "/home/noetl", Port: "8082/tcp",
			Env: []string{
				"LANG=C.UTF-8",
				"PYTHONPATH=" + site,
				"PYTHONDONTWRITEBYTECODE=1",
				"PYTHONUNBUFFERED=1",
				"NOETL_PYTHON=python3.13",
				"NOETL_HOST=0.0.0.0",      // also when somebody gives the command without --host
				"NOETL_START_TIMEOUT=600", // an engine that emulates needs minutes; orchestrators have limits of their own
			},
			RevisionEnv: "NOETL_REVISION",
		},
		Deploy: deployPart{
			Manifests: "docker/noetl/k8s", Overlay: "production", Local: "local",
			Namespace: "noetl", Name: "noetl", Label: [2]string{"app.kubernetes.io/name", "noetl"}, ServicePort: 80,
			Protected: []string{"*prod*", "*live*"},
		},
		Docker: dockerPart{
			File: "docker/noetl/dev/Dockerfile", VersionArg: "VERSION", RevisionArg: "REVISION", BaseArg: "BASE", CA: "ca",
			Args: []string{
				"BASE=docker.io/library/python:3.13-slim-trixie",
				"RUST_IMAGE=docker.io/library/rust:1-bookworm",
				"NODE_IMAGE=docker.io/library/node:22-bookworm-slim",
				"PYTHON_IMAGE=docker.io/library/python:3.13-slim-bookworm",
				"SITE=" + site,
				"GLIBC=2.28",
			},
			Emulated: "docker/noetl/emulated/Dockerfile",
			Others:   map[string]string{"noetl-pip": "docker/noetl/pip/Dockerfile"},
			Bake:     "docker/noetl/docker-bake.json",
		},
		Start: "server start",
	}
}

// environment is the one place that reads the process's environment; all else
// is given this function.
func environment(name string) string { return os.Getenv(name) }

// environ is the whole environment, for the tools that are run.
func environ() []string { return os.Environ() }
