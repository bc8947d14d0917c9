package xbuild

import (
	"encoding/json"
	"fmt"
	"os"
)

// Stamp is what a step leaves beside its result: from what it was made, and what it left. It is written last and at once, so
// that a result whose making was cut short has none, and is made again.
type Stamp struct {
	Step    string          `json:"step"`
	Inputs  Inputs          `json:"inputs"`
	Outputs Inputs          `json:"outputs"`
	Result  json.RawMessage `json:"result,omitempty"` // what the step told its caller
	Sum     string          `json:"sum"`              // of all above: what a disk has garbled vouches for nothing
}

// never is why a step runs that has no stamp.
func never() []string { return []string{"there is no earlier result"} }

// loadStamp reads a stamp; false if there is none that can be trusted.
func loadStamp(file string) (Stamp, bool) {
	var s Stamp
	raw, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(raw, &s) != nil {
		return Stamp{}, false
	}
	return s, s.Sum == s.sum()
}

func (s Stamp) sum() string {
	return Key("stamp 1", s.Step, s.Inputs.Key(), s.Outputs.Key(), string(s.Result))
}

// save puts a stamp in place whole, making its folder if need be.
func (s Stamp) save(file string) error {
	s.Inputs, s.Outputs, s.Sum = s.Inputs.sorted(), s.Outputs.sorted(), ""
	s.Sum = s.sum()
	raw, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("writing stamp %q: %w", file, err)
	}
	return WriteFile(file, append(raw, '\n'), 0o644)
}

// changes says why the result of a stamp is not what the inputs would make now. Nothing means that it is.
func (s Stamp) changes(inputs, outputs Inputs) []string {
	return append(Changes(s.Inputs, inputs), Changes(s.Outputs, outputs)...)
}
