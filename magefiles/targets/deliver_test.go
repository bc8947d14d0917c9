package targets

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// TestDeliverLoadsFirst: when the container engine refuses the image, nothing
// has been pushed, and the error is the engine's.
func TestDeliverLoadsFirst(t *testing.T) {
	t.Parallel()
	j, rec, _ := testJob(t, nil)
	refused := &xbuild.ToolError{Cmd: xbuild.Cmd{Name: "docker"}, Err: errors.New("the engine is full")}
	rec.Reply = func(context.Context, xbuild.Cmd) error { return refused }
	o := order{tags: []string{"1"}, refs: []string{"127.0.0.1:1/app:1"}, engine: "linux/amd64", platforms: twoPlatforms(t)}
	if _, err := j.deliver(t.Context(), o, smallIndex(t, "linux/amd64"), nil); !errors.Is(err, refused) {
		t.Errorf("got %v, want the engine's refusal", err)
	}
}

// TestLoadTellsTheCause: an engine that gets half an archive cannot know why.
func TestLoadTellsTheCause(t *testing.T) {
	t.Parallel()
	j, rec, _ := testJob(t, nil)
	rec.Reply = func(_ context.Context, c xbuild.Cmd) error {
		_, _ = io.Copy(io.Discard, c.Stdin)
		return &xbuild.ToolError{Cmd: c, Err: errors.New("unexpected EOF")}
	}
	o := order{tags: []string{"1"}, engine: "linux/arm64"}
	if err := j.load(t.Context(), o, smallIndex(t, "linux/amd64")); err == nil || !strings.Contains(err.Error(), "looking for platform linux/arm64") {
		t.Errorf("got %v, want what kept the archive from being made", err)
	}
}

func smallIndex(t *testing.T, platform string) oci.Index {
	t.Helper()
	tree := fstest.MapFS{"app": {Data: []byte(strings.Repeat("app", 1<<10))}}
	index, err := oci.Builder{Cache: oci.Cache{Dir: t.TempDir()}}.Build(t.Context(), oci.Plan{Images: []oci.Image{{
		Platform: platform, Created: time.Unix(1, 0), Layers: []*oci.Layer{{Name: "app", Tree: oci.FS(tree), To: "/"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return index
}
