package targets

import (
	"slices"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/debian"
)

// TestBaseKey: each thing that a base is made of is in its key, one at a time, and what others are made of is not.
func TestBaseKey(t *testing.T) {
	t.Parallel()
	type world struct {
		job  *job
		lock debian.Lock
	}
	key := func(change func(*world)) string {
		j, _, _ := testJob(t, nil)
		one := debian.Package{Arch: "amd64", Name: "a", Version: "1", Size: 1, SHA256: strings.Repeat("1", 64), Archive: "debian", Path: "pool/a"}
		other := one
		other.Arch = "arm64"
		w := &world{j, debian.Lock{Packages: []debian.Package{one, other}}}
		change(w)
		var keys string
		for _, part := range w.lock.Parts("amd64", j.baseSpec()) {
			keys += j.baseLayers(baseTree{parts: []rootPiece{{Part: part}}})[0].Key
		}
		return keys
	}
	before := key(func(*world) {})
	for name, c := range map[string]struct {
		change  func(*world)
		changes bool
	}{
		"name":            {func(w *world) { w.lock.Packages[0].Name = "b" }, true},
		"version":         {func(w *world) { w.lock.Packages[0].Version = "2" }, true},
		"size":            {func(w *world) { w.lock.Packages[0].Size = 2 }, true},
		"hash":            {func(w *world) { w.lock.Packages[0].SHA256 = strings.Repeat("2", 64) }, true},
		"archive":         {func(w *world) { w.lock.Packages[0].Archive = "debian-security" }, true},
		"path":            {func(w *world) { w.lock.Packages[0].Path = "pool/b" }, true},
		"package removed": {func(w *world) { w.lock.Packages = w.lock.Packages[1:] }, true},
		"user":            {func(w *world) { w.job.Run.User += "x" }, true},
		"uid":             {func(w *world) { w.job.Run.UID++ }, true},
		"home":            {func(w *world) { w.job.Run.Home += "x" }, true},
		"nothing":         {func(*world) {}, false},
		"other platform":  {func(w *world) { w.lock.Packages[1].Version = "2" }, false},
		"order":           {func(w *world) { slices.Reverse(w.lock.Packages) }, false},
		"version of ours": {func(w *world) { w.job.Version += "x" }, false},
		"command":         {func(w *world) { w.job.Run.Command = []string{"x"} }, false},
		"mirror":          {func(w *world) { w.job.Base.Mirror += "x" }, false},
		"checkout":        {func(w *world) { w.job.root += "x" }, false},
	} {
		if got := key(c.change) != before; got != c.changes {
			t.Errorf("%s: the key changed: %v", name, got)
		}
	}
}
