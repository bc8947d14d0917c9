package targets

import (
	"slices"
	"strings"
)

// checkState is what a check came to.
type checkState string

// The states, as they stand in the JSON. Only missing makes doctor fail.
const (
	stateOK      checkState = "ok"
	stateMissing checkState = "missing" // an asked target needs it, and it is not there or will not do
	stateWarning checkState = "warning" // it works, but deserves a look
	stateInfo    checkState = "info"    // a fact, or something that none of the asked targets needs
)

// check is one line of doctor: a question about this machine, and its answer.
// The JSON names are a promise.
type check struct {
	ID       string     `json:"id"`        // stays the same: tool.node, rust.linux-arm64
	Section  string     `json:"section"`   // heading that it stands under
	Title    string     `json:"title"`     // what people call it
	State    checkState `json:"state"`     //
	Found    string     `json:"found"`     // a version or a fact; empty if there is nothing
	Where    string     `json:"where"`     // path, if it is a file
	Wanted   string     `json:"wanted"`    // in npm's way to write versions; empty: any
	Why      string     `json:"why"`       // what it is for, one clause
	NeededBy []string   `json:"needed_by"` // targets; "images -push" is images with that flag
	Problem  string     `json:"problem"`   // what is wrong; empty if nothing is
	Cure     string     `json:"cure"`      // a command for this system, or advice
}

// The sections, in the order in which they are shown.
const (
	sectionTools      = "Tools"
	sectionRust       = "Rust, for each platform of the CLI"
	sectionContainers = "Containers and clusters"
	sectionRegistry   = "Registry"
	sectionMachine    = "This machine and this checkout"
	sectionE2E        = "For the end-to-end tests"
)

func sections() []string {
	return []string{sectionTools, sectionRust, sectionContainers, sectionRegistry, sectionMachine, sectionE2E}
}

// lacks is c with what is wrong with it: missing if one of the asked targets
// needs it, else only worth knowing.
func (c check) lacks(problem string, asked []string) check {
	c.Problem, c.State = problem, stateInfo
	if needsOne(c.NeededBy, asked) {
		c.State = stateMissing
	}
	return c
}

func needsOne(neededBy, asked []string) bool {
	return slices.ContainsFunc(asked, func(t string) bool { return slices.Contains(neededBy, t) })
}

// concerns also counts what a target needs with some flag only, and what is
// everybody's.
func concerns(neededBy []string, target string) bool {
	return target == "" || len(neededBy) == 0 || slices.ContainsFunc(neededBy, func(n string) bool {
		name, _, _ := strings.Cut(n, " ")
		return name == target
	})
}

// diagnosis is all that doctor found out. Table, JSON and verdict are made of
// it alone.
type diagnosis struct {
	Host           string   `json:"host"`
	PackageManager string   `json:"package_manager"` // apt, dnf, apk, brew, winget, scoop, or empty
	Targets        []string `json:"targets"`         // that the verdict is about
	OK             bool     `json:"ok"`
	Missing        int      `json:"missing"`
	Warnings       int      `json:"warnings"`
	Error          string   `json:"error"` // why there are no checks
	Checks         []check  `json:"checks"`
}

// newDiagnosis sorts the checks into their sections and counts them.
func newDiagnosis(host, manager string, asked []string, checks []check) diagnosis {
	d := diagnosis{Host: host, PackageManager: manager, Targets: asked, Checks: []check{}}
	for _, section := range sections() {
		for _, c := range checks {
			if c.Section == section {
				if c.NeededBy == nil {
					c.NeededBy = []string{} // who reads JSON gets a list
				}
				d.Checks = append(d.Checks, c)
			}
		}
	}
	d.Missing, d.Warnings = len(d.in(stateMissing)), len(d.in(stateWarning))
	d.OK = d.Missing == 0
	return d
}

func (d diagnosis) in(state checkState) []check {
	var out []check
	for _, c := range d.Checks {
		if c.State == state {
			out = append(out, c)
		}
	}
	return out
}
