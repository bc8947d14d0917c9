package targets

import (
	"context"
	"io/fs"
	"sync"

	"github.com/noetl/noetl/magefiles/debian"
	"github.com/noetl/noetl/magefiles/oci"
)

// partedRoot is a root file system whose parts are layers of their own. Packages
// are unpacked once for all of them, and no longer in memory than that takes.
type partedRoot struct {
	unpack func(context.Context) ([]*debian.Tree, error)

	mu     sync.Mutex
	parts  []*debian.Tree
	users  int
	unread int // parts of this platform alone that are still to be opened
}

// open opens the part with a number.
func (r *partedRoot) open(ctx context.Context, n int) (fs.FS, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.parts == nil {
		parts, err := r.unpack(ctx)
		if err != nil {
			return nil, err
		}
		r.parts = parts
	}
	if r.users++; n > 0 && r.unread > 0 {
		r.unread--
	}
	return heldPart{r.parts[n], r}, nil
}

// heldPart is a part that is open, until it is closed.
type heldPart struct {
	*debian.Tree
	of *partedRoot
}

// Close lets the root go when nobody has a part of it open, or will.
func (p heldPart) Close() error {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	if p.of.users--; p.of.users == 0 && p.of.unread == 0 {
		p.of.parts = nil
	}
	return nil
}

// baseLayers are the layers of our own base. An update of the lock leaves most of
// them as they are.
func (p project) baseLayers(b baseTree) []*oci.Layer {
	parts := b.parts
	if parts == nil { // what is in it is not known yet; every base has these
		parts = []rootPiece{{Part: debian.Part{Name: debian.SharedPart}}, {}, {Part: debian.Part{Name: debian.RecordsPart}}}
	}
	var layers []*oci.Layer
	for _, part := range parts {
		name := "Debian " + p.Base.Suite
		if part.Name != "" {
			name += ", " + part.Name
		}
		layers = append(layers, &oci.Layer{
			Name: name, Tree: part.open, To: "/", KeepModes: true, Key: part.Key,
			SameOften: part.Name != debian.SharedPart, // whose key is of its content
		})
	}
	return layers
}
