package oci

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

// countedTree says how often a layer's tree was opened.
func countedTree(opened *int) *Layer {
	return &Layer{Name: "l", To: "/x", Key: "k", Tree: func(context.Context) (fs.FS, error) {
		*opened++
		return fstest.MapFS{"a": file(strings.Repeat("content", 1000))}, nil
	}}
}

func onePlatform(layers ...*Layer) Plan {
	return Plan{Images: []Image{{Platform: "linux/amd64", Layers: layers, Created: epoch()}}}
}

func TestCacheHitReadsNothing(t *testing.T) {
	t.Parallel()
	dir, opened := t.TempDir(), 0
	var events []LayerDone
	b := Builder{Cache: Cache{Dir: dir}, Progress: func(d LayerDone) { events = append(events, d) }}
	var digests []string
	for range 2 {
		index, err := b.Build(t.Context(), onePlatform(countedTree(&opened)))
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest(t, index))
	}
	if opened != 1 || digests[0] != digests[1] {
		t.Errorf("tree opened %d times, digests %v", opened, digests)
	}
	if len(events) != 2 || events[0].Cached || !events[1].Cached || events[0].Digest != events[1].Digest || events[1].Size == 0 {
		t.Errorf("progress: %+v", events)
	}
}

// TestCacheKnowsContent: without a key it is the content that counts, all of it.
func TestCacheKnowsContent(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{"a": file("content"), "b/c": file("content")}
	layer := &Layer{Name: "l", To: "/x", Tree: FS(tree)}
	cached := false
	b := Builder{Cache: Cache{Dir: t.TempDir()}, Progress: func(d LayerDone) { cached = d.Cached }}
	made := func() bool {
		t.Helper()
		if _, err := b.Build(t.Context(), onePlatform(layer)); err != nil {
			t.Fatal(err)
		}
		return !cached
	}
	if !made() || made() {
		t.Error("the first is not made, or the second is made again")
	}
	for _, change := range []struct {
		name string
		do   func()
		want bool
	}{
		{"content", func() { tree["a"] = file("Content") }, true},
		{"mode", func() { tree["a"].Mode = 0o755 }, true},
		{"added", func() { tree["d"] = file("content") }, true},
		{"renamed", func() { tree["e"] = tree["d"]; delete(tree, "d") }, true},
		{"removed", func() { delete(tree, "e") }, false}, // as it was before it was added
		{"empty folder", func() { tree["f"] = &fstest.MapFile{Mode: fs.ModeDir | 0o755} }, true},
		{"link", func() { tree["l"] = &fstest.MapFile{Data: []byte("a"), Mode: fs.ModeSymlink | 0o777} }, true},
		{"target of a link", func() { tree["l"] = &fstest.MapFile{Data: []byte("b/c"), Mode: fs.ModeSymlink | 0o777} }, true},
		{"time", func() { tree["a"].ModTime = epoch() }, false},
		{"folder in the image", func() { layer.To = "/y" }, true},
		{"owner", func() { layer.Owner = Owner{UID: 7} }, true},
		{"what is left out", func() { layer.Exclude = func(name string) bool { return name == "a" } }, true},
		{"nothing", func() {}, false},
	} {
		change.do()
		if got := made(); got != change.want {
			t.Errorf("%s: made again is %v, want %v", change.name, got, change.want)
		}
	}
}

func TestCacheKeyCoversWhatTheBytesDependOn(t *testing.T) {
	t.Parallel()
	base := Layer{Name: "l", To: "/x", Key: "k"}
	seen := map[string]string{base.key(epoch()): "base"}
	for name, change := range map[string]func(*Layer){
		"key": func(l *Layer) { l.Key = "k2" }, "to": func(l *Layer) { l.To = "/y" },
		"uid": func(l *Layer) { l.Owner.UID = 1 }, "gid": func(l *Layer) { l.Owner.GID = 1 },
		"modes": func(l *Layer) { l.KeepModes = true },
	} {
		l := base
		change(&l)
		if other, ok := seen[l.key(epoch())]; ok {
			t.Errorf("%s has the key of %s", name, other)
		}
		seen[l.key(epoch())] = name
	}
	if _, ok := seen[base.key(epoch().Add(time.Second))]; ok {
		t.Error("the time is not part of the key")
	}
	renamed := base
	renamed.Name = "other"
	if renamed.key(epoch()) != base.key(epoch()) {
		t.Error("a name for people is part of the key")
	}
}

func TestCacheSharedByBuildsAtTheSameTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	digests := make([]string, 8)
	for i := range digests {
		wg.Go(func() {
			opened := 0
			index, err := Builder{Cache: Cache{Dir: dir}}.Build(context.Background(), onePlatform(countedTree(&opened), layer("u", "v")))
			if err == nil {
				h, _ := index.Digest()
				digests[i] = h.String()
			}
		})
	}
	wg.Wait()
	for _, d := range digests {
		if d == "" || d != digests[0] {
			t.Fatalf("digests %v", digests)
		}
	}
}

func TestPruneRemovesWhatIsNotUsed(t *testing.T) {
	t.Parallel()
	dir, opened := t.TempDir(), 0
	used := countedTree(&opened)
	buildIn(t, dir, onePlatform(used, layer("unused", "x")))
	old := time.Now().Add(-48 * time.Hour)
	err := filepath.WalkDir(dir, func(file string, _ fs.DirEntry, _ error) error { return os.Chtimes(file, old, old) })
	if err != nil {
		t.Fatal(err)
	}
	buildIn(t, dir, onePlatform(used))
	if err := (Cache{Dir: dir}).Prune(24*time.Hour, 0); err != nil {
		t.Fatal(err)
	}
	blobs, _ := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
	buildIn(t, dir, onePlatform(used))
	if len(blobs) != 1 || opened != 1 {
		t.Errorf("%d blobs are left, want 1; tree opened %d times, want 1", len(blobs), opened)
	}
	if err := (Cache{Dir: filepath.Join(dir, "none")}).Prune(0, 0); err != nil {
		t.Error(err)
	}
}

// TestCacheSum: with a memory of sums a blob is read once, and one that differs from its name is made again.
func TestCacheSum(t *testing.T) {
	t.Parallel()
	opened, asked, lie := 0, 0, ""
	c := Cache{Dir: t.TempDir(), Sum: func(file string) (string, error) {
		asked++
		return filepath.Base(file) + lie, nil
	}}
	made := func() int {
		t.Helper()
		before := opened
		if _, err := (Builder{Cache: c}).Build(t.Context(), onePlatform(countedTree(&opened))); err != nil {
			t.Fatal(err)
		}
		return opened - before
	}
	if made() != 1 || made() != 0 || asked != 1 {
		t.Errorf("made %d times, asked %d times for the sum", opened, asked)
	}
	if lie = "x"; made() != 1 {
		t.Error("a blob with another sum was used")
	}
	lie = ""
	blobs, _ := filepath.Glob(filepath.Join(c.Dir, "blobs", "sha256", "*"))
	if err := os.Truncate(blobs[0], 3); err != nil {
		t.Fatal(err)
	}
	if made() != 1 {
		t.Error("a blob of another size was used")
	}
}

// TestCacheStill: what was read after its key had ceased to name it is not kept under that key.
func TestCacheStill(t *testing.T) {
	t.Parallel()
	c, text, key := Cache{Dir: t.TempDir()}, "new", "old"
	build := func(still bool) string {
		t.Helper()
		index, err := (Builder{Cache: c}).Build(t.Context(), onePlatform(&Layer{
			Name: "l", To: "/x", Key: key, Still: func() bool { return still },
			Tree: FS(fstest.MapFS{"a": file(text)}),
		}))
		if err != nil {
			t.Fatal(err)
		}
		return digest(t, index)
	}
	swapped := build(false) // another build has put new files there since the key was taken
	text = "old"
	if build(true) == swapped {
		t.Error("the new files were kept under the key of the old ones")
	}
	if text = "unread"; build(true) == swapped {
		t.Error("the old files were not kept under their key")
	}
}
