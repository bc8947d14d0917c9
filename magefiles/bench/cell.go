package bench

import (
	"fmt"
	"slices"
	"strings"
)

// Engine is a way to build the image.
type Engine struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Single bool   `json:"single,omitempty"` // it builds for one platform
}

// Scenario is what has changed since the build before.
type Scenario struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Once  bool     `json:"once,omitempty"` // one run is enough, however many are asked for
	Only  []string `json:"-"`              // the engines it is for; nil means all that build the application
}

// Cell is one engine in one scenario.
type Cell struct {
	Engine   string `json:"engine"`
	Scenario string `json:"scenario"`
}

// Engines are all that can be compared.
func Engines() []Engine {
	return []Engine{
		{ID: "oci", Title: "mage images"},
		{ID: "buildx", Title: "buildx, cross-compiling"},
		{ID: "emulated", Title: "buildx, under emulation"},
		{ID: "oci-1", Title: "mage images, one platform", Single: true},
		{ID: "buildx-1", Title: "buildx, one platform", Single: true},
		{ID: "emulated-1", Title: "buildx, native, one platform", Single: true},
		{ID: "ko", Title: "ko, a Go program"},
	}
}

// Scenarios are all that can happen between two builds, in the order they are
// run in: cold builds come first and fill the caches for the others.
func Scenarios() []Scenario {
	app := []string{"oci", "buildx", "oci-1", "buildx-1"}
	return []Scenario{
		{ID: "cold", Title: "cold, downloads kept", Only: []string{"oci", "buildx", "oci-1", "buildx-1", "emulated", "emulated-1"}},
		{ID: "nochange", Title: "no change"},
		{ID: "python", Title: "one line of Python", Only: append([]string{"emulated"}, append(app, "ko")...)},
		{ID: "ui", Title: "one line of the UI", Only: app},
		{ID: "rust", Title: "one line of Rust", Only: app},
		{ID: "dependency", Title: "a new Python package", Only: app},
		{ID: "base", Title: "a package of the base", Only: app},
		{ID: "three", Title: "cold, three platforms", Once: true, Only: []string{"oci"}},
		{ID: "files", Title: "10,000 small files", Once: true, Only: []string{"oci"}},
		{ID: "large", Title: "2 GB more", Once: true, Only: []string{"oci"}},
		{ID: "list", Title: "list of targets", Only: []string{"mage", "task"}},
	}
}

// Has tells whether an engine takes part in a scenario.
func (s Scenario) Has(engine string) bool {
	if s.Only == nil {
		return engine != "mage" && engine != "task"
	}
	return slices.Contains(s.Only, engine)
}

// Choose returns those of the names that a comma list has; all if it is empty.
func Choose(what, list string, names []string) ([]string, error) {
	if list == "" {
		return names, nil
	}
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("choosing %s: there is no %q; there are %s", what, name, strings.Join(names, ", "))
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

// Turn is one run of a cell.
type Turn struct {
	Cell
	Run int // from 1
}

// Schedule interleaves: all engines of a scenario take turns, and each round
// begins with another one, so that a slow minute of the machine meets all alike.
func Schedule(engines, scenarios []string, runs int) []Turn {
	var out []Turn
	for _, s := range Scenarios() {
		if !slices.Contains(scenarios, s.ID) {
			continue
		}
		var in []string
		for _, e := range engines {
			if s.Has(e) {
				in = append(in, e)
			}
		}
		rounds := runs
		if s.Once {
			rounds = 1
		}
		for r := range rounds {
			for i := range in {
				engine := in[(i+r)%len(in)]
				if r > 0 && s.ID == "cold" && strings.HasPrefix(engine, "emulated") {
					continue // a quarter of an hour that differs by seconds
				}
				out = append(out, Turn{Cell{engine, s.ID}, r + 1})
			}
		}
	}
	return out
}
