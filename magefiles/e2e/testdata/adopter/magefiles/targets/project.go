package targets

import "os"

// thisProject says what this repository is; shape.go explains every field.
func thisProject() project {
	const site = "/opt/tide/packages"
	return project{
		Name: "tidewatch", Title: "Tidewatch", Image: "tide-station",
		Source: "https://git.example.com/tidewatch/tidewatch", Licence: "Apache-2.0",
		EnvPrefix: "TIDE_", Version: "7.3.0",
		Platforms: []string{"linux/amd64", "linux/arm64"},
		UI:        uiPart{Dir: "web", Out: "var/www", To: "/opt/tide/pages"},
		CLI: cliPart{
			Dir: "cli", Package: "gauge", Binary: "tide", Glibc: "2.28", MacOS: "11.0",
			Platforms: []string{"darwin/arm64", "linux/amd64", "linux/arm64"},
			Into:      []string{"var/bin"}, To: "/usr/local/bin", Archive: []string{"LICENCE.txt"},
		},
		Python: pythonPart{
			Project: "service", Package: "tide-service", Lock: "service/locked.txt",
			Version: "3.13", Minimum: "3.11", Site: site,
		},
		Tools: "build/tools.txt",
		Base: basePart{
			Suite:    "trixie",
			Packages: []string{"base-files", "base-passwd", "ca-certificates", "netbase", "python3.13", "tzdata"},
			Lock:     "build/base.lock",
			Mirror:   "http://ftp.de.debian.org/debian", Security: "http://security.debian.org/debian-security",
		},
		Run: runPart{
			Entrypoint: []string{"tide"}, Command: []string{"serve"},
			User: "tide", UID: 20001, Home: "/var/lib/tide", Port: "9470/tcp",
			Env: []string{
				"PYTHONPATH=" + site, "PYTHONDONTWRITEBYTECODE=1", "TIDE_PYTHON=python3.13",
				"TIDE_BIND=0.0.0.0", "TIDE_PAGES=/opt/tide/pages",
			},
			RevisionEnv: "TIDE_REVISION",
		},
		Start: "serve",
	}
}

// environment is the one place that reads the process's environment.
func environment(name string) string { return os.Getenv(name) }

// environ is the whole environment, for the tools that are run.
func environ() []string { return os.Environ() }
