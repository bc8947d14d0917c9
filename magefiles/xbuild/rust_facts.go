package xbuild

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// rustFacts is what only a build tells about what it depends on. The next one takes it from the stamp.
type rustFacts struct {
	Workspace string   `json:"workspace"` // its folder
	Target    string   `json:"target"`    // cargo's target folder
	Folders   []string `json:"folders"`   // of packages by path outside of the workspace
	Files     []string `json:"files"`     // outside of the workspace, that cargo or a compiler has read
	Variables []string `json:"variables"` // that build scripts or the source ask for
	Programs  []string `json:"programs"`  // paths of the compiler, its driver and linker
	Sysroots  []string `json:"sysroots"`
}

// facts puts together what a build with these toolchains depends on.
func (b RustBuild) facts(invocations []invocation) rustFacts {
	var f rustFacts
	var files []string
	for _, i := range invocations {
		f.Workspace, f.Target = i.metadata.WorkspaceRoot, i.metadata.TargetDirectory
		for _, p := range i.metadata.Packages {
			dir := filepath.Dir(p.ManifestPath)
			if !under(dir, f.Workspace) && !fromRegistry(dir, cargoHome(b.Getenv)) {
				f.Folders = append(f.Folders, dir)
			}
		}
		f.Programs = append(f.Programs, i.rustc.cargo, i.rustc.rustc)
		f.Sysroots = append(f.Sysroots, i.rustc.sysroot)
		for _, program := range []string{"cargo", "rustc"} {
			f.Programs = append(f.Programs, filepath.Join(i.rustc.sysroot, "bin", program))
		}
		if i.zig != nil {
			f.Programs = append(f.Programs, i.zig.zig, i.zig.zigbuild)
		}
		for _, l := range i.linkers {
			f.Programs = append(f.Programs, l.cc, l.ar)
		}
		for _, triple := range append(slices.Clone(i.triples), "") { // "": what was made for this host
			read, variables := readDepInfo(filepath.Join(f.Target, triple, cargoProfileDir(b.Profile)))
			files, f.Variables = append(files, read...), append(f.Variables, variables...)
		}
	}
	home := cargoHome(b.Getenv)
	for _, file := range files {
		inFolder := slices.ContainsFunc(f.Folders, func(dir string) bool { return under(file, dir) })
		if filepath.IsAbs(file) && !under(file, f.Workspace) && !under(file, f.Target) && !inFolder && !fromRegistry(file, home) {
			f.Files = append(f.Files, file)
		}
	}
	for _, list := range []*[]string{&f.Folders, &f.Files, &f.Variables, &f.Programs, &f.Sysroots} {
		slices.Sort(*list)
		*list = dedup(slices.Compact(*list))
	}
	return f
}

// fromRegistry tells whether a path is in what cargo has downloaded, which it never changes: a registry's packages are unpacked
// once, a commit checked out once.
func fromRegistry(path, home string) bool {
	return home != "" && (under(path, filepath.Join(home, "registry")) || under(path, filepath.Join(home, "git")))
}

// cargoProfileDir is where cargo puts what a profile makes.
func cargoProfileDir(profile string) string {
	switch profile {
	case "dev", "test":
		return "debug"
	case "bench":
		return "release"
	}
	return profile
}

// readDepInfo reads what compilers and build scripts say that they depend on, from a profile's folder: Makefile's rules in *.d,
// with the variables of env!() as comments, and what build scripts print.
func readDepInfo(dir string) (files, variables []string) {
	for _, pattern := range []string{"*.d", "deps/*.d"} {
		found, _ := filepath.Glob(filepath.Join(globEscape(dir), filepath.FromSlash(pattern)))
		for _, file := range found {
			f, v := depInfo(file)
			files, variables = append(files, f...), append(variables, v...)
		}
	}
	outputs, _ := filepath.Glob(filepath.Join(globEscape(dir), "build", "*", "output"))
	for _, file := range outputs {
		f, v := scriptOutput(file)
		files, variables = append(files, f...), append(variables, v...)
	}
	return files, variables
}

func depInfo(file string) (files, variables []string) {
	for line := range fileLines(file) {
		if v, ok := strings.CutPrefix(line, "# env-dep:"); ok {
			name, _, _ := strings.Cut(v, "=")
			variables = append(variables, name)
			continue
		}
		if _, after, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "#") {
			files = append(files, makeWords(after)...)
		}
	}
	return files, variables
}

// makeWords splits a rule's files, in which a space is written "\ ".
func makeWords(text string) []string {
	const space = "\x00"
	var out []string
	for _, word := range strings.Fields(strings.ReplaceAll(text, `\ `, space)) {
		out = append(out, strings.ReplaceAll(word, space, " "))
	}
	return out
}

func scriptOutput(file string) (files, variables []string) {
	for line := range fileLines(file) {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "cargo::"), "cargo:")
		if v, ok := strings.CutPrefix(line, "rerun-if-env-changed="); ok {
			variables = append(variables, strings.TrimSpace(v))
		}
		if v, ok := strings.CutPrefix(line, "rerun-if-changed="); ok {
			files = append(files, strings.TrimSpace(v))
		}
	}
	return files, variables
}

// fileLines reads a file line by line; one that cannot be read has none.
func fileLines(file string) func(func(string) bool) {
	return func(yield func(string) bool) {
		f, err := os.Open(file)
		if err != nil {
			return
		}
		defer func() { _ = f.Close() }()
		scan := bufio.NewScanner(f)
		scan.Buffer(nil, 16<<20)
		for scan.Scan() && yield(scan.Text()) {
		}
	}
}

// libraries are the names of the standard libraries of a sysroot: rustc has a hash in each.
func libraries(sysroot string) string {
	var names []string
	dir := filepath.Join(sysroot, "lib", "rustlib")
	_ = filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // what is not there has no name
		}
		if entry.IsDir() && (entry.Name() == "src" || entry.Name() == "etc") {
			names = append(names, file)
			return fs.SkipDir
		}
		names = append(names, file)
		return nil
	})
	raw, _ := json.Marshal(names)
	return Key(string(raw))
}
