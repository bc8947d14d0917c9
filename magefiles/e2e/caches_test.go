//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestCaches: two checkouts with one cache build the same at the same time, and
// are killed at twenty moments. What both make in the end is what a build with
// an empty cache makes.
func TestCaches(t *testing.T) {
	c := images(t)
	c.bin = mageBinary(t, c) // go tool mage would link anew for each checkout in turn
	one, other := c.copied(t, "one"), c.copied(t, "other")
	const moments = 20
	change(t, one, other, 0)
	together(t, time.Hour, one, other)
	change(t, one, other, 1)
	step := together(t, time.Hour, one, other) / moments // of a build that does not make the UI
	for i := range moments {
		change(t, one, other, i+2)
		together(t, time.Duration(i)*step, one, other)
	}
	together(t, time.Hour, one, other)
	made := []built{one.result(t), other.result(t)}
	want := other.emptied(t).result(t)
	for _, got := range made {
		if got.Digest != want.Digest {
			differ(t, want, got)
		}
	}
}

// change edits the package in both checkouts and, each fifth time, also the UI.
func change(t *testing.T, a, b checkout, turn int) {
	t.Helper()
	for _, c := range []checkout{a, b} {
		c.edit(t, "noetl/server/__main__.py", func(text string) string { return fmt.Sprintf("%s\n# moment %d\n", text, turn) })
		if turn%5 == 0 {
			c.edit(t, "ui-src/index.html", func(text string) string { return fmt.Sprintf("%s<!-- moment %d -->\n", text, turn) })
		}
	}
}

// together builds the image in all checkouts at the same time, kills what runs
// after the limit, and tells how long the longest took. What ends before has to
// succeed.
func together(t *testing.T, limit time.Duration, checkouts ...checkout) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	began := time.Now()
	var all sync.WaitGroup
	for _, c := range checkouts {
		all.Go(func() {
			cmd := c.command(ctx, "images")
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			cmd.WaitDelay = 10 * time.Millisecond // children that live on hold on to the output
			if err := cmd.Run(); err != nil && ctx.Err() == nil {
				t.Errorf("in %s: %v\n%s", c.dir, err, &out)
			}
		})
	}
	all.Wait()
	return time.Since(began)
}

// copied is another checkout with the same cache, until the test ends.
func (c checkout) copied(t *testing.T, name string) checkout {
	t.Helper()
	other := c
	other.dir = filepath.Join(world.temp, "copies", name)
	t.Cleanup(func() { _ = os.RemoveAll(other.dir) })
	if err := os.MkdirAll(filepath.Dir(other.dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", c.dir, other.dir).CombinedOutput(); err != nil {
		t.Fatalf("copying: %v: %s", err, out)
	}
	return other
}

// emptied is the image built again with a cache that has downloads alone, and no
// result of earlier builds but the CLI, of which these tests change nothing.
func (c checkout) emptied(t *testing.T) checkout {
	t.Helper()
	cache := filepath.Join(t.TempDir(), "cache")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", c.cache("debian"), cache).CombinedOutput(); err != nil {
		t.Fatalf("copying: %v: %s", err, out)
	}
	for _, made := range []string{"dist/images", "dist/ui", "dist/wheels", "noetl/core/ui"} {
		if err := os.RemoveAll(c.path(made)); err != nil {
			t.Fatal(err)
		}
	}
	c = c.with("NOETL_CACHE=" + cache)
	c.must(t, "images")
	return c
}
