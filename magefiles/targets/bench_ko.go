package targets

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// koModule is what is compared with; no part of this repository's module.
const koModule = "github.com/google/ko@v0.19.1"

// koProgram makes ko, and a small server in Go that has some megabytes with it.
func (c *contender) koProgram(ctx context.Context) error {
	bin := filepath.Join(c.benchmark.dir, "bin")
	if err := c.run(ctx, xbuild.Cmd{Name: "go", Args: []string{"install", koModule}, Dir: c.root, Env: []string{"GOBIN=" + bin, "GOFLAGS="}}); err != nil {
		return fmt.Errorf("compiling ko: %w", err)
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	data := make([]byte, 8<<20)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range data {
		data[i] = byte(random.Uint32())
	}
	for name, content := range map[string][]byte{
		"go.mod": []byte("module example.com/app\n\ngo 1.26\n"), "data.bin": data,
		"main.go": []byte("package main\n\nimport (\n\t_ \"embed\"\n\t\"net/http\"\n)\n\n//go:embed data.bin\nvar data []byte\n\nfunc main() {\n\tpanic(http.ListenAndServe(\":8082\", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })))\n}\n"),
	} {
		if err := os.WriteFile(filepath.Join(c.dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (c *contender) koCommand() xbuild.Cmd {
	env := []string{
		"KO_DOCKER_REPO=" + c.address + "/" + c.repo(), "KOCACHE=" + filepath.Join(c.benchmark.dir, "ko-cache"), "GOFLAGS=", "GOWORK=off",
	}
	for _, a := range slices.Concat(c.Docker.Args, c.args) {
		if value, ok := strings.CutPrefix(a, c.Docker.BaseArg+"="); ok {
			env = append(env, "KO_DEFAULTBASEIMAGE="+value)
		}
	}
	return xbuild.Cmd{
		Name: filepath.Join(c.benchmark.dir, "bin", "ko"), Args: []string{"build", "--bare", "--platform=" + c.platforms, "."}, Dir: c.dir, Env: env,
	}
}
