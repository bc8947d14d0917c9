package oci

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Layer is a tree of files on its way into an image. One *Layer used by several
// images of a plan is built once and is one blob in all of them.
type Layer struct {
	// Name says to people what the layer is, in progress, history and tables.
	Name string

	// Tree opens the files. It is not called when the cache has the Key, so
	// whatever is costly about the tree belongs inside. Links are kept if the
	// tree is an fs.ReadLinkFS or its Sys() is a *tar.Header. A tree that is an
	// io.Closer is closed afterwards.
	Tree func(context.Context) (fs.FS, error)

	// To is the absolute, slash-separated directory in the image that the tree
	// becomes. Its parents are written too, as directories of root with their
	// usual modes: do not go through a link of the base (/bin, /lib on Debian).
	To string

	// Owner owns everything in the tree.
	Owner Owner

	// Exclude, if set, leaves out the paths of the tree for which it is true,
	// a directory with all that is in it.
	Exclude func(name string) bool

	// Executable, if set, alone decides which files of the tree get 0755 and not
	// 0644: hosts that have no execute bit (Windows), or set it on everything
	// (Windows' disks in Linux), need it. Without it the bits of the tree count.
	Executable func(name string) bool

	// KeepModes takes mode, owner and extended attributes of each entry that has
	// them in a *tar.Header (FileInfo.Sys), as a Debian root does. Entries
	// without one are treated as if it were not set.
	KeepModes bool

	// Key names everything that the content depends on: the inputs of the tree
	// and what Exclude and Executable do. Layers with equal keys are one cache
	// entry, and the tree is not even opened if the cache has it. Without a key
	// the tree is read at every build, and compressed when its content is new.
	Key string

	// SameOften says that the content often stays the same under another key, and
	// costs less to read than to compress: what has it is looked for before.
	SameOften bool

	// Still, if set, says once the tree was read whether Key still names it. If
	// not (another build has exchanged the folder), the layer is made all the
	// same, but not kept under the key.
	Still func() bool
}

// Owner is the numeric owner of files in an image; the zero value is root.
type Owner struct{ UID, GID int }

// Dir is a Tree of a directory of the host.
func Dir(dir string) func(context.Context) (fs.FS, error) {
	return func(context.Context) (fs.FS, error) {
		info, err := os.Stat(dir)
		if err != nil {
			return nil, fmt.Errorf("opening folder %q: %w", dir, err)
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("opening folder %q: it is a file", dir)
		}
		return os.DirFS(dir), nil
	}
}

// FS is a Tree that is already open.
func FS(tree fs.FS) func(context.Context) (fs.FS, error) {
	return func(context.Context) (fs.FS, error) { return tree, nil }
}

func (l *Layer) check() error {
	switch {
	case l.Name == "":
		return fmt.Errorf("checking layer for %q: it has no name", l.To)
	case l.Tree == nil:
		return fmt.Errorf("checking layer %q: it has no tree", l.Name)
	case !path.IsAbs(l.To) || path.Clean(l.To) != l.To || strings.ContainsAny(l.To, "\\\x00"):
		return fmt.Errorf("checking layer %q: %q is not an absolute directory of an image, such as /usr/local/bin", l.Name, l.To)
	case l.Owner.UID < 0 || l.Owner.GID < 0:
		return fmt.Errorf("checking layer %q: owner %d:%d is negative", l.Name, l.Owner.UID, l.Owner.GID)
	}
	return nil
}
