package xbuild

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// isELF is enough of an audit for Linux.
func isELF(fsys fs.FS, name string) (bool, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, 4)
	n, _ := file.Read(head)
	return string(head[:n]) == "\x7fELF", nil
}

func realUV(t *testing.T) UV {
	t.Helper()
	python := found(t, Python(Host(), "3.11"))
	return UV{Path: found(t, Tool{Name: "uv"}, installedTools(t)), Python: python, Log: t.Output()}
}

func TestWheelsForReal(t *testing.T) {
	t.Parallel()
	online(t)
	amd64, arm64 := Platform{OS: "linux", Arch: "amd64"}, Platform{OS: "linux", Arch: "arm64"}
	wheels := Wheels{
		UV: realUV(t), Lock: filepath.Join("..", "..", "requirements.lock"), Python: "3.13",
		Platforms: []Platform{amd64, arm64}, Out: filepath.Join(t.TempDir(), "Räder und mehr"),
		Ledger: Ledger{Dir: t.TempDir()},
	}
	run := Exec(os.Environ())
	laid, err := LayOutWheels(t.Context(), run, wheels)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	again, err := LayOutWheels(t.Context(), run, wheels)
	t.Logf("nothing to do: %v", time.Since(start))
	if err != nil || again[0].Ran() || again[1].Ran() {
		t.Errorf("the second time: %+v, %v", again, err)
	}
	trees := map[Platform]fs.FS{amd64: os.DirFS(laid[0].Dir), arm64: os.DirFS(laid[1].Dir)}
	start = time.Now()
	split, err := SplitWheels(trees, isELF)
	t.Logf("parted in %v", time.Since(start))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range split.Rows {
		t.Logf("%-20s %-10s pure %-5v %s", row.Name, row.Version, row.Pure, row.Tags[arm64])
	}
	t.Logf("warnings: %q", split.Warnings)
	// What is shared is on all platforms, and nothing of it is kept for one again.
	for _, p := range wheels.Platforms {
		native := 0
		for _, file := range readNames(t, split.Native[p]) {
			if code, _ := isELF(split.Native[p], file); code {
				native++
			}
			if _, err := fs.Stat(split.Shared, file); err == nil {
				t.Errorf("%s is in the shared part and in that of %s", file, p)
			}
		}
		if native == 0 {
			t.Errorf("no machine code in the part of %s", p)
		}
	}
	sameFiles(t, split.Native[amd64], split.Native[arm64])
	for _, file := range readNames(t, split.Shared) {
		if code, _ := isELF(split.Shared, file); code {
			t.Errorf("machine code in the shared part: %s", file)
		}
	}
}

func readNames(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// compileLock makes a lock of the given requirements.
func compileLock(t *testing.T, uv UV, requirements ...string) string {
	t.Helper()
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"requirements.in": strings.Join(requirements, "\n")})
	lock := filepath.Join(dir, "requirements.lock")
	if err := uv.run(t.Context(), Exec(os.Environ()), dir, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--python-version", "3.11", "--output-file", lock, "requirements.in"); err != nil {
		t.Fatal(err)
	}
	return lock
}

func TestMissingWheelsForReal(t *testing.T) {
	t.Parallel()
	online(t)
	uv := realUV(t)
	wheels := Wheels{
		UV: uv, Lock: compileLock(t, uv, "docopt==0.6.2", "intel-openmp==2025.0.4", "numpy==1.26.4", "idna"), Python: "3.13", Out: t.TempDir(),
		Platforms: []Platform{{OS: "linux", Arch: "amd64"}, {OS: "linux", Arch: "arm64"}},
	}
	_, err := LayOutWheels(t.Context(), Exec(os.Environ()), wheels)
	if err == nil {
		t.Fatal("no error")
	}
	t.Log(err)
	for _, want := range []string{"docopt 0.6.2 for linux/amd64, linux/arm64", "intel-openmp 2025.0.4 for linux/arm64", "numpy 1.26.4 for linux/amd64, linux/arm64"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q", want)
		}
	}
	if strings.Contains(err.Error(), "idna") {
		t.Error("the error names a package that has a wheel")
	}
	if got := readFiles(t, wheels.Out); len(got) != 0 {
		t.Errorf("left behind: %d files", len(got))
	}
}

func TestProjectWheelForReal(t *testing.T) {
	t.Parallel()
	uv := realUV(t)
	uv.Offline, uv.Cache = true, t.TempDir()
	var sums []string
	for _, place := range []string{"eins", "zwei drei ü"} {
		dir := filepath.Join(t.TempDir(), place)
		writeFiles(t, dir, map[string]string{
			"pyproject.toml":     "[build-system]\nrequires = [\"uv_build>=0.9,<1\"]\nbuild-backend = \"uv_build\"\n[project]\nname = \"some-thing\"\nversion = \"0.1.0\"\n[tool.uv.build-backend]\nmodule-root = \"\"\n",
			"some_thing/main.py": "print(1)\n", "some_thing/__init__.py": "", "some_thing/__pycache__/main.cpython-313.pyc": "x",
		})
		built, err := BuildWheel(t.Context(), Exec(os.Environ()), ProjectWheel{UV: uv, Dir: dir, Out: filepath.Join(dir, "dist", "project")})
		if err != nil {
			t.Fatal(err)
		}
		tree, dist, err := WheelTree(built.File)
		if err != nil {
			t.Fatal(err)
		}
		if dist.Name != "some-thing" || dist.Version != "0.1.0" || dist.Tag() != "py3-none-any" || !dist.Pure {
			t.Errorf("it is %+v", dist)
		}
		if names := readNames(t, tree); !slices.Contains(names, "some_thing/main.py") || len(names) != 5 {
			t.Errorf("it holds %q", names)
		}
		sum, err := fileKey(built.File)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, sum)
	}
	if sums[0] != sums[1] {
		t.Error("the wheels of equal sources in two folders differ")
	}
}
