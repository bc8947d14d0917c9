//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// taskVersion is one that the Go module proxy has whole.
const taskVersion = "v3.44.1"

// task is the real one.
func task(t *testing.T) string {
	t.Helper()
	dir, err := kept("task-"+taskVersion, func(dir string) error {
		cmd := exec.Command("nice", "go", "install", "github.com/go-task/task/v3/cmd/task@"+taskVersion)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOBIN="+dir, "GOFLAGS=-trimpath")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Logf("%s", out)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "task")
}

// wrapped is a folder with the wrappers, in which go and docker write down how
// they were called instead of doing it. Its path needs quoting.
func wrapped(t *testing.T) (dir string, env []string) {
	t.Helper()
	top := t.TempDir()
	dir = filepath.Join(top, "mein 'Ordner' ü")
	for _, name := range []string{"Taskfile.yml", "docker/build-noetl-images.sh", "scripts/setup_local_dev.sh"} {
		text, err := os.ReadFile(filepath.Join(world.repo, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name), string(text))
	}
	put(t, filepath.Join(dir, ".tools/py/.installed-key"), "")
	for _, name := range []string{"go", "docker"} {
		put(t, filepath.Join(top, "bin", name), "#!/bin/sh\nprintf '%s' "+name+"\nprintf ' [%s]' \"$@\"\necho\nexit ${STATUS:-0}\n")
	}
	put(t, filepath.Join(top, "bin", "git"), "#!/bin/sh\ncase $1 in log) echo 1700000000 ;; *) echo 0123456 ;; esac\n")
	env = []string{"PATH=" + filepath.Join(top, "bin") + ":/usr/bin:/bin", "HOME=" + top}
	return dir, env
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// runIn runs a program and returns what it printed and its exit code.
func runIn(t *testing.T, dir string, env []string, line ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir, cmd.Env = dir, env
	var out, words strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &words
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), words.String(), cmd.ProcessState.ExitCode()
}

// TestBuildScript: each flag of the script is one of the target.
func TestBuildScript(t *testing.T) {
	t.Parallel()
	dir, env := wrapped(t)
	for _, c := range []struct{ args, want string }{
		{"", "go [tool] [mage] [images]\n"},
		{"--platforms linux/arm64", "go [tool] [mage] [images] [-platforms=linux/arm64]\n"},
		{"--platforms=linux/arm64 --tag=a,b --plain --no-pip", "go [tool] [mage] [images] [-platforms=linux/arm64] [-tag=a,b]\n"},
		{"--push --registry ghcr.io/x", "go [tool] [mage] [images] [-registry=ghcr.io/x] [-push]\n"},
		{"--use-buildx --no-pip --tag t1", "go [tool] [mage] [images] [-engine=buildx] [-tag=t1]\n"},
	} {
		stdout, stderr, code := runIn(t, t.TempDir(), env, append([]string{filepath.Join(dir, "docker", "build-noetl-images.sh")}, strings.Fields(c.args)...)...)
		if stdout != c.want || code != 0 {
			t.Errorf("%q: exit code %d, it calls\n%s%s\nwant\n%s", c.args, code, stdout, stderr, c.want)
		}
	}
	stdout, _, code := runIn(t, dir, append(env, "NOETL_BUILD_ARG=A=1;B=two words"), "docker/build-noetl-images.sh",
		"--use-buildx", "--no-local-dev", "--platforms", "linux/amd64", "--push", "--registry", "r/x", "--tag", "a,b")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != 0 || len(lines) != 3 {
		t.Fatalf("noetl-pip: exit code %d\n%s", code, stdout)
	}
	for i, want := range []string{
		"[--build-arg] [A=1] [--build-arg] [B=two words] [--output] [type=oci,dest=dist/images/noetl-pip.tar]", "[audit]",
		"[--tag] [r/x/noetl-pip:a] [--tag] [r/x/noetl-pip:b] [--push]",
	} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("noetl-pip: call %d is\n%s\nwithout\n%s", i+1, lines[i], want)
		}
	}
}

