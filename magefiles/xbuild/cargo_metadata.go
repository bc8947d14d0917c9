package xbuild

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// metadata is the part of `cargo metadata --format-version 1` that we use.
type metadata struct {
	Packages []struct {
		ID           string  `json:"id"`
		Name         string  `json:"name"`
		Version      string  `json:"version"`
		License      string  `json:"license"`
		ManifestPath string  `json:"manifest_path"`
		Source       *string `json:"source"` // nil for packages by path
		RustVersion  string  `json:"rust_version"`
	} `json:"packages"`
	Resolve struct {
		Nodes []struct {
			ID   string `json:"id"`
			Deps []struct {
				Package string `json:"pkg"`
			} `json:"deps"`
		} `json:"nodes"`
	} `json:"resolve"`
	WorkspaceRoot   string `json:"workspace_root"`
	TargetDirectory string `json:"target_directory"`
}

// metadataCmd asks for the packages that the triples and the host need, so that
// nothing is downloaded that is not compiled.
func metadataCmd(b RustBuild, tc Toolchain) Cmd {
	args := []string{"metadata", "--locked", "--format-version", "1"}
	for _, t := range dedup(append(slices.Clone(tc.triples), tc.rustc.host)) {
		args = append(args, "--filter-platform", t)
	}
	args = append(args, featureArgs(b)...)
	return Cmd{Name: tc.rustc.cargo, Args: args, Dir: b.Dir, Env: toolEnv(b, tc), Stderr: b.Log}
}

func readMetadata(ctx context.Context, run Runner, c Cmd) (metadata, error) {
	out, err := Output(ctx, run, c)
	var m metadata
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		return m, fmt.Errorf("reading what %q prints: %w", "cargo metadata", err)
	}
	return m, nil
}

// remaps are rustc's --remap-path-prefix values, FROM=TO, which take this
// machine's folders out of the binary. Later ones win over earlier ones.
// cargoHome may be "": it only catches what metadata does not list, such as
// the standard library's own dependencies when that is built from source.
func remaps(m metadata, r rustc, cargoHome string) []string {
	var out, deps []string
	if cargoHome != "" {
		out = append(out, cargoHome+"=/cargo")
	}
	for _, p := range m.Packages {
		dir := filepath.Dir(p.ManifestPath)
		switch {
		case p.Source == nil:
			if !under(dir, m.WorkspaceRoot) {
				deps = append(deps, dir+"=/dep/"+p.Name)
			}
		case strings.HasPrefix(*p.Source, "git+"):
			deps = append(deps, dir+"=/git/"+p.Name)
		default: // NAME-VERSION in a registry's or a vendor folder
			deps = append(deps, filepath.Dir(dir)+"=/registry")
		}
	}
	slices.Sort(deps)
	out = append(out, m.WorkspaceRoot+"=/build")
	out = append(out, slices.Compact(deps)...)
	out = append(out, m.TargetDirectory+"=/build/target")
	if r.sysroot != "" {
		// What the standard library calls itself when rust-src is not there.
		to := "/rustc/" + r.version
		if r.commit != "" {
			to = "/rustc/" + r.commit
		}
		out = append(out, filepath.Join(r.sysroot, "lib", "rustlib", "src", "rust")+"="+to)
	}
	return out
}

// cargoHome is where cargo keeps what it downloads: CARGO_HOME, else .cargo in
// the user's folder.
func cargoHome(getenv func(string) string) string {
	if home := getenv("CARGO_HOME"); home != "" {
		return home
	}
	for _, key := range []string{"HOME", "USERPROFILE"} {
		if home := getenv(key); home != "" {
			return filepath.Join(home, ".cargo")
		}
	}
	return ""
}

func under(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

func dedup(list []string) []string {
	var out []string
	for _, s := range list {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
