package bench

import "fmt"

// Value says what is measured of a cell.
type Value struct {
	Cell
	Of string // "" is seconds; overhead, blobs, twice, peak
}

// Threshold is what a value, or the ratio of two, has to come to.
type Threshold struct {
	What  string
	Over  Value // numerator
	Under Value // denominator; without an engine there is none
	Least bool  // the limit is the least that is allowed, not the most
	Limit float64
}

// Verdict is a threshold held against a result.
type Verdict struct {
	Threshold
	Value float64
	Known bool
	Good  bool
}

// Thresholds are what this library promises.
func Thresholds() []Threshold {
	at := func(engine, scenario string) Value { return Value{Cell: Cell{engine, scenario}} }
	list := []Threshold{
		{What: "cold, two platforms: emulated build / ours", Over: at("emulated", "cold"), Under: at("oci", "cold"), Least: true, Limit: 10},
		{What: "cold, two platforms: cross-compiling buildx / ours", Over: at("buildx", "cold"), Under: at("oci", "cold"), Least: true, Limit: 1.5},
		{What: "one Python line: cross-compiling buildx / ours", Over: at("buildx", "python"), Under: at("oci", "python"), Least: true, Limit: 3},
		{What: "one UI line: cross-compiling buildx / ours", Over: at("buildx", "ui"), Under: at("oci", "ui"), Least: true, Limit: 1.5},
		{What: "one Rust line: cross-compiling buildx / ours", Over: at("buildx", "rust"), Under: at("oci", "rust"), Least: true, Limit: 1.5},
		{What: "no change: ours / cross-compiling buildx", Over: at("oci", "nochange"), Under: at("buildx", "nochange"), Limit: 1},
		{What: "no change: ours / ko", Over: at("oci", "nochange"), Under: at("ko", "nochange"), Limit: 1},
		{What: "ours, two platforms / one: cold", Over: at("oci", "cold"), Under: at("oci-1", "cold"), Limit: 1.5},
	}
	for _, s := range Scenarios()[1:7] {
		list = append(list, Threshold{What: "ours, two platforms / one: " + s.Title, Over: at("oci", s.ID), Under: at("oci-1", s.ID), Limit: 1.15})
	}
	return append(list,
		Threshold{What: "bytes stored for two platforms beyond what differs between them", Over: Value{Cell{"oci", "cold"}, "twice"}},
		Threshold{What: "blobs sent for no change", Over: Value{Cell{"oci", "nochange"}, "blobs"}},
		Threshold{What: "own overhead, cold: wall time / critical path of the tools", Over: Value{Cell{"oci", "cold"}, "overhead"}, Limit: 1.05},
		Threshold{What: "mage -l, warm / task --list", Over: at("mage", "list"), Under: at("task", "list"), Limit: 2},
		Threshold{What: "peak memory in MB, 10,000 small files more", Over: Value{Cell{"oci", "files"}, "peak"}, Limit: 200},
		Threshold{What: "peak memory in MB, 2 GB more", Over: Value{Cell{"oci", "large"}, "peak"}, Limit: 200},
	)
}

// Judge holds the thresholds against the medians.
func (r Result) Judge(list []Threshold) []Verdict {
	out := make([]Verdict, len(list))
	for i, t := range list {
		v, ok := r.value(t.Over)
		if ok && t.Under.Engine != "" {
			var under float64
			under, ok = r.value(t.Under)
			v /= under
		}
		out[i] = Verdict{Threshold: t}
		if ok {
			out[i].Value, out[i].Known = v, true
			out[i].Good = v <= t.Limit && !t.Least || v >= t.Limit && t.Least
		}
	}
	return out
}

func (r Result) value(v Value) (float64, bool) {
	pick := Seconds
	pointer := func(p *int64) (float64, bool) {
		if p == nil {
			return 0, false
		}
		return float64(*p), true
	}
	switch v.Of {
	case "overhead":
		pick = func(s Sample) (float64, bool) { return s.Seconds / max(s.Tools, 1e-9), s.Tools > 0 }
	case "blobs":
		pick = func(s Sample) (float64, bool) { return pointer(s.Blobs) }
	case "twice":
		pick = func(s Sample) (float64, bool) { return pointer(s.Twice) }
	case "peak":
		pick = func(s Sample) (float64, bool) { return float64(s.Peak) / 1e6, s.Peak > 0 }
	}
	return Median(r.Of(v.Cell, pick))
}

// Limits is the limit in words.
func (t Threshold) Limits() string {
	if t.Least {
		return fmt.Sprintf("≥ %g", t.Limit)
	}
	return fmt.Sprintf("≤ %g", t.Limit)
}
