package audit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Real binaries of a real compiler, each planted in an image of each platform:
// every plant is found, and every clean twin passes.
func TestRealBinaries(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds programs for a dozen platforms")
	}
	goTool := needTool(t, "go")
	folder := t.TempDir()
	source := filepath.Join(folder, "main.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() { println(1) }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	platforms := []string{
		"linux/amd64", "linux/arm64", "linux/arm", "linux/386", "linux/ppc64le", "linux/s390x", "linux/riscv64",
		"windows/amd64", "windows/arm64", "darwin/amd64", "darwin/arm64",
	}
	built := map[string][]byte{}
	for _, p := range append(platforms, "freebsd/amd64", "linux/mips64") {
		goos, goarch, _ := strings.Cut(p, "/")
		out := filepath.Join(folder, goos+goarch)
		cmd := exec.CommandContext(t.Context(), goTool, "build", "-o", out, source)
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOARM=7", "GOFLAGS=", "GOWORK=off")
		cmd.Dir = folder
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("building for %s: %v\n%s", p, err, msg)
		}
		body, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		built[p] = body
	}
	plants := 0
	for _, image := range platforms {
		clean := tarOf(t, reg("usr/bin/a", built[image]), reg("opt/b", built[image]))
		for planted, body := range built {
			findings, stats, err := findingsOfImage(t.Context(), image, layers(clean, tarOf(t, reg("opt/lib/x.so", body)), clean))
			if err != nil {
				t.Fatal(err)
			}
			if stats.Binaries != 5 {
				t.Errorf("%s in %s: %d binaries seen", planted, image, stats.Binaries)
			}
			if planted == image {
				if len(findings) != 0 {
					t.Errorf("clean %s: false alarm %v", image, findings)
				}
				continue
			}
			plants++
			want, got := severityOf(planted, image), places(findings)
			if !strings.HasPrefix(got, want+" ") || !strings.HasSuffix(got, " /opt/lib/x.so@1") || len(findings) != 1 {
				t.Errorf("%s in %s: got %q, want one %s", planted, image, got, want)
			}
		}
	}
	t.Logf("%d plants, %d clean twins", plants, len(platforms))
}

func severityOf(planted, image string) string {
	elf := func(p string) bool { return strings.HasPrefix(p, "linux/") || strings.HasPrefix(p, "freebsd/") }
	sameOS, _, _ := strings.Cut(image, "/")
	switch {
	case elf(planted) && elf(image):
		return Error
	case !strings.HasPrefix(planted, sameOS+"/"):
		return Warning // a format that cannot be loaded
	case image == "windows/arm64":
		return Warning // runs under emulation
	}
	return Error
}
