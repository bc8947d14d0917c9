package xbuild

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// WheelSplit is the packages of some platforms, parted file by file into what all of them share and what each has for itself.
// The file systems hold what belongs into a site-packages of an image, the two of a platform over each other; each RECORD is right
// for what is there then.
type WheelSplit struct {
	Shared   fs.FS              // for every platform; the same bytes from whichever it was read
	Native   map[Platform]fs.FS // for one platform
	Rows     []WheelRow         // every distribution, sorted by name
	Warnings []string           // whole sentences

	keys map[string]string // of the parts, by platform; "" is what is shared
}

// WheelRow is one distribution.
type WheelRow struct {
	Name, Version string
	Tags          map[Platform]string // of the wheel that each platform got; none where it has no need of the distribution
	Pure          bool                // its tags say that it fits any machine, and they are right: all of it is shared
}

// SplitWheels parts the packages that [LayOutWheels] laid out. A file is shared if every platform has it with the same bytes, and if
// it holds no machine code, whatever distribution it is of: of one with machine code that is most of what is no machine code.
// All others are each platform's own. A distribution whose tag is wrong is reported in Warnings.
func SplitWheels(trees map[Platform]fs.FS, native IsNative) (*WheelSplit, error) {
	if len(trees) == 0 {
		return nil, errors.New("parting wheels: no platform is given")
	}
	platforms := slices.Collect(maps.Keys(trees))
	SortPlatforms(platforms)
	split := &WheelSplit{Native: map[Platform]fs.FS{}, keys: map[string]string{}}
	groups := map[string]map[Platform]installed{} // by name and version
	for _, p := range platforms {
		dists, err := Distributions(trees[p])
		if err != nil {
			return nil, fmt.Errorf("parting the wheels for %s: %w", p, err)
		}
		for _, dist := range dists {
			in, err := dist.install(trees[p], native)
			if err != nil {
				return nil, fmt.Errorf("parting the wheels for %s: reading %s %s: %w", p, dist.Name, dist.Version, err)
			}
			id := normalName(dist.Name) + " " + dist.Version
			if groups[id] == nil {
				groups[id] = map[Platform]installed{}
			}
			groups[id][p] = in
		}
	}
	files := map[Platform]map[string]viewFile{}
	for _, p := range platforms {
		files[p] = map[string]viewFile{}
	}
	for _, id := range slices.Sorted(maps.Keys(groups)) {
		split.Rows = append(split.Rows, split.judge(groups[id], platforms))
		for p, in := range groups[id] {
			maps.Copy(files[p], in.files)
		}
	}
	for _, p := range platforms {
		if err := split.strays(trees[p], p, native, files[p]); err != nil {
			return nil, fmt.Errorf("parting the wheels for %s: %w", p, err)
		}
	}
	shared := alike(files, platforms)
	split.Shared, split.keys[""] = newView(shared), contentKey(shared)
	for _, p := range platforms {
		maps.DeleteFunc(files[p], func(name string, _ viewFile) bool { _, ok := shared[name]; return ok })
		split.Native[p], split.keys[p.String()] = newView(files[p]), contentKey(files[p])
	}
	return split, nil
}

// alike are the files that all platforms have with the same bytes, and that hold no machine code: a program that is the same for
// two machines is a mistake on one of them, which is to be found there.
func alike(files map[Platform]map[string]viewFile, platforms []Platform) map[string]viewFile {
	same := maps.Clone(files[platforms[0]])
	maps.DeleteFunc(same, func(name string, file viewFile) bool {
		return file.code || slices.ContainsFunc(platforms, func(p Platform) bool {
			other, ok := files[p][name]
			return !ok || other.sum != file.sum || other.mode != file.mode
		})
	})
	return same
}

// judge decides whether a distribution is pure, and warns of one that is not though its tag says so.
func (s *WheelSplit) judge(group map[Platform]installed, platforms []Platform) WheelRow {
	row := WheelRow{Tags: map[Platform]string{}, Pure: len(group) == len(platforms)}
	claims := true
	var native, digests []string
	for _, p := range platforms {
		in, ok := group[p]
		if !ok {
			continue
		}
		row.Name, row.Version, row.Tags[p] = in.Name, in.Version, in.Tag()
		claims = claims && in.Pure
		if native == nil {
			native = in.native
		}
		if !slices.Contains(digests, in.digest) {
			digests = append(digests, in.digest)
		}
		for _, program := range in.lost {
			if p.OS != "windows" && strings.HasSuffix(program, ".exe") {
				continue // uv's own launcher of a script, made because this host runs Windows
			}
			s.warn("%s %s brings the program %q, which is left out: an image starts modules, not programs of packages.", in.Name, in.Version, program)
		}
	}
	row.Pure = row.Pure && claims && len(native) == 0 && len(digests) == 1
	switch {
	case claims && len(native) > 0:
		s.warn("%s %s says that it fits any machine, but %q holds machine code: that is kept apart for each platform.", row.Name, row.Version, native[0])
	case claims && len(digests) > 1:
		s.warn("%s %s says that it fits any machine, but is not the same on all platforms: what differs is kept apart for each.", row.Name, row.Version)
	}
	return row
}

// strays adds the files that no distribution lists to those of the platform.
func (s *WheelSplit) strays(tree fs.FS, p Platform, native IsNative, files map[string]viewFile) error {
	dists, err := Distributions(tree)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, dist := range dists {
		for _, file := range dist.Files {
			listed[file] = true
		}
	}
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || listed[name] || !(Dist{}).kept(name) {
			return err
		}
		if !entry.Type().IsRegular() {
			return fmt.Errorf("%q is neither a file nor a folder (%v)", name, entry.Type())
		}
		stray, err := (Dist{Info: "-", Files: []string{name}}).install(tree, native)
		if err != nil {
			return err
		}
		files[name] = stray.files[name]
		s.warn("%q for %s belongs to no distribution: it is kept all the same.", name, p)
		return nil
	})
}

func (s *WheelSplit) warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.Warnings, text) {
		s.Warnings = append(s.Warnings, text)
	}
}
