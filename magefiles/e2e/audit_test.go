//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// audited is what audit -json prints, as far as the tests look.
type audited struct {
	Platforms []struct {
		Platform string
		Stats    struct{ Files, Binaries, Layers int }
	}
	Findings []struct{ ID, Severity, Platform, Path, Layer, Cure string }
}

// worst counts errors and warnings.
func (a audited) worst() (errors, warnings int) {
	for _, f := range a.Findings {
		switch f.Severity {
		case "error":
			errors++
		case "warning":
			warnings++
		}
	}
	return errors, warnings
}

// TestAuditPlantedWheel: a library of amd64's that somebody put into the folder
// of arm64's packages stops the push, and is named with its layer and a cure.
func TestAuditPlantedWheel(t *testing.T) {
	c, address := images(t), registry(t)
	c.unchanged(t)
	var library string
	for _, pattern := range []string{"*.so", "*/*.so", "*/*/*.so"} {
		if found, _ := filepath.Glob(c.path("dist/wheels/linux-amd64/" + pattern)); len(found) > 0 {
			library = found[0]
		}
	}
	b, err := os.ReadFile(library)
	if err != nil {
		t.Fatal(err)
	}
	planted := c.path("dist/wheels/linux-arm64/planted.so")
	t.Cleanup(func() { _ = os.Remove(planted) })
	if err := os.WriteFile(planted, b, 0o644); err != nil {
		t.Fatal(err)
	}
	c.refused(t, []string{"dist/wheels/linux-arm64/planted.so", "python packages, native", "x86-64", "cure: "},
		"images", "-push", "-registry="+address+"/planted")
	if found := tags(t, "planted/"+product); len(found) > 0 {
		t.Errorf("it was pushed all the same, as %v", found)
	}
}

// TestAuditSources: our own image passes wherever it lies, with all platforms
// that are there; and what is not an image can be audited, too.
func TestAuditSources(t *testing.T) {
	c, address := images(t), registry(t)
	needTools(t, "skopeo")
	layout, dir := c.path("dist/images/"+product), t.TempDir()
	skopeo := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("skopeo", append([]string{"--insecure-policy"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("skopeo %v: %v\n%s", args, err, out)
		}
	}
	docker, archive, ref := filepath.Join(dir, "saved.tar"), filepath.Join(dir, "oci.tar"), address+"/audited/"+product+":1"
	skopeo("--override-arch=arm64", "copy", "oci:"+layout, "docker-archive:"+docker+":app:1")
	skopeo("copy", "--all", "oci:"+layout, "oci-archive:"+archive)
	skopeo("copy", "--all", "--dest-tls-verify=false", "oci:"+layout, "docker://"+ref)
	wheels, err := filepath.Glob(c.path("dist/wheels/noetl/*.whl"))
	if err != nil || len(wheels) == 0 {
		t.Fatalf("no wheel of our own: %v", err)
	}
	for _, source := range []struct {
		name, image, platform string
		want                  string
	}{
		{"layout", layout, "", "linux/amd64 linux/arm64"},
		{"one of a layout", layout, "linux/arm64", "linux/arm64"},
		{"archive of docker save", docker, "", "linux/arm64"},
		{"OCI archive", archive, "", "linux/amd64 linux/arm64"},
		{"registry", ref, "", "linux/amd64 linux/arm64"},
		{"wheel", wheels[0], "linux/arm64", "linux/arm64"},
		{"folder", c.path("dist/wheels/linux-arm64"), "linux/arm64", "linux/arm64"},
	} {
		t.Run(source.name, func(t *testing.T) {
			args := []string{"audit", "-json", "-image=" + source.image}
			if source.platform != "" {
				args = append(args, "-platform="+source.platform)
			}
			a := decode[audited](t, c.jsonOf(t, args...))
			var got []string
			for _, p := range a.Platforms {
				got = append(got, p.Platform)
				if p.Stats.Files == 0 {
					t.Errorf("%s: nothing was read", p.Platform)
				}
			}
			if strings.Join(got, " ") != source.want {
				t.Errorf("it looked at %v, want %s", got, source.want)
			}
			if errors, warnings := a.worst(); errors+warnings > 0 {
				t.Errorf("%d errors and %d warnings: %+v", errors, warnings, a.Findings)
			}
		})
	}
	t.Run("the folder of the other platform", func(t *testing.T) {
		c.refused(t, []string{"[arch]", "x86-64", "linux/arm64"}, "audit", "-image="+c.path("dist/wheels/linux-amd64"), "-platform=linux/arm64")
	})
}

// TestAuditSARIF: the file is there also when the audit fails, and has a result
// for each finding.
func TestAuditSARIF(t *testing.T) {
	c := images(t)
	file := filepath.Join(t.TempDir(), "audit.sarif")
	c.refused(t, []string{"[arch]"}, "audit", "-image="+c.path("dist/wheels/linux-amd64"), "-platform=linux/arm64", "-sarif="+file)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var log struct {
		Version string
		Runs    []struct {
			Results []struct {
				RuleID, Level string
				Locations     []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
			}
		}
	}
	if err := json.Unmarshal(b, &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) == 0 {
		t.Fatalf("it holds %s", b)
	}
	for _, r := range log.Runs[0].Results {
		if len(r.Locations) != 1 || r.Locations[0].PhysicalLocation.ArtifactLocation.URI == "" {
			t.Errorf("%s says nothing of where", r.RuleID)
		}
	}
}

// TestBenchAudit: it prints a table; how fast the audit is is nobody's test.
func TestBenchAudit(t *testing.T) {
	needTools(t, "sha256sum", "tar")
	r := images(t).says(t, "sha256sum", "bench", "-audit")
	t.Log(r.out)
}
