package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Machine is where it was measured.
type Machine struct {
	CPU    string   `json:"cpu"`
	Cores  int      `json:"cores"`
	Memory int64    `json:"memory"` // bytes
	OS     string   `json:"os"`
	Kernel string   `json:"kernel"`
	Tools  []string `json:"tools"` // name and version
}

// Sample is one run of a cell. What was not measured is zero or absent.
type Sample struct {
	Cell
	Run      int      `json:"run"`
	Seconds  float64  `json:"seconds"`            // from the command's start until the image is published
	Tools    float64  `json:"tools,omitempty"`    // seconds until the last tool that it runs was done
	Sent     *int64   `json:"sent,omitempty"`     // bytes of blobs that reached the registry
	Blobs    *int64   `json:"blobs,omitempty"`    // how many blobs these were
	Stored   int64    `json:"stored,omitempty"`   // bytes of blobs that the tag needs
	Twice    *int64   `json:"twice,omitempty"`    // bytes of files, unpacked, that are alike on two platforms and in blobs of their own
	Peak     int64    `json:"peak,omitempty"`     // bytes of memory of the building process itself, at most
	Load     float64  `json:"load,omitempty"`     // of the machine before the run
	Digest   string   `json:"digest,omitempty"`   // of what was published
	Remarks  []string `json:"remarks,omitempty"`  // what one has to know to read it
	Platform string   `json:"platform,omitempty"` // comma list
}

// Missing is what could not be measured, and why.
type Missing struct {
	Engine   string `json:"engine"`
	Scenario string `json:"scenario,omitempty"` // empty: all
	Why      string `json:"why"`
}

// Result is all that was measured on one machine of one commit.
type Result struct {
	Title   string    `json:"title"`
	Machine Machine   `json:"machine"`
	Commit  string    `json:"commit"`
	Date    time.Time `json:"date"` // of the first sample
	Samples []Sample  `json:"samples"`
	Missing []Missing `json:"missing,omitempty"`
}

// Read reads what [Result.JSON] wrote.
func Read(b []byte) (Result, error) {
	var r Result
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("reading the results: %w", err)
	}
	return r, nil
}

// JSON is the result for machines.
func (r Result) JSON() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", " ")
	return append(b, '\n'), err
}

// Same refuses results that must not be put together: times of two machines or
// of two commits make no ratio.
func (r Result) Same(m Machine, commit string) error {
	if r.Machine.CPU != m.CPU || r.Machine.Cores != m.Cores || r.Machine.OS != m.OS {
		return errors.New("going on with the results: they are another machine's; remove the file, or say -fresh")
	}
	if r.Commit != commit {
		return fmt.Errorf("going on with the results: they are of commit %s, and this is %s; remove the file, or say -fresh", r.Commit, commit)
	}
	return nil
}

// Add puts a sample in the place of the same run, or at the end.
func (r *Result) Add(s Sample) {
	r.Missing = slices.DeleteFunc(r.Missing, func(m Missing) bool {
		return m.Engine == s.Engine && (m.Scenario == "" || m.Scenario == s.Scenario)
	})
	for i, old := range r.Samples {
		if old.Cell == s.Cell && old.Run == s.Run {
			r.Samples[i] = s
			return
		}
	}
	r.Samples = append(r.Samples, s)
}

// Miss notes what cannot be measured.
func (r *Result) Miss(m Missing) {
	r.Missing = slices.DeleteFunc(r.Missing, func(old Missing) bool { return old.Engine == m.Engine && old.Scenario == m.Scenario })
	r.Missing = append(r.Missing, m)
}

// Done tells whether a run is among the samples.
func (r Result) Done(t Turn) bool {
	return slices.ContainsFunc(r.Samples, func(s Sample) bool { return s.Cell == t.Cell && s.Run == t.Run })
}

// Of are the values of a cell that pick has found.
func (r Result) Of(c Cell, pick func(Sample) (float64, bool)) []float64 {
	var out []float64
	for _, s := range r.Samples {
		if s.Cell == c {
			if v, ok := pick(s); ok {
				out = append(out, v)
			}
		}
	}
	return out
}

// Median of values, which may be unsorted; false if there is none.
func Median(values []float64) (float64, bool) {
	if len(values) == 0 {
		return 0, false
	}
	v := slices.Sorted(slices.Values(values))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2, true
}

// Seconds picks a sample's time.
func Seconds(s Sample) (float64, bool) { return s.Seconds, s.Seconds > 0 }

// Time is a cell's median time in seconds.
func (r Result) Time(engine, scenario string) (float64, bool) {
	return Median(r.Of(Cell{engine, scenario}, Seconds))
}
