package xbuild

import "path/filepath"

// RustTools are the programs that a RustBuild may use, for a doctor's table.
// Whether they add up to something that can build is for Choose to say.
func RustTools(toolDirs []string, minRust string, neededBy ...string) []Tool {
	return []Tool{
		{
			Name: "cargo", Candidates: []string{"cargo", "/usr/bin/cargo"}, Min: minRust,
			Why: "compiles the CLI", NeededBy: neededBy,
			Install: map[string]string{
				"": "install rustup from https://rustup.rs", "apt": "cargo rustc", "dnf": "cargo rust", "apk": "cargo rust",
				"brew": "rustup", "winget": "Rustlang.Rustup", "scoop": "rustup",
			},
		},
		{
			Name: "cargo-zigbuild", Why: "links for every platform and pins the glibc version", NeededBy: neededBy,
			Install: map[string]string{"": "the bootstrap target installs it, pinned; or: pip install cargo-zigbuild", "brew": "cargo-zigbuild"},
		},
		{
			Name: "zig", Candidates: zigCandidates(toolDirs, filepath.Glob), VersionArgs: []string{"version"},
			Why: "is the C compiler and linker that cargo-zigbuild drives", NeededBy: neededBy,
			Install: map[string]string{"": "the bootstrap target installs it, pinned; or: pip install ziglang", "brew": "zig", "winget": "zig.zig", "scoop": "zig"},
		},
		{
			Name: "rustup", Optional: true, Why: "adds standard libraries for other platforms", NeededBy: neededBy,
			Install: map[string]string{"": "see https://rustup.rs", "brew": "rustup", "winget": "Rustlang.Rustup", "scoop": "rustup"},
		},
	}
}