// TestBuildScriptRefuses: what it does not know is no build, and exit code 2.
func TestBuildScriptRefuses(t *testing.T) {
	t.Parallel()
	dir, env := wrapped(t)
	for args, words := range map[string]string{
		"--platform linux/amd64":               "no flag --platform",
		"linux/amd64":                          "no flag linux/amd64",
		"--platforms":                          "--platforms needs a value",
		"--platforms --push":                   "--platforms needs a value",
		"--tag=":                               "--tag needs a value",
		"--push":                               "--push needs --registry",
		"--push=yes":                           "no flag --push=yes",
		"--no-local-dev":                       "needs --use-buildx",
		"--use-buildx --no-local-dev --no-pip": "nothing is left",
	} {
		stdout, stderr, code := runIn(t, dir, env, append([]string{"docker/build-noetl-images.sh"}, strings.Fields(args)...)...)
		if code != 2 || stdout != "" || !strings.Contains(stderr, words) || !strings.Contains(stderr, "usage: ") {
			t.Errorf("%q: exit code %d, %q on stdout, it says\n%s", args, code, stdout, stderr)
		}
	}
	if _, _, code := runIn(t, dir, append(env, "STATUS=3"), "docker/build-noetl-images.sh"); code != 3 {
		t.Errorf("mage's exit code 3 becomes %d", code)
	}
	stdout, _, code := runIn(t, dir, env, "docker/build-noetl-images.sh", "--help")
	for _, flag := range []string{"--platforms", "--use-buildx", "--push", "--registry", "--tag", "--plain", "--no-pip", "--no-local-dev", "--help"} {
		if code != 0 || !strings.Contains(stdout, "  "+flag+" ") {
			t.Errorf("--help: exit code %d, without %s:\n%s", code, flag, stdout)
		}
	}
}

// TestTask: the tasks that people have in their fingers, by the real task, with
// what is after -- passed on word by word.
func TestTask(t *testing.T) {
	t.Parallel()
	program := task(t)
	dir, env := wrapped(t)
	const build = "go [tool] [mage] [images] [-platforms=linux/amd64,linux/arm64] [-registry=ghcr.io/noetl] [-push]\n"
	flags := []string{"--", "--platforms", "linux/amd64,linux/arm64", "--push", "--registry", "ghcr.io/noetl"}
	for _, c := range []struct {
		args []string
		want string
	}{
		{append([]string{"docker-build-noetl"}, flags...), build},
		{append([]string{"dbn"}, flags...), build},
		{[]string{"dbn"}, "go [tool] [mage] [images]\n"},
		{[]string{"deploy-noetl", "--", "-image=x", "-context=two words"}, "go [tool] [mage] [deploy] [-image=x] [-context=two words]\n"},
		{[]string{"dn"}, "go [tool] [mage] [deploy]\n"},
		{[]string{"setup-local-dev", "--", "-ui=false"}, "go [tool] [mage] [setupLocalDev] [-ui=false]\n"},
		{[]string{"noetl:image-build", "--", "-engine=oci", "-load"}, "go [tool] [mage] [images] [-engine=oci] [-load]\n"},
	} {
		stdout, stderr, code := runIn(t, dir, env, slices.Concat([]string{program, "--silent"}, c.args)...)
		if stdout != c.want || code != 0 {
			t.Errorf("task %q: exit code %d, it calls\n%s%s\nwant\n%s", c.args, code, stdout, stderr, c.want)
		}
	}
	if _, _, code := runIn(t, dir, env, program, "dbn", "--", "--nonsense"); code == 0 {
		t.Error("a flag that the script refuses is a success of the task")
	}
}

// TestShellcheck: of the scripts of this repository, those in images too.
func TestShellcheck(t *testing.T) {
	t.Parallel()
	needTools(t, "shellcheck")
	var scripts []string
	for _, pattern := range []string{"docker/*.sh", "scripts/*.sh", "docker/noetl/lib/*"} {
		found, err := filepath.Glob(filepath.Join(world.repo, pattern))
		if err != nil || found == nil {
			t.Fatalf("%s: nothing found, %v", pattern, err)
		}
		scripts = append(scripts, found...)
	}
	scripts = slices.DeleteFunc(scripts, func(name string) bool { return strings.HasSuffix(name, ".py") })
	if err := tell("shellcheck", scripts...); err != nil {
		t.Error(err)
	}
}
