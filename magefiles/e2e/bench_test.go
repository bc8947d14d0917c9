//go:build e2e

package e2e

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// benchResult is what bench leaves for machines.
type benchResult struct {
	Machine struct {
		Cores int `json:"cores"`
	} `json:"machine"`
	Commit  string `json:"commit"`
	Samples []struct {
		Engine, Scenario string
		Seconds          float64
	} `json:"samples"`
}

// TestBench: a benchmark leaves a result, a table and a picture of the same, and
// a second call does not measure again.
func TestBench(t *testing.T) {
	c := images(t)
	args := []string{"bench", "-engines=mage", "-scenarios=list", "-runs=2"}
	c.must(t, append(args, "-fresh")...)
	before := c.read(t, "dist/bench/result.json")
	c.must(t, args...)
	r := decode[benchResult](t, c.read(t, "dist/bench/result.json"))
	if len(r.Samples) != 2 || r.Samples[0].Seconds <= 0 || r.Machine.Cores == 0 || len(r.Commit) != 40 {
		t.Errorf("%+v", r)
	}
	if c.read(t, "dist/bench/result.json") != before {
		t.Error("the second call measured again")
	}
	if text := c.read(t, "dist/bench/result.md"); !strings.Contains(text, r.Commit[:10]) || !strings.Contains(text, "| what | wanted |") {
		t.Errorf("the table is\n%s", text)
	}
	for d := xml.NewDecoder(strings.NewReader(c.read(t, "dist/bench/result.svg"))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	c.refused(t, []string{"kaniko", "oci"}, "bench", "-engines=kaniko")
}
