package xbuild

import (
	"fmt"
	"strings"
)

// uiStep is the name of the step in its ledger.
const uiStep = "ui"

// uiVersion changes with how this package builds a UI.
const uiVersion = 3

func (ui UI) project(run Runner) *npmProject {
	return &npmProject{dir: ui.Dir, npm: ui.Npm, log: ui.Log, run: run, ledger: ui.Ledger}
}

// sources are all files that the UI is made from: those of its folder, and those above that steer its build.
func (ui UI) sources() (Inputs, error) {
	in, err := ui.Ledger.tree(FileInput, ui.Dir, "node_modules", "/dist", "/coverage", "/.vite", "*.tsbuildinfo", ".DS_Store")
	if err != nil {
		return nil, fmt.Errorf("reading the UI's sources: %w", err)
	}
	return append(in, ui.above()...), nil
}

// inputs are all that the UI depends on.
func (ui UI) inputs(project *npmProject) (Inputs, error) {
	in, err := ui.sources()
	if err != nil {
		return nil, err
	}
	in.flag("build", uiVersion)
	words := strings.Fields(project.tools)
	for i := 0; i+1 < len(words); i += 2 {
		in.tool(words[i], words[i+1], words[i+1])
	}
	return append(in, variables(ui.Ledger.Environ, readByVite)...), nil
}

// readByVite tells which variables a build of a UI reads: those that Vite writes into the page, and those that steer Node.js, npm
// and the tools below Vite. NODE_ENV is not among them, as it is set for the build.
func readByVite(name string) bool {
	for _, prefix := range []string{"VITE_", "NODE_OPTIONS", "NODE_PATH", "NODE_EXTRA", "NPM_CONFIG_", "npm_config_", "BROWSERSLIST", "ESBUILD_", "ROLLUP_", "ROLLDOWN_", "TSC_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return name == "SOURCE_DATE_EPOCH"
}

// install swaps the folder next in for Out, remembers what is there now, and returns its key.
func (ui UI) install(next string, inputs Inputs, project *npmProject) (key string, err error) {
	built, err := ui.Ledger.Files.Tree(OutputInput, ui.Ledger.name(ui.Out), next)
	if err != nil {
		return "", fmt.Errorf("reading the UI that was built: %w", err)
	}
	if err := ui.Ledger.drop(uiStep); err != nil {
		return "", err
	}
	if err := Swap(next, ui.Out); err != nil {
		return "", fmt.Errorf("installing the UI: %w", err)
	}
	return built.Key(), ui.Ledger.vouch(Stamp{Step: uiStep, Inputs: inputs, Outputs: built}, func() (Inputs, error) { return ui.inputs(project) })
}
