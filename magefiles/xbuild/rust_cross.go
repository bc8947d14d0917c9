package xbuild

import "context"

// cross is what a build with cross needs to know.
type cross struct{ path, version string }

// crossWay is the slot for cross, which needs a container engine.
func (c *chooser) crossWay(context.Context) *way {
	return &way{title: "cross", unfit: "not supported yet"}
}
