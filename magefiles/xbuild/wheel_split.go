package xbuild

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// WheelSplit is the packages of some platforms, parted into what all of them share and what each has for itself. The file
// systems hold what belongs into a site-packages of an image; each RECORD in them is right for what is there.
type WheelSplit struct {
	Pure     fs.FS              // for every platform; the same bytes from whichever it was read
	Native   map[Platform]fs.FS // for one platform
	Rows     []WheelRow         // every distribution, sorted by name
	Warnings []string           // whole sentences
}

// WheelRow is one distribution.
type WheelRow struct {
	Name, Version string
	Tags          map[Platform]string // of the wheel that each platform got; none where it has no need of the distribution
	Pure          bool                // it is in the part that all platforms share
}

// SplitWheels parts the packages that [LayOutWheels] laid out. A distribution is shared if every platform has it, its wheels' tags say
// that it fits any machine, no file of it holds machine code, and it is the same on all of them, byte by byte. All others are
// each platform's own. A distribution whose tag is wrong is reported in Warnings.
func SplitWheels(trees map[Platform]fs.FS, native IsNative) (*WheelSplit, error) {
	if len(trees) == 0 {
		return nil, errors.New("parting wheels: no platform is given")
	}
	platforms := slices.Collect(maps.Keys(trees))
	SortPlatforms(platforms)
	split := &WheelSplit{Native: map[Platform]fs.FS{}}
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
	pure, own := map[string]viewFile{}, map[Platform]map[string]viewFile{}
	for _, p := range platforms {
		own[p] = map[string]viewFile{}
	}
	for _, id := range slices.Sorted(maps.Keys(groups)) {
		row := split.judge(groups[id], platforms)
		split.Rows = append(split.Rows, row)
		for p, in := range groups[id] {
			if row.Pure && p == platforms[0] {
				maps.Copy(pure, in.files)
			} else if !row.Pure {
				maps.Copy(own[p], in.files)
			}
		}
	}
	split.Pure = newView(pure)
	for _, p := range platforms {
		if err := split.strays(trees[p], p, native, own[p]); err != nil {
			return nil, fmt.Errorf("parting the wheels for %s: %w", p, err)
		}
		split.Native[p] = newView(own[p])
	}
	return split, nil
}

// judge decides whether a distribution is shared, and warns of one that is not though its tag says so.
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
		s.warn("%s %s says that it fits any machine, but %q holds machine code: it is kept apart for each platform.", row.Name, row.Version, native[0])
	case claims && len(digests) > 1:
		s.warn("%s %s says that it fits any machine, but is not the same on all platforms: it is kept apart for each.", row.Name, row.Version)
	}
	return row
}

// strays adds the files that no distribution lists to the platform's own.
func (s *WheelSplit) strays(tree fs.FS, p Platform, native IsNative, own map[string]viewFile) error {
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
		own[name] = stray.files[name]
		s.warn("%q for %s belongs to no distribution: it is kept for that platform.", name, p)
		return nil
	})
}

func (s *WheelSplit) warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.Warnings, text) {
		s.Warnings = append(s.Warnings, text)
	}
}
