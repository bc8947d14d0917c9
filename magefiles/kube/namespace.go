package kube

import (
	"context"
	"errors"
)

// Place is what is known of the namespace before anything is applied.
type Place struct {
	Exists bool
	Keep   bool   // the namespace's own manifest is not to be applied
	Note   string // why, if that is worth telling
}

// LookAt reads the namespace. One that somebody else made, or that we may not
// change, is left as it is: its labels decide what all pods in it may do. label
// is on the namespaces of our own ("app.kubernetes.io/name=web").
func (c Cluster) LookAt(ctx context.Context, key, value string) (Place, error) {
	doing := "reading namespace " + c.Namespace
	ns, err := ask[struct{ Metadata meta }](ctx, c.Kubectl, doing, "get", "namespace", c.Namespace)
	switch {
	case errors.Is(err, ErrNotFound):
		return Place{}, nil
	case errors.Is(err, ErrForbidden): // what may be done in it shows when it is done
		return Place{Exists: true, Keep: true}, nil
	case err != nil:
		return Place{}, err
	case ns.Metadata.DeletionTimestamp != "":
		return Place{}, errors.New(doing + ": it is being deleted; wait until it is gone")
	case ns.Metadata.Labels[key] != value:
		return Place{Exists: true, Keep: true, Note: "namespace " + c.Namespace + " was there before and is left as it is: what pods may do in it is decided there"}, nil
	}
	if _, err := c.Kubectl(ctx, []string{"auth", "can-i", "patch", "namespaces/" + c.Namespace, "--quiet", requestTimeout}, nil); err != nil {
		return Place{Exists: true, Keep: true}, ctx.Err()
	}
	return Place{Exists: true}, nil
}
