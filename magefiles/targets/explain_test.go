package targets

import (
	"context"
	"testing"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	j, _, out := testJob(t, nil)
	err := j.show.Step(t.Context(), "x", func(_ context.Context, s *report.Step) error {
		j.judged(s, "ui", xbuild.Verdict{Inputs: 49})
		j.judged(s, "wheels for linux/arm64", xbuild.Verdict{Why: []string{"requirements.lock changed"}})
		j.judged(s, "cli", xbuild.Verdict{Why: []string{
			"crates/noetlctl/src/main.rs changed", "flag -platforms: linux/amd64 -> linux/amd64,linux/arm64", "RUSTFLAGS set", "rustc 1.95.0 -> 1.96.0", "a added", "b removed",
		}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out.Reset()
	j.explain()
	goldenText(t, "explain.golden", out.String())
}
