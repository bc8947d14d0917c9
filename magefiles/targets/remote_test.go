package targets

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
)

// TestWayBack: a push that failed half-way says which tags had moved, and how to
// get the old images back.
func TestWayBack(t *testing.T) {
	t.Parallel()
	j, _, out := testJob(t, nil)
	j.showMoved([]oci.MovedTag{{Ref: "localhost:5000/team/app:1.2"}, {Ref: "localhost:5000/team/app:latest", Previous: "sha256:0ld"}})
	want := `tag localhost:5000/team/app:1.2 (new)
tag localhost:5000/team/app:latest (was sha256:0ld)
way back: docker buildx imagetools create --tag localhost:5000/team/app:latest localhost:5000/team/app@sha256:0ld
`
	if out.String() != want {
		t.Errorf("got\n%s", out)
	}
}

// TestWaitingIsShown: a person who waits for a registry sees why.
func TestWaitingIsShown(t *testing.T) {
	t.Parallel()
	j, _, out := testJob(t, nil)
	j.show = report.New(out, report.Options{Verbose: true})
	err := j.show.Step(context.Background(), "push", func(_ context.Context, s *report.Step) error {
		r := j.remoteFor(s, "sent", sentBytes)
		r.Progress(oci.BlobDone{Size: 5_000_000, Sent: 2_000_000})
		r.Waiting(oci.Waiting{Cause: "429 Too Many Requests", Wait: 12 * time.Second})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"429 Too Many Requests", "12", "2.00 MB sent"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}
