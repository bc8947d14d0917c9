package targets

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// fakes puts programs that can be found, but not run, on a PATH.
func fakes(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, xbuild.Host().Exe(name)), []byte("#!/bin/sh\nexit 9\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func byID(checks []check, id string) check {
	for _, c := range checks {
		if c.ID == id {
			return c
		}
	}
	return check{}
}

func TestCheckDocker(t *testing.T) {
	t.Parallel()
	const client = `{"Client":{"Version":"28.2.2"},"Server":null}`
	for _, tt := range []struct {
		name, stderr string
		asked        []string
		state        checkState
		cure         string
	}{
		{"stopped", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n", core(), stateInfo, "systemctl start docker"},
		{"denied", "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock\n", core(), stateWarning, "usermod -aG docker"},
		{"stopped, for e2e, which starts its own", "Cannot connect to the Docker daemon\n", []string{"e2e"}, stateInfo, "systemctl start docker"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j, rec, _ := testJob(t, map[string]string{"PATH": fakes(t, "docker")})
			j.host = xbuild.Platform{OS: "linux", Arch: "amd64"}
			rec.Reply = func(_ context.Context, c xbuild.Cmd) error {
				failed := &xbuild.ToolError{Cmd: c, Err: errors.New("exit status 1"), Output: "docker: unknown command: docker buildx\n"}
				if c.Args[0] == "version" {
					_, _ = c.Stdout.Write([]byte(client))
					_, _ = c.Stderr.Write([]byte(tt.stderr))
				}
				return failed
			}
			checks := j.checkDocker(t.Context(), tt.asked)
			if c := byID(checks, "docker"); c.State != stateOK || c.Found != "28.2.2" {
				t.Errorf("%+v", c)
			}
			if c := byID(checks, "docker.engine"); c.State != tt.state || !strings.Contains(c.Cure, tt.cure) {
				t.Errorf("%+v", c)
			}
			if c := byID(checks, "docker.buildx"); c.State != stateInfo || c.Problem == "" {
				t.Errorf("%+v", c)
			}
		})
	}
}

func TestCheckKubectl(t *testing.T) {
	t.Parallel()
	j, rec, _ := testJob(t, map[string]string{"PATH": fakes(t, "kubectl")})
	rec.Reply = func(_ context.Context, c xbuild.Cmd) error {
		if c.Args[0] == "config" {
			_, _ = c.Stdout.Write([]byte("kind-dev\n"))
			return nil
		}
		return &xbuild.ToolError{Cmd: c, Err: errors.New("exit status 1"), Output: "The connection to the server was refused\n"}
	}
	if checks := j.checkKubectl(t.Context(), "", core()); len(checks) != 2 || checks[1].Found != "kind-dev" || len(rec.Cmds()) != 1 {
		t.Errorf("%+v: the cluster is only asked for deploy", checks)
	}
	checks := j.checkKubectl(t.Context(), "deploy", []string{"deploy"})
	if c := byID(checks, "kubectl.cluster"); c.State != stateMissing || !strings.Contains(c.Problem, "refused") {
		t.Errorf("%+v", c)
	}
	j, _, _ = testJob(t, map[string]string{"PATH": t.TempDir()})
	for target, want := range map[string]checkState{"deploy": stateMissing, "images": stateInfo} {
		if c := j.checkKubectl(t.Context(), target, []string{target}); len(c) != 1 || c[0].State != want || c[0].Cure == "" {
			t.Errorf("%s: %+v", target, c)
		}
	}
}

func TestCheckDisk(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, map[string]string{"NOETL_CACHE": "cache"})
	for free, want := range map[int64]checkState{50e9: stateOK, 4e9: stateWarning, 9e8: stateMissing} {
		c := byID(j.checkDisk(func(string) (int64, error) { return free, nil }), "disk.project")
		if c.State != want || (c.Problem == "") != (want == stateOK) {
			t.Errorf("%d free: %+v", free, c)
		}
	}
	for _, c := range j.checkDisk(func(string) (int64, error) { return 0, errors.New("no such disk") }) {
		if c.State != stateWarning {
			t.Errorf("%+v", c)
		}
	}
}

