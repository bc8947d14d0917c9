package xbuild

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// rustSaved is what a build's stamp tells the next one.
type rustSaved struct {
	Facts      rustFacts          `json:"facts"`
	Toolchains []savedToolchain   `json:"toolchains"`
	Binaries   []Binary           `json:"binaries"`
	Crates     map[string][]Crate `json:"crates"` // by platform
}

// savedToolchain is what is shown of a Toolchain: it cannot build any more.
type savedToolchain struct {
	Name, Linker, Reason      string
	Platforms                 []Platform
	Rustc, Zig, CargoZigbuild string
}

// before looks at what there is: the inputs as they are before anything runs, and what was built, if that is what would be built
// again. The verdict then is that nothing changed.
func (b RustBuild) before() (Inputs, RustResult, error) {
	result := RustResult{Verdict: Verdict{Why: never()}}
	if b.Ledger.Dir == "" {
		return nil, result, nil
	}
	stamp, ok := b.Ledger.load(b.stampName())
	var saved rustSaved
	if !ok || json.Unmarshal(stamp.Result, &saved) != nil {
		in, err := b.inputs(b.guess())
		return in, result, err
	}
	in, err := b.inputs(saved.Facts)
	if err != nil {
		return nil, result, err
	}
	var paths []string
	for _, bin := range saved.Binaries {
		paths = append(paths, bin.Path)
	}
	result.Verdict = Verdict{Why: stamp.changes(in, b.Ledger.files(OutputInput, paths)), Inputs: len(in)}
	if !result.Ran() {
		result.restore(saved)
		return in, result, nil
	}
	return in, result, b.freshen(stamp.Inputs, in)
}

// freshen gives files with another content than at the last build, but an older time, the time of now: a checkout, an editor or a
// backup may have put them back with it. Cargo goes by times, and would take them for what it has compiled.
func (b RustBuild) freshen(before, now Inputs) error {
	stamp, err := os.Stat(b.Ledger.stamp(b.stampName()))
	if err != nil {
		return nil //nolint:nilerr // there was no last build
	}
	old := map[string]string{}
	for _, i := range before {
		if i.Kind == FileInput {
			old[i.Name] = i.Value
		}
	}
	for _, i := range now {
		if i.Kind != FileInput || i.Value == "" || i.Value == old[i.Name] {
			continue
		}
		file := b.Ledger.host(i.Name)
		info, err := os.Stat(file)
		if err != nil || info.ModTime().After(stamp.ModTime()) {
			continue
		}
		if err := os.Chtimes(file, b.began, b.began); err != nil {
			return fmt.Errorf("telling cargo that a file has changed: %w; touch it", err)
		}
	}
	return nil
}

// guess is what can be known before the first build: the folder of the workspace.
func (b RustBuild) guess() rustFacts {
	f := rustFacts{Workspace: b.Dir}
	for dir := b.Dir; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if manifest, err := os.ReadFile(filepath.Join(dir, "Cargo.toml")); err == nil && strings.Contains(string(manifest), "[workspace") {
			f.Workspace = dir
		}
	}
	f.Target = filepath.Join(f.Workspace, "target")
	return f
}

// remember writes the stamp of a build. What changed while it ran has the value of before, so that the next one sees a change; so
// has what this build only learned of, if somebody may have changed it since.
func (b RustBuild) remember(before Inputs, f rustFacts, r RustResult) error {
	if b.Ledger.Dir == "" || slices.ContainsFunc(r.Toolchains, func(tc Toolchain) bool { return tc.cross != nil || tc.std != nil }) {
		return nil // what is in a container, or in the source of the standard library, is not looked at: such a build runs each time
	}
	in, err := b.inputs(f)
	if err != nil {
		return err
	}
	type id struct{ kind, name string }
	known := map[id]bool{}
	for _, i := range before {
		known[id{i.Kind, i.Name}] = true
	}
	var merged Inputs
	still := map[id]bool{}
	for _, i := range in {
		still[id{i.Kind, i.Name}] = true
	}
	for _, i := range before {
		gone := i.Kind == FileInput && i.Value != "" && !exists(b.Ledger.host(i.Name))
		if still[id{i.Kind, i.Name}] || gone { // else it has turned out not to count
			merged = append(merged, i)
		}
	}
	for _, i := range in {
		if known[id{i.Kind, i.Name}] {
			continue
		}
		if i.Kind == FileInput && b.young(i.Name) {
			i.Value = unreadable()
		}
		merged = append(merged, i)
	}
	var made Inputs
	for _, bin := range r.Binaries {
		value := bin.sum
		if runtime.GOOS != "windows" {
			value += " executable"
		}
		made = append(made, Input{Kind: OutputInput, Name: b.Ledger.name(bin.Path), Value: value})
	}
	raw, err := json.Marshal(r.saved(f))
	if err != nil {
		return fmt.Errorf("remembering what was built: %w", err)
	}
	return b.Ledger.save(Stamp{Step: b.stampName(), Inputs: merged, Outputs: made, Result: raw})
}

// young tells whether a file may have changed since the build began.
func (b RustBuild) young(name string) bool {
	info, err := os.Lstat(b.Ledger.host(name))
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	changed := info.ModTime()
	if _, at, ok := fileState(info); ok {
		changed = at
	}
	return changed.Add(settled).After(b.began)
}

func (r RustResult) saved(f rustFacts) rustSaved {
	s := rustSaved{Facts: f, Binaries: r.Binaries, Crates: map[string][]Crate{}}
	for p, crates := range r.Crates {
		s.Crates[p.String()] = crates
	}
	for _, tc := range r.Toolchains {
		one := savedToolchain{Name: tc.Name, Linker: tc.Linker, Reason: tc.Reason, Platforms: tc.Platforms, Rustc: tc.rustc.version}
		if tc.zig != nil {
			one.Zig, one.CargoZigbuild = tc.zig.version, tc.zig.zigbuildVersion
		}
		s.Toolchains = append(s.Toolchains, one)
	}
	return s
}

func (r *RustResult) restore(s rustSaved) {
	r.Binaries, r.Crates = s.Binaries, map[Platform][]Crate{}
	for name, crates := range s.Crates {
		if p, err := ParsePlatform(name); err == nil {
			r.Crates[p] = crates
		}
	}
	for _, one := range s.Toolchains {
		tc := Toolchain{Name: one.Name, Linker: one.Linker, Reason: one.Reason, Platforms: one.Platforms, rustc: rustc{version: one.Rustc}}
		if one.Zig != "" {
			tc.zig = &zig{version: one.Zig, zigbuildVersion: one.CargoZigbuild}
		}
		r.Toolchains = append(r.Toolchains, tc)
	}
}
