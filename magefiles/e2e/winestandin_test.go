//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// standIns makes programs that no registry has for Windows, or not without half
// a gigabyte: Rust, Git, Go. They answer what the real ones answer here, and for
// a build leave what the real one has left in the main clone. It returns the
// folder of the programs.
func (w windows) standIns(t *testing.T, c checkout, folder string) string {
	t.Helper()
	const rust = "Rust tools"
	bin := filepath.Join(w.disk, rust, "bin")
	source := filepath.Join(world.repo, "magefiles", "e2e", "testdata", "standin", "main.go")
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "standin.exe"), source)
	build.Dir, build.Env = world.repo, append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the stand-in: %v: %s", err, out)
	}
	for _, name := range []string{"cargo", "rustc", "cargo-zigbuild", "zig", "git", "go"} {
		w.put(t, filepath.Join(bin, "standin.exe"), rust+"/bin/"+name+".exe")
	}
	triples := map[string]string{
		"x86_64-unknown-linux-gnu": "linux-amd64/noetl", "aarch64-unknown-linux-gnu": "linux-arm64/noetl",
		"x86_64-pc-windows-gnu": "windows-amd64/noetl.exe",
	}
	answers := append(questions(t, c, w, folder), answer{Program: "rustc", Args: []string{"--print", "sysroot"}, Stdout: w.path(rust) + "\n"})
	for triple, file := range triples {
		std := filepath.Join(w.disk, rust, "lib", "rustlib", triple, "lib")
		if err := os.MkdirAll(std, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, lib := range []string{"libcore-0.rlib", "libstd-0.rlib"} {
			if err := os.WriteFile(filepath.Join(std, lib), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		answers = append(answers, answer{
			Program: "rustc", Args: []string{"--print", "target-libdir", triple},
			Stdout: w.path(rust+"/lib/rustlib/"+triple+"/lib") + "\n",
		})
		w.put(t, c.path("dist/cli/"+file), "recorded/"+file)
		for program, verb := range map[string]string{"cargo": "build", "cargo-zigbuild": "zigbuild"} {
			answers = append(answers, madeFor(w, folder, program, verb, triple, file))
		}
	}
	content, err := json.Marshal(answers)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "recorded.json"), content, 0o644); err != nil {
		t.Fatal(err)
	}
	return w.path(rust + "/bin")
}

// answer is the stand-in's.
type answer struct {
	Program string
	Args    []string
	Stdout  string
	Copy    map[string]string
}

// madeFor is cargo's build for one triple: the file, and the message about it.
func madeFor(w windows, folder, program, verb, triple, file string) answer {
	to := w.path(folder + "/crates/target/" + triple + "/release/" + filepath.Base(file))
	message, _ := json.Marshal(map[string]any{
		"reason": "compiler-artifact", "executable": to, "target": map[string]any{"name": "noetl", "kind": []string{"bin"}},
	})
	return answer{
		Program: program, Args: []string{verb, triple}, Stdout: string(message) + "\n",
		Copy: map[string]string{w.path("recorded/" + file): to},
	}
}

// questions are those whose answers the real tools give here, in the folder of
// W:, with the paths as Windows writes them.
func questions(t *testing.T, c checkout, w windows, folder string) []answer {
	t.Helper()
	dir := filepath.Join(w.disk, folder)
	ask := func(in, program string, args ...string) string {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env = filepath.Join(dir, in), c.env
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %s: %v", program, strings.Join(args, " "), err)
		}
		return string(out)
	}
	crate := "crates/noetlctl"
	compiler := ask(crate, "rustc", "-vV")
	_, host, _ := strings.Cut(compiler, "host: ")
	host, _, _ = strings.Cut(host, "\n")
	return []answer{
		{Program: "rustc", Args: []string{"-vV"}, Stdout: strings.Replace(compiler, host, "x86_64-pc-windows-msvc", 1)},
		{Program: "rustc", Args: []string{"--version"}, Stdout: ask(crate, "rustc", "--version")},
		{Program: "cargo", Args: []string{"--version"}, Stdout: ask(crate, "cargo", "--version")},
		{Program: "cargo", Args: []string{"config", "get"}, Stdout: "{}\n"},
		{Program: "cargo", Args: []string{"metadata", "--no-deps"}, Stdout: w.paths(t, ask(crate, "cargo", "metadata", "--no-deps", "--format-version", "1"))},
		{Program: "cargo", Args: []string{"metadata", "--locked"}, Stdout: w.paths(t, ask(crate, "cargo", "metadata", "--locked", "--format-version", "1"))},
		{Program: "cargo-zigbuild", Args: []string{"--version"}, Stdout: ask(crate, c.path(".tools/py/bin/cargo-zigbuild"), "--version")},
		{Program: "zig", Args: []string{"version"}, Stdout: "0.15.2\n"},
		{Program: "git", Args: []string{"--version"}, Stdout: ask("", "git", "--version")},
		{Program: "git", Args: []string{"log"}, Stdout: ask("", "git", "-c", "safe.directory=*", "log", "-1", "--no-show-signature", "--format=%H %ct")},
		{Program: "git", Args: []string{"status"}, Stdout: ask("", "git", "-c", "safe.directory=*", "status", "--porcelain")},
		{Program: "go", Args: []string{"version"}, Stdout: fmt.Sprintf("go version %s windows/amd64\n", runtime.Version())},
		{Program: "go", Args: []string{"env"}, Stdout: runtime.Version() + "\n"},
	}
}

// paths rewrites the paths in a JSON text: those of W:, and all others as if
// they lay on C:.
func (w windows) paths(t *testing.T, text string) string {
	t.Helper()
	var rewrite func(v any) any
	rewrite = func(v any) any {
		switch v := v.(type) {
		case string:
			if rel, ok := strings.CutPrefix(v, w.disk+"/"); ok {
				return w.path(rel)
			} else if strings.HasPrefix(v, "/") {
				return "C:" + strings.ReplaceAll(v, "/", `\`)
			}
		case []any:
			for i := range v {
				v[i] = rewrite(v[i])
			}
		case map[string]any:
			for key := range v {
				v[key] = rewrite(v[key])
			}
		}
		return v
	}
	out, err := json.Marshal(rewrite(decode[any](t, text)))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
