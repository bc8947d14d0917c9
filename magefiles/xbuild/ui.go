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
}

// UIResult says what BuildUI did.
type UIResult struct {
	Built bool   // false if Out was already what the sources make
	Key   string // of the sources and the Node.js that built them
	Files int    // in Out
	Bytes int64  // in Out
}

// BuildUI builds the UI into ui.Out, unless nothing changed since it was built there: neither a source, nor the version of
// Node.js, nor a file of the output. Whatever fails, what was in ui.Out before stays as it was.
func BuildUI(ctx context.Context, run Runner, ui UI) (UIResult, error) {
	ui, err := ui.complete()
	if err != nil {
		return UIResult{}, err
	}
	node, err := ui.nodeVersion(ctx, run)
	if err != nil {
		return UIResult{}, err
	}
	sources, err := HashTree(os.DirFS(ui.Dir), "node_modules", "/dist", "/coverage", "/.vite", "*.tsbuildinfo", ".DS_Store")
	if err != nil {
		return UIResult{}, fmt.Errorf("reading the UI's sources %q: %w", ui.Dir, err)
	}
	result := UIResult{Key: Key("ui 1", sources, node)}
	if built, err := HashTree(os.DirFS(ui.Out)); err == nil && readStamp(ui.stamp()) == result.Key+" "+built {
		return result.measure(ui.Out)
	}
	next := filepath.Join(ui.State, "next")
	defer func() { _ = os.RemoveAll(next) }()
	project := &npmProject{dir: ui.Dir, npm: ui.Npm, node: node, log: ui.Log, run: run}
	if err := ui.make(ctx, project, next); err != nil {
		return UIResult{}, err
	}
	if err := ui.install(next, result.Key); err != nil {
		return UIResult{}, err
	}
	result.Built = true
	return result.measure(ui.Out)
}

// InstallUI makes the node_modules of ui.Dir fit its lock, for those who run other scripts of it than "build". Only Dir, Npm,
// Node and Log count.
func InstallUI(ctx context.Context, run Runner, ui UI) error {
	ui.defaults()
	node, err := ui.nodeVersion(ctx, run)
	if err != nil {
		return err
	}
	return (&npmProject{dir: ui.Dir, npm: ui.Npm, node: node, log: ui.Log, run: run}).install(ctx)
}

func (ui UI) nodeVersion(ctx context.Context, run Runner) (string, error) {
	node, err := Output(ctx, run, Cmd{Name: ui.Node, Args: []string{"--version"}})
	if err != nil {
		return "", fmt.Errorf("asking for the version of Node.js: %w", npmExplain(err, ""))
	}
	return node, nil
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

// install swaps the folder next in for Out and remembers what is there now.
func (ui UI) install(next, key string) error {
	built, err := HashTree(os.DirFS(next))
	if err != nil {
		return fmt.Errorf("reading the UI that was built: %w", err)
	}
	if err := dropStamp(ui.stamp()); err != nil {
		return err
	}
	if err := Swap(next, ui.Out); err != nil {
		return fmt.Errorf("installing the UI: %w", err)
	}
	return writeStamp(ui.stamp(), key+" "+built)
}

func (ui UI) stamp() string { return filepath.Join(ui.State, "ui.key") }

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
