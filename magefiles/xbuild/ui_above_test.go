package xbuild

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestBuildUIFilesAbove: what Vite and npm read outside of the UI's folder counts as it does inside, its arrival and its end too;
// what they do not read there does not.
func TestBuildUIFilesAbove(t *testing.T) {
	t.Parallel()
	ui, npm := uiProject(t)
	top := filepath.Dir(ui.Dir)
	home, elsewhere := filepath.Join(t.TempDir(), "home"), filepath.Join(t.TempDir(), "elsewhere")
	npm.variables = []string{"HOME=" + home, "USERPROFILE=" + home}
	build := func() bool {
		t.Helper()
		result, err := npm.build(t, ui)
		if err != nil {
			t.Fatal(err)
		}
		return result.Ran()
	}
	build()
	cases := []struct {
		dir, name string
		counts    bool
	}{
		{top, "package.json", true},
		{filepath.Dir(top), "package.json", true},
		{top, "package-lock.json", true},
		{top, ".npmrc", true},
		{top, "tsconfig.json", true},
		{top, "tsconfig.base.json", true},
		{filepath.Dir(top), "tsconfig.json", true},
		{top, "postcss.config.mjs", true},
		{top, ".postcssrc", true},
		{filepath.Dir(top), ".postcssrc.yml", true},
		{top, ".browserslistrc", true},
		{top, "pnpm-workspace.yaml", true},
		{home, ".npmrc", true},
		{top, ".env", false}, // Vite reads it in its own folder alone
		{top, ".env.production", false},
		{top, "vite.config.ts", false},
		{top, ".swcrc", false},
		{top, "README.md", false},
		{elsewhere, ".npmrc", false},
	}
	for _, c := range cases {
		file := filepath.Join(c.dir, c.name)
		for _, step := range []struct {
			name   string
			change func()
		}{
			{"added", func() { writeFiles(t, c.dir, map[string]string{c.name: "1"}) }},
			{"changed", func() { writeFiles(t, c.dir, map[string]string{c.name: "2"}) }},
			{"removed", func() { _ = os.Remove(file) }},
		} {
			step.change()
			if built := build(); built != c.counts {
				t.Errorf("%s %s: built %v", file, step.name, built)
			}
			if build() {
				t.Errorf("%s %s: built once more", file, step.name)
			}
		}
	}
	if err := os.Mkdir(filepath.Join(top, "browserslist"), 0o755); err != nil || build() {
		t.Errorf("a folder of that name made it run (%v)", err)
	}
	npm.variables = append(npm.variables, "npm_config_userconfig="+filepath.Join(elsewhere, ".npmrc"))
	build()
	writeFiles(t, elsewhere, map[string]string{".npmrc": "ignore-scripts=true"})
	if !build() {
		t.Error("a configuration that a variable names does not count")
	}
	if names := readUpwards(); len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
		t.Errorf("a name is there twice: %q", names)
	}
}
