package xbuild

import (
	"maps"
	"slices"
)

// Inputs are those of a step whose result is kept elsewhere: files by path, and parameters.
func (l Ledger) Inputs(files []string, flags map[string]string) (in Inputs) {
	in = l.files(FileInput, files)
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		in.flag(name, flags[name])
	}
	return in
}

// TreeKey names what is in a folder, as the Key of a step's result does; "" if that cannot be read.
func (l Ledger) TreeKey(dir string) string {
	there, err := l.tree(OutputInput, dir)
	if err != nil {
		return ""
	}
	return there.Key()
}

// Compare tells what differs between the inputs and those that the step last ran with, as Record noted them.
func (l Ledger) Compare(step string, in Inputs) Verdict { return l.judge(step, in, nil) }

// Record notes what a step ran with.
func (l Ledger) Record(step string, in Inputs) error { return l.save(Stamp{Step: step, Inputs: in}) }
