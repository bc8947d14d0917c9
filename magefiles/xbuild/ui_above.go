package xbuild

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// above are the files outside of the UI's folder that steer its build. Vite looks for a tsconfig.json and for PostCSS's
// configuration in all folders above, and by package.json and its like decides where to stop; npm takes a package.json with
// workspaces, and then its .npmrc and lock, for the project's; browserslist, which plugins ask, looks upwards, too. A tsconfig
// that another one extends mostly is called tsconfig.SOMETHING.json. A file that is not there is no input, so that its arrival is
// a change.
func (ui UI) above() (in Inputs) {
	add := func(file string) {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			return // nor can Node.js read it
		}
		in = append(in, ui.Ledger.files(FileInput, []string{file})...)
	}
	for dir := filepath.Dir(ui.Dir); ; dir = filepath.Dir(dir) {
		for _, name := range readUpwards() {
			add(filepath.Join(dir, name))
		}
		more, _ := filepath.Glob(filepath.Join(globEscape(dir), "tsconfig*.json")) // the pattern is a sound one
		for _, file := range more {
			add(file)
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if file := npmUserConfig(ui.Ledger.Environ); file != "" && !in.has(ui.Ledger.name(file)) {
		add(file)
	}
	return in
}

// readUpwards are the names that Vite 8, npm 11 and browserslist look for in every folder above.
func readUpwards() []string {
	names := []string{
		"package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc", "pnpm-workspace.yaml", "lerna.json", "deno.json", "deno.jsonc",
		"browserslist", ".browserslistrc", ".postcssrc",
	}
	for _, ext := range []string{"json", "yaml", "yml"} {
		names = append(names, ".postcssrc."+ext)
	}
	for _, ext := range []string{"ts", "cts", "mts", "js", "cjs", "mjs"} {
		names = append(names, ".postcssrc."+ext, "postcss.config."+ext)
	}
	return names
}

// npmUserConfig is where npm has a person's own settings.
func npmUserConfig(environ []string) string {
	home := "HOME"
	if runtime.GOOS == "windows" {
		home = "USERPROFILE"
	}
	file := ""
	for _, kv := range environ {
		switch name, value, _ := strings.Cut(kv, "="); {
		case value == "" || !filepath.IsAbs(value):
		case strings.EqualFold(name, "npm_config_userconfig"):
			return value
		case name == home:
			file = filepath.Join(value, ".npmrc")
		}
	}
	return file
}

// has tells whether there is an input of a name.
func (in Inputs) has(name string) bool {
	for _, i := range in {
		if i.Name == name {
			return true
		}
	}
	return false
}
