package targets

import (
	"context"
	"io/fs"
	"sync"

	"github.com/noetl/noetl/magefiles/debian"
	"github.com/noetl/noetl/magefiles/oci"
)

// partedRoot is a root file system whose parts are layers of their own. While
// one of them is open, the other is there too: packages are unpacked once, and
// no longer in memory than they are needed.
type partedRoot struct {
	unpack func(context.Context) (shared, own *debian.Tree, err error)

	mu     sync.Mutex
	users  int
	common *debian.Tree // what all platforms share
	rest   *debian.Tree // the platform's own
}

func (r *partedRoot) shared(ctx context.Context) (fs.FS, error) {
	return r.open(ctx, func() *debian.Tree { return r.common })
}

func (r *partedRoot) own(ctx context.Context) (fs.FS, error) {
	return r.open(ctx, func() *debian.Tree { return r.rest })
}

func (r *partedRoot) open(ctx context.Context, part func() *debian.Tree) (fs.FS, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.users == 0 {
		common, rest, err := r.unpack(ctx)
		if err != nil {
			return nil, err
		}
		r.common, r.rest = common, rest
	}
	r.users++
	return rootPart{part(), r}, nil
}

// rootPart is open until it is closed.
type rootPart struct {
	*debian.Tree
	of *partedRoot
}

// Close lets the root go when nobody has a part of it open.
func (p rootPart) Close() error {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	if p.of.users--; p.of.users == 0 {
		p.of.common, p.of.rest = nil, nil
	}
	return nil
}

// baseLayers are the layers of our own base, the lowest first: what all platforms
// share brings the links (/bin, /lib) that nothing else may go before.
func (p project) baseLayers(b baseTree) []*oci.Layer {
	name := "Debian " + p.Base.Suite
	return []*oci.Layer{
		{Name: name + ", shared", Tree: b.shared, To: "/", KeepModes: true, Key: b.sharedKey},
		{Name: name, Tree: b.own, To: "/", KeepModes: true, Key: b.ownKey},
	}
}
