package xbuild

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// partingVersion changes with how packages are parted, and with what is taken for machine code. See TestSplitWheels.
const partingVersion = 2

// splitStep is the name of the step in its ledger.
const splitStep = "split"

// SavedSplit is a [WheelSplit] of folders that [LayOutWheels] has laid out. What is known of an earlier build is not read again
// before somebody opens a file.
type SavedSplit struct {
	Key      string     // names the content of the folders
	Rows     []WheelRow // as in WheelSplit
	Warnings []string   // as in WheelSplit

	keys   map[string]string // as in WheelSplit
	laid   []LaidOut
	ledger Ledger
	read   func() (*WheelSplit, error)
}

type savedRows struct {
	Rows     []savedRow        `json:"rows"`
	Warnings []string          `json:"warnings"`
	Keys     map[string]string `json:"keys"`
}

type savedRow struct {
	Name, Version string
	Tags          map[string]string // by platform
	Pure          bool
}

// SplitLaidOut is [SplitWheels] of folders, which it remembers in the ledger by what they hold.
func SplitLaidOut(laid []LaidOut, native IsNative, ledger Ledger) (*SavedSplit, error) {
	s := &SavedSplit{laid: slices.Clone(laid), ledger: ledger}
	s.read = sync.OnceValues(func() (*WheelSplit, error) {
		trees := map[Platform]fs.FS{}
		for _, l := range s.laid {
			trees[l.Platform] = os.DirFS(l.Dir)
		}
		return SplitWheels(trees, native)
	})
	var in Inputs
	in.flag("split", partingVersion)
	for _, l := range laid {
		in = append(in, Input{Kind: FileInput, Name: "wheels for " + l.Platform.String(), Value: l.Key})
	}
	s.Key = in.Key()
	if stamp, ok := ledger.load(splitStep); ok && stamp.Inputs.Key() == s.Key && s.restore(stamp.Result) == nil {
		return s, nil
	}
	split, err := s.read()
	if err != nil {
		return nil, err
	}
	s.Rows, s.Warnings, s.keys = split.Rows, split.Warnings, split.keys
	if !s.Still() {
		return s, nil
	}
	saved := savedRows{Warnings: split.Warnings, Keys: split.keys}
	for _, row := range split.Rows {
		one := savedRow{row.Name, row.Version, map[string]string{}, row.Pure}
		for p, tag := range row.Tags {
			one.Tags[p.String()] = tag
		}
		saved.Rows = append(saved.Rows, one)
	}
	raw, err := json.Marshal(saved)
	if err != nil {
		return nil, fmt.Errorf("remembering how packages are parted: %w", err)
	}
	return s, ledger.save(Stamp{Step: splitStep, Inputs: in, Result: raw})
}

func (s *SavedSplit) restore(raw []byte) error {
	var saved savedRows
	if err := json.Unmarshal(raw, &saved); err != nil {
		return err
	}
	for _, l := range s.laid {
		if saved.Keys[l.Platform.String()] == "" {
			return fmt.Errorf("reading how packages are parted: nothing is said of %s", l.Platform)
		}
	}
	s.Warnings, s.keys = saved.Warnings, saved.Keys
	for _, one := range saved.Rows {
		row := WheelRow{Name: one.Name, Version: one.Version, Tags: map[Platform]string{}, Pure: one.Pure}
		for name, tag := range one.Tags {
			p, err := ParsePlatform(name)
			if err != nil {
				return err
			}
			row.Tags[p] = tag
		}
		s.Rows = append(s.Rows, row)
	}
	return nil
}

// SharedKey names the content of Shared: equal if and only if that is.
func (s *SavedSplit) SharedKey() string { return s.keys[""] }

// NativeKey names the content of Native(p): equal if and only if that is, whatever is new in other parts.
func (s *SavedSplit) NativeKey(p Platform) string { return s.keys[p.String()] }

// Shared is what all platforms have alike.
func (s *SavedSplit) Shared() (fs.FS, error) {
	split, err := s.read()
	if err != nil {
		return nil, err
	}
	return split.Shared, nil
}

// Native is what one platform has for itself.
func (s *SavedSplit) Native(p Platform) (fs.FS, error) {
	split, err := s.read()
	if err != nil {
		return nil, err
	}
	return split.Native[p], nil
}

// Still reports whether the folders hold what Key, and with it the other keys, name.
func (s *SavedSplit) Still() bool {
	for _, l := range s.laid {
		if s.ledger.TreeKey(l.Dir) != l.Key {
			return false
		}
	}
	return true
}
