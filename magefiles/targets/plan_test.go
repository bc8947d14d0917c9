package targets

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

func twoPlatforms(t *testing.T) []xbuild.Platform {
	t.Helper()
	platforms, err := xbuild.ParsePlatforms("linux/arm64,linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	return platforms
}

// TestPlan pins what the image is: layers and their order, which are shared,
// and the configuration that people rely on.
func TestPlan(t *testing.T) {
	t.Parallel()
	in := inputs{source: source{revision: "abc", created: time.Unix(1_700_000_000, 0).UTC()}, base: map[xbuild.Platform]baseTree{}}
	plan := thisProject().plan(twoPlatforms(t), in)
	type layer struct {
		Name, To string
		Shared   bool
	}
	type image struct {
		Platform, Created, FileTime string
		Layers                      []layer
		Config                      oci.Config
	}
	var got []image
	for i, p := range plan.Images {
		other := plan.Images[1-i]
		im := image{p.Platform, p.Created.Format(time.RFC3339), p.FileTime.Format(time.RFC3339), nil, p.Config}
		for n, l := range p.Layers {
			im.Layers = append(im.Layers, layer{l.Name, l.To, other.Layers[n] == l})
		}
		got = append(got, im)
	}
	golden(t, "plan.golden", got)
}

// TestPlanTakesTheCLIAlone: a build that was killed, or made the CLI under
// another name, may have left something beside it.
func TestPlanTakesTheCLIAlone(t *testing.T) {
	t.Parallel()
	p := thisProject()
	for _, image := range p.plan(twoPlatforms(t), inputs{base: map[xbuild.Platform]baseTree{}}).Images {
		for _, l := range image.Layers {
			if l.To != p.CLI.To {
				continue
			}
			if l.Exclude == nil || !l.Exclude(".tmp-1") || !l.Exclude("old") || l.Exclude(p.CLI.Binary) {
				t.Errorf("%s: the layer %q is not just %q", image.Platform, l.Name, p.CLI.Binary)
			}
		}
	}
}

// TestPlanOnABase: a base that somebody brings replaces ours and keeps its PATH.
func TestPlanOnABase(t *testing.T) {
	t.Parallel()
	base := &oci.Source{Name: "somebody/python:3.13"}
	plan := thisProject().plan(twoPlatforms(t), inputs{image: base})
	for _, p := range plan.Images {
		if p.Base != base {
			t.Errorf("%s is not on the base", p.Platform)
		}
		if len(p.Layers) != 5 {
			t.Errorf("%s has %d layers, want 5: no Debian under them", p.Platform, len(p.Layers))
		}
		if path, ok := p.Config.Env["PATH"]; ok {
			t.Errorf("PATH of the base is replaced by %q", path)
		}
	}
}

// golden compares a value, as JSON, with a file in testdata; -update rewrites it.
func golden(t *testing.T, name string, value any) {
	t.Helper()
	got, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; go test -update rewrites it\n%s", file, got)
	}
}
