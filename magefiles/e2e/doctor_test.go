//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// doctorSays is doctor's JSON: its names are a promise.
type doctorSays struct {
	Host              string
	PackageManager    string `json:"package_manager"`
	OK                bool
	Missing, Warnings int
	Error             string
	Checks            []doctorCheck
}

type doctorCheck struct {
	ID, Section, Title, State, Found, Where, Wanted, Why, Problem, Cure string
	NeededBy                                                            []string `json:"needed_by"`
}

func (d doctorSays) check(id string) doctorCheck {
	for _, c := range d.Checks {
		if c.ID == id {
			return c
		}
	}
	return doctorCheck{}
}

// bootstrapped is the fresh clone with the tools that it brings along.
func bootstrapped(t *testing.T) checkout {
	t.Helper()
	world.main.must(t, "bootstrap")
	return world.main
}

// doctor runs it with -json; what is not JSON goes to standard error.
func (c checkout) doctor(t *testing.T, code int, args ...string) doctorSays {
	t.Helper()
	cmd := c.command(t.Context(), append([]string{"doctor", "-json"}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, _ := cmd.Output()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("doctor -json %v: exit code %d, want %d\n%s%s", args, got, code, out, stderr.String())
	}
	return decode[doctorSays](t, string(out))
}

// TestDoctor: where bootstrap has been, nothing is missing.
func TestDoctor(t *testing.T) {
	c := bootstrapped(t)
	r := c.says(t, "nothing is missing", "doctor")
	t.Logf("doctor: %.2f s", r.took.Seconds())
	for line := range strings.Lines(strings.SplitN(r.out, "\nworth a look", 2)[0]) {
		if strings.HasPrefix(line, "not there, and not needed") {
			break
		}
		if len(line) > 81 {
			t.Errorf("wider than 80 columns: %s", line)
		}
	}
	d := c.doctor(t, 0)
	if !d.OK || d.Missing != 0 || d.Error != "" || d.Host == "" {
		t.Errorf("%+v", d)
	}
	for _, id := range []string{"tool.node", "tool.uv", "rust.toolchain.0", "rust.linux-arm64", "docker", "kubectl", "disk.project", "binary.bin"} {
		if got := d.check(id); got.Title == "" || got.State == "" {
			t.Errorf("%s is not looked at: %+v", id, got)
		}
	}
	if got := d.check("tool.node"); !strings.Contains(c.read(t, "ui-src/package.json"), `"`+got.Wanted+`"`) {
		t.Errorf("node is wanted as %q, which package.json does not say", got.Wanted)
	}
	if wheels := c.doctor(t, 0, "-target=wheels"); wheels.check("tool.uv").State != "ok" || wheels.check("tool.node").ID != "" {
		t.Errorf("%+v", wheels)
	}
	c.refused(t, []string{`"imgaes"`, "images"}, "doctor", "-target=imgaes")
	if d := c.doctor(t, 1, "-target=imgaes"); d.OK || !strings.Contains(d.Error, "imgaes") {
		t.Errorf("%+v", d)
	}
}

// TestDoctorMisses: what is not there is told with the line that gets it, and
// only fails where it is needed.
func TestDoctorMisses(t *testing.T) {
	c := bootstrapped(t).without(t, "npm", "kubectl")
	d := c.doctor(t, 1)
	if npm := d.check("tool.npm"); npm.State != "missing" || npm.Cure == "" {
		t.Errorf("%+v", npm)
	}
	if kubectl := d.check("kubectl"); kubectl.State != "info" || kubectl.Cure == "" {
		t.Errorf("%+v", kubectl)
	}
	if wheels := c.doctor(t, 0, "-target=wheels"); !wheels.OK {
		t.Errorf("wheels need no npm: %+v", wheels)
	}
	if deploy := c.doctor(t, 1, "-target=deploy"); deploy.check("kubectl").State != "missing" {
		t.Errorf("%+v", deploy)
	}
}

// TestDoctorForeignBinary: a checkout that came from another machine.
func TestDoctorForeignBinary(t *testing.T) {
	c := bootstrapped(t)
	name := c.path("bin/noetl")
	if _, err := os.Stat(name); err == nil {
		c.aside(t, "bin/noetl")
	}
	source := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", name, source)
	build.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { _ = os.Remove(name) })
	got := c.doctor(t, 0).check("binary.bin")
	if got.State != "warning" || got.Found != "arm64 Mach-O" || !strings.Contains(got.Cure, "setupLocalDev") {
		t.Errorf("%+v", got)
	}
}

// TestDoctorHangingTool: a docker that never answers does not keep anybody.
func TestDoctorHangingTool(t *testing.T) {
	c := bootstrapped(t)
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "docker"), []byte("#!/bin/sh\nsleep 600\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c = c.with("PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"))
	began := time.Now()
	if got := c.doctor(t, 0).check("docker"); got.State != "info" || got.Problem != "it does not answer" {
		t.Errorf("%+v", got)
	}
	if took := time.Since(began); took > 5*time.Minute { // it would be ten
		t.Errorf("it was waited for: %s", took)
	}
}