func TestCheckBinaries(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	j.host = xbuild.Platform{OS: "linux", Arch: "amd64"}
	elf := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 200)...)
	elf[16], elf[20] = 2, 1
	for name, tt := range map[string]struct {
		content []byte
		state   checkState
		says    string
	}{
		"another machine's": {withMachine(elf, 183), stateWarning, "arm64 ELF"},
		"this machine's":    {withMachine(elf, 62), stateOK, ""},
		"a script":          {[]byte("#!/bin/sh\n"), stateWarning, "no program"},
		"none":              {nil, stateInfo, "not built"},
	} {
		file := filepath.Join(j.root, "bin", j.CLI.Binary)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(file)
		if tt.content != nil {
			if err := os.WriteFile(file, tt.content, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		c := byID(j.checkBinaries(), "binary.bin")
		if c.State != tt.state || !strings.Contains(c.Problem, tt.says) || (c.Cure == "") != (tt.state == stateOK) {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func withMachine(elf []byte, machine byte) []byte {
	out := append([]byte{}, elf...)
	out[18] = machine
	return out
}

func TestCheckRegistry(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/v2/mine/") && r.Method == http.MethodPost:
			w.Header().Set("Location", r.URL.Path+"upload")
			w.WriteHeader(http.StatusAccepted)
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	config := t.TempDir()
	text := `{"auths":{"` + host + `":{}},"credsStore":"gone"}`
	if err := os.WriteFile(filepath.Join(config, "config.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"PATH": t.TempDir(), "DOCKER_CONFIG": config}
	j, _, _ := testJob(t, env)
	if checks := j.checkRegistry(t.Context(), doctorFlags{}); checks != nil {
		t.Errorf("a registry is asked that nobody named: %+v", checks)
	}
	if checks := j.checkRegistry(t.Context(), doctorFlags{target: "images", registry: host + "/mine"}); byID(checks, "registry.push").State != stateOK ||
		!strings.Contains(byID(checks, "registry.credential").Problem, "docker-credential-gone") {
		t.Errorf("%+v", checks)
	}
	if c := byID(j.checkRegistry(t.Context(), doctorFlags{registry: host + "/theirs"}), "registry.push"); c.State != stateMissing || !strings.Contains(c.Problem, "docker login "+host) {
		t.Errorf("%+v", c)
	}
	env["NOETL_REGISTRY"] = host + "/theirs"
	if c := byID(j.checkRegistry(t.Context(), doctorFlags{}), "registry.push"); c.State != stateWarning {
		t.Errorf("%+v", c)
	}
	if checks := j.checkRegistry(t.Context(), doctorFlags{target: "wheels"}); checks != nil {
		t.Errorf("wheels are not pushed: %+v", checks)
	}
}

// TestCures: whatever the system, nobody is left alone with a missing tool.
func TestCures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ host, program, node, cargo string }{
		{"linux/amd64", "apt-get", "https://nodejs.org", pinnedAdvice},
		{"linux/amd64", "dnf", "dnf install -y nodejs", "dnf install -y cargo"},
		{"linux/arm64", "apk", "apk add nodejs", "apk add cargo"},
		{"linux/amd64", "", "https://nodejs.org", "https://rustup.rs"},
		{"darwin/arm64", "brew", "brew install node", "brew install rustup"},
		{"windows/amd64", "winget", "winget install --exact --id OpenJS.NodeJS.LTS", "winget install --exact --id Rustlang.Rustup"},
		{"windows/arm64", "scoop", "scoop install nodejs-lts", "scoop install rustup"},
	} {
		var programs []string
		if tt.program != "" {
			programs = append(programs, tt.program)
		}
		j, _, _ := testJob(t, map[string]string{"PATH": fakes(t, programs...)})
		var err error
		if j.host, err = xbuild.ParsePlatform(tt.host); err != nil {
			t.Fatal(err)
		}
		for _, tool := range append(j.tools(), j.docker(), j.kubectl()) {
			want := map[string]string{"node": tt.node, "cargo": tt.cargo}[tool.Name]
			got := strings.TrimPrefix(j.cure(tool), "sudo ")
			if want != "" && got != want || got == "" && neededFor(tool, core()) {
				t.Errorf("%s with %q: the cure for %s is %q, want %q", tt.host, tt.program, tool.Name, got, want)
			}
		}
	}
}
