package audit

import (
	"slices"
	"strings"
)

// CheckInfo is what people are told of a check.
type CheckInfo struct {
	ID      string // as in Finding.ID: lower-case words with dashes
	Title   string // a few words
	Explain string // why it matters, in a sentence or two
}

// Checks lists all that findings can be about, in the order of the reports.
func Checks() []CheckInfo {
	return slices.Concat([]CheckInfo{
		{IDArch, "code for another machine", "The file holds code for a processor that the platform does not have: it cannot be started or loaded."},
		{IDOS, "code for another operating system", "The machine is right, but the file says that it is for another operating system."},
		{IDFormat, "a format of another operating system", "No loader of this operating system takes such a file; it is of no use, or was meant to be another."},
		{IDFloatABI, "another float ABI", "On 32-bit arm programs pass floats in registers or not; libraries of the other kind cannot be loaded."},
		{IDMalformed, "a damaged native file", "The file begins as a program or library and contradicts itself, or ends early."},
		{IDCPULevel, "needs a newer processor", "The file says that it was built for a later generation of the processor than the platform promises: it ends with an illegal instruction on older machines."},
		{IDArchiveLimit, "an archive that was not read in full", "Archives are read up to fixed limits of size, depth and number, so that none can stop or slow down an audit."},
	}, loadingInfo(), pythonInfo(), nodeInfo(), runInfo(), hygieneInfo(), acrossInfo(), waiverInfo())
}

// checkers are the functions behind Checks. Each is a pure function of the
// inventory, and may be quiet about what was not read (see Inventory.Partial).
func checkers() []func(*Inventory) []Finding {
	return []func(*Inventory) []Finding{
		checkArch,
		checkCPULevel,
		checkNested,
		checkLoading,
		checkPython,
		checkNode,
		checkEntrypoint,
		checkUser,
		checkPorts,
		checkHygiene,
	}
}

// Check runs all checks. Findings are sorted (see [Sort]); their paths are
// absolute in an image and relative to the root in a tree.
func (inv *Inventory) Check() []Finding {
	var all []Finding
	for _, check := range checkers() {
		all = append(all, check(inv)...)
	}
	if inv.tree() {
		for i := range all {
			all[i].Path = strings.TrimPrefix(all[i].Path, "/")
		}
	}
	Sort(all)
	return all
}

// tree reports whether this is a folder or a wheel, and no image.
func (inv *Inventory) tree() bool { return len(inv.Layers) == 0 && inv.Config == nil }

// holder is where something was found, for messages: "a linux/arm64 image".
func (inv *Inventory) holder() string {
	if inv.tree() {
		return "a tree for " + inv.Platform
	}
	return "a " + inv.Platform + " image"
}
