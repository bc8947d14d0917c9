package xbuild

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// UI says what to build a web UI from and where to. Paths are of the host.
type UI struct {
	Dir   string    // the sources: package.json, package-lock.json, a script "build" that ends in a Vite command
	Out   string    // the folder that is served; replaced whole, or not at all
	State string    // a folder for what is kept between builds, outside Out and best on its file system
	Npm   string    // the program; "" is npm on the PATH
	Node  string    // the program; "" is node on the PATH
	Log   io.Writer // what the tools write; nil discards

	Ledger Ledger // of earlier builds
}

// UIResult says what BuildUI did.
type UIResult struct {
	Verdict
	Tools string // "node v24.1.0 npm 11.3.0"
	Key   string // names what is in Out: equal if and only if the files are
	Files int    // in Out
	Bytes int64  // in Out
}

// BuildUI builds the UI into ui.Out, unless nothing changed since it was built there: neither a source, nor the version of
// Node.js or npm, nor a variable that they or Vite read, nor a file of the output. When files were written does not count.
// Whatever fails, what was in ui.Out before stays as it was.
func BuildUI(ctx context.Context, run Runner, ui UI) (UIResult, error) {
	ui, err := ui.complete()
	if err != nil {
		return UIResult{}, err
	}
	if err := RecoverSwap(ui.next(), ui.Out); err != nil {
		return UIResult{}, fmt.Errorf("putting back the UI of before a killed build: %w", err)
	}
	project := ui.project(run)
	if err := project.ask(ctx, ui.Node); err != nil {
		return UIResult{}, err
	}
	inputs, err := ui.inputs(project)
	if err != nil {
		return UIResult{}, err
	}
	there, err := ui.Ledger.tree(OutputInput, ui.Out)
	if err != nil {
		return UIResult{}, fmt.Errorf("reading the UI of before: %w", err)
	}
	result := UIResult{Verdict: ui.Ledger.judge(uiStep, inputs, there), Tools: project.tools}
	if !result.Ran() {
		result.Key = there.Key()
		return result.measure(ui.Out)
	}
	next := fresh(ui.next())
	defer func() { _ = os.RemoveAll(next) }()
	if err := ui.make(ctx, project, next); err != nil {
		return UIResult{}, err
	}
	if result.Key, err = ui.install(next, inputs, project); err != nil {
		return UIResult{}, err
	}
	return result.measure(ui.Out)
}

// BuiltUI tells what is in ui.Out, for a machine that cannot build it: whether there is a page to serve, and whether it was made
// from the sources as they are now. It runs nothing; only Dir, Out and State count.
func BuiltUI(ui UI) (there, current bool, err error) {
	if ui, err = ui.complete(); err != nil {
		return false, false, err
	}
	if err := RecoverSwap(ui.next(), ui.Out); err != nil {
		return false, false, fmt.Errorf("putting back the UI of before a killed build: %w", err)
	}
	if page, err := os.Stat(filepath.Join(ui.Out, "index.html")); err != nil || page.Size() == 0 {
		return false, false, nil
	}
	sources, err := ui.sources()
	if err != nil {
		return true, false, err
	}
	built, err := ui.Ledger.tree(OutputInput, ui.Out)
	stamp, ok := ui.Ledger.load(uiStep)
	var made Inputs
	for _, in := range stamp.Inputs {
		if in.Kind == FileInput {
			made = append(made, in)
		}
	}
	return true, err == nil && ok && len(Changes(made, sources)) == 0 && len(Changes(stamp.Outputs, built)) == 0, err
}

// InstallUI makes the node_modules of ui.Dir fit its lock, for those who run other scripts of it than "build". Only Dir, Npm,
// Node and Log count.
func InstallUI(ctx context.Context, run Runner, ui UI) error {
	ui.defaults()
	project := ui.project(run)
	if err := project.ask(ctx, ui.Node); err != nil {
		return err
	}
	return project.install(ctx)
}

// make builds into the folder next and looks at what came out.
func (ui UI) make(ctx context.Context, project *npmProject, next string) error {
	if err := project.install(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(next); err != nil {
		return fmt.Errorf("making room for the UI: %w", err)
	}
	if err := project.script(ctx, "build", "--outDir", next, "--emptyOutDir"); err != nil {
		return fmt.Errorf("building the UI (%q stays as it was): %w", ui.Out, err)
	}
	page, err := os.Stat(filepath.Join(next, "index.html"))
	if err != nil || page.Size() == 0 {
		return fmt.Errorf("building the UI: npm run build ended well but left no index.html in %q: its script must pass --outDir on to Vite", next)
	}
	return nil
}

func (ui UI) next() string { return filepath.Join(ui.State, "next") }

// complete fills in the defaults and refuses what cannot work.
func (ui UI) complete() (UI, error) {
	for _, dir := range []*string{&ui.Dir, &ui.Out, &ui.State} {
		abs, err := filepath.Abs(*dir)
		if err != nil || *dir == "" {
			return ui, fmt.Errorf("planning the UI: folder %q: %w", *dir, errors.Join(err, fs.ErrInvalid))
		}
		*dir = abs
	}
	if rel, err := filepath.Rel(ui.Out, ui.State); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return ui, fmt.Errorf("planning the UI: the folder for state %q lies in the served folder %q", ui.State, ui.Out)
	}
	if _, err := os.Stat(filepath.Join(ui.Dir, "package.json")); err != nil {
		return ui, fmt.Errorf("planning the UI: %w", err)
	}
	if err := os.MkdirAll(ui.State, 0o755); err != nil {
		return ui, fmt.Errorf("planning the UI: %w", err)
	}
	ui.defaults()
	return ui, nil
}

func (ui *UI) defaults() {
	if ui.Npm == "" {
		ui.Npm = "npm"
	}
	if ui.Node == "" {
		ui.Node = "node"
	}
	if ui.Log == nil {
		ui.Log = io.Discard
	}
}

func (r UIResult) measure(out string) (UIResult, error) {
	err := filepath.WalkDir(out, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		r.Files++
		r.Bytes += info.Size()
		return nil
	})
	if err != nil {
		return r, fmt.Errorf("measuring the UI: %w", err)
	}
	return r, nil
}
