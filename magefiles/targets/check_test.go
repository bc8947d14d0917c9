package targets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestValid: a mistake in project.go is told by its field, with what would do.
func TestValid(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*project)
		says   []string // nothing: it is no mistake
	}{
		"ours":               {func(*project) {}, nil},
		"no UI":              {func(p *project) { p.UI = uiPart{} }, nil},
		"nothing to deploy":  {func(p *project) { p.Deploy = deployPart{} }, nil},
		"no Dockerfile":      {func(p *project) { p.Docker = dockerPart{} }, nil},
		"no port":            {func(p *project) { p.Run.Port = "" }, nil},
		"no tests of Python": {func(p *project) { p.Python.DevLock, p.Python.Tests = "", "" }, nil},
		"nothing at all": {func(p *project) { *p = project{} }, []string{
			"Name: it is empty", `"shop"`, "Image:", "Platforms:", "CLI.Dir:", "CLI.Into:", "Python.Lock:", "Base.Packages:", "Run.Entrypoint:", "Run.UID: 0",
		}},
		"name in capitals":     {func(p *project) { p.Name = "Shop" }, []string{`Name: "Shop"`}},
		"no image":             {func(p *project) { p.Image = "" }, []string{`Image: ""`}},
		"image with registry":  {func(p *project) { p.Image = "ghcr.io/you/shop" }, []string{"without registry and tag"}},
		"image with tag":       {func(p *project) { p.Image = "shop:1" }, []string{"without registry and tag"}},
		"prefix":               {func(p *project) { p.EnvPrefix = "SHOP" }, []string{`EnvPrefix: "SHOP"`, `"SHOP_"`}},
		"platform":             {func(p *project) { p.Platforms = []string{"linux/aarch64"} }, []string{"Platforms:", "linux/arm64"}},
		"image for a Mac":      {func(p *project) { p.Platforms = []string{"darwin/arm64"} }, []string{"images are for Linux"}},
		"half a UI":            {func(p *project) { p.UI.Out = "" }, []string{"UI.Out: it is empty"}},
		"UI over its sources":  {func(p *project) { p.UI.Out, p.UI.Dir = "web", "web/src" }, []string{"UI.Out:", "replaced whole"}},
		"path of the host":     {func(p *project) { p.CLI.Dir = "/home/me/crates" }, []string{"CLI.Dir:", "no path in the project"}},
		"path of Windows":      {func(p *project) { p.Python.Lock = `server\lock.txt` }, []string{"Python.Lock:", "slashes"}},
		"path outside":         {func(p *project) { p.Base.Lock = "../base.lock" }, []string{"Base.Lock:"}},
		"relative in image":    {func(p *project) { p.Python.Site = "opt/lib" }, []string{"Python.Site:", "from the root"}},
		"lock without tests":   {func(p *project) { p.Python.Tests = "" }, []string{"Python.DevLock:", "both are there"}},
		"root":                 {func(p *project) { p.Run.UID = 0 }, []string{"Run.UID: 0"}},
		"port alone":           {func(p *project) { p.Run.Port = "8080" }, []string{"Run.Port:", `"8080/tcp"`}},
		"variable":             {func(p *project) { p.Run.Env = []string{"DEBUG"} }, []string{"Run.Env:", `"DEBUG"`}},
		"half a deployment":    {func(p *project) { p.Deploy.Label[0], p.Deploy.ServicePort = "", 0 }, []string{"Deploy.Label:", "Deploy.ServicePort: 0"}},
		"argument of BuildKit": {func(p *project) { p.Docker.Args = []string{"=x"} }, []string{"Docker.Args:"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := thisProject()
			tt.change(&p)
			err := p.valid()
			if (err != nil) != (tt.says != nil) {
				t.Fatalf("got %v", err)
			}
			for _, word := range tt.says {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("the message lacks %q:\n%v", word, err)
				}
			}
		})
	}
}

// TestFilesOfProject: a file that project.go names and that is not there stops a
// target before it begins, with what to do.
func TestFilesOfProject(t *testing.T) {
	t.Parallel()
	p := thisProject()
	files := map[string][]string{
		p.UI.Dir + "/package.json":           {"UI.Dir:", "leave UI out"},
		p.UI.Dir + "/package-lock.json":      {"UI.Dir:", "npm install --package-lock-only"},
		p.CLI.Dir + "/Cargo.lock":            {"CLI.Dir:", "cargo generate-lockfile"},
		p.CLI.crate() + "/Cargo.toml":        {"CLI.Package:", "CLI.Crate"},
		p.Python.Project + "/pyproject.toml": {"Python.Project:", "pyproject.toml"},
		p.Python.Lock:                        {"Python.Lock:", "uv pip compile"},
		p.Tools:                              {"Tools:", "scripts/tools.txt"},
	}
	for missing, says := range files {
		t.Run(missing, func(t *testing.T) {
			t.Parallel()
			j, _, _ := testJob(t, nil)
			j.root = t.TempDir()
			write := func(file string) {
				file = j.path(file)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for file := range files {
				if file != missing {
					write(file)
				}
			}
			err := j.checkFiles()
			for _, word := range says {
				if err == nil || !strings.Contains(err.Error(), word) {
					t.Errorf("%v lacks %q", err, word)
				}
			}
			if write(missing); j.checkFiles() != nil {
				t.Errorf("it is there, and: %v", j.checkFiles())
			}
		})
	}
}

// TestNoUIAtAll: a project without a web UI has no layer, step, suite, tool or
// lock of it, and asks for none.
func TestNoUIAtAll(t *testing.T) {
	t.Parallel()
	j, _, _ := testJob(t, nil)
	j.UI = uiPart{}
	for _, image := range j.plan(twoPlatforms(t), inputs{base: nil}).Images {
		for _, l := range image.Layers {
			if l.Tree == nil && l.Name == "web UI" || l.To == "" {
				t.Errorf("%s has the layer %q", image.Platform, l.Name)
			}
		}
	}
	for _, s := range j.imageSteps(order{}) {
		if s.Name == "ui" {
			t.Error("it plans to build the UI")
		}
	}
	for _, tool := range j.tools() {
		if tool.Name == "npm" || tool.Name == "node" {
			t.Errorf("it needs %s", tool.Name)
		}
	}
	for _, lock := range j.lockFiles() {
		if strings.Contains(lock, "package-lock") {
			t.Errorf("it reads %s", lock)
		}
	}
	if err := j.buildUI(t.Context()); err == nil || !strings.Contains(err.Error(), "has none") {
		t.Errorf("building it: %v", err)
	}
}
