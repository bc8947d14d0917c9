package audit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// goBuilt makes programs with Go's toolchain.
type goBuilt struct {
	tool, folder string
	done         map[string][]byte
}

func newGoBuilt(t *testing.T) *goBuilt {
	t.Helper()
	b := &goBuilt{needTool(t, "go"), t.TempDir(), map[string][]byte{}}
	if err := os.WriteFile(filepath.Join(b.folder, "main.go"), []byte("package main\n\nfunc main() { println(1) }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return b
}

// get is the program for os/arch, or os/arm/vN.
func (b *goBuilt) get(t *testing.T, platform string) []byte {
	t.Helper()
	if body, ok := b.done[platform]; ok {
		return body
	}
	parts := strings.Split(platform, "/")
	arm := "7"
	if len(parts) == 3 {
		arm = strings.TrimPrefix(parts[2], "v")
	}
	out := filepath.Join(b.folder, strings.Join(parts, "-"))
	cmd := exec.CommandContext(t.Context(), b.tool, "build", "-ldflags=-s -w", "-o", out, "main.go")
	cmd.Env = append(os.Environ(), "GOOS="+parts[0], "GOARCH="+parts[1], "GOARM="+arm, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	cmd.Dir = b.folder
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building for %s: %v\n%s", platform, err, msg)
	}
	b.done[platform] = slurp(t, out)
	return b.done[platform]
}

// goPlants are programs of other platforms than the image's.
func goPlants(t *testing.T, b *goBuilt, image string, platforms []string) []plant {
	t.Helper()
	var plants []plant
	for _, p := range platforms {
		if strings.HasPrefix(image, p) {
			continue
		}
		x := plant{"Go for " + p, b.get(t, p), b.get(t, image), IDArch, Error, Error}
		if !strings.HasPrefix(p, "linux/") {
			x.id, x.severity, x.nested = IDFormat, Warning, Note
		}
		plants = append(plants, x)
	}
	return plants
}

// Every program planted in every layer and nesting is found by its right name
// and place, what is removed is not, and what is right raises no alarm.
func TestCorpusGo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds programs for several platforms")
	}
	platforms := []string{"linux/amd64", "linux/arm64", "linux/arm", "linux/386", "darwin/arm64", "windows/amd64"}
	if os.Getenv("E2E") != "" {
		platforms = append(platforms, "linux/riscv64", "linux/ppc64le", "linux/ppc64", "linux/s390x", "linux/mips", "linux/mipsle",
			"linux/mips64", "linux/mips64le", "linux/loong64", "darwin/amd64", "windows/arm64", "windows/386")
	}
	built, all := newGoBuilt(t), score{}
	for _, image := range []string{"linux/amd64", "linux/arm64", "linux/arm/v7"} {
		all.sow(t, image, cleanBase(image), goPlants(t, built, image, platforms))
	}
	t.Log(all)
}
