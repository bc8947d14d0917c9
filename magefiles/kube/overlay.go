package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Overlay is a kustomization on top of one that is there: it pins the image,
// and what else a deployment decides. It is written as JSON, which is YAML.
type Overlay struct {
	Resource  string // the folder underneath, relative to the new one, with slashes
	Namespace string
	Image     string // its name in the manifests
	NewName   string // what it becomes: registry/repository
	Digest    string // sha256:…; or
	NewTag    string // a tag, for an image that is loaded and has no digest
	Arches    []string
}

// JSON is the content of its kustomization.yaml. With Arches, pods are kept to
// nodes of these.
func (o Overlay) JSON() ([]byte, error) {
	type object = map[string]any
	image := object{"name": o.Image, "newName": o.NewName}
	if o.Digest != "" {
		image["digest"] = o.Digest
	} else {
		image["newTag"] = o.NewTag
	}
	k := object{
		"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
		"resources": []string{o.Resource}, "namespace": o.Namespace, "images": []object{image},
	}
	if len(o.Arches) > 0 {
		terms := []object{{"matchExpressions": []object{
			{"key": "kubernetes.io/arch", "operator": "In", "values": o.Arches},
			{"key": "kubernetes.io/os", "operator": "In", "values": []string{"linux"}},
		}}}
		patch, err := json.Marshal(object{
			"apiVersion": "apps/v1", "kind": "Deployment", "metadata": object{"name": "any"},
			"spec": object{"template": object{"spec": object{"affinity": object{"nodeAffinity": object{
				"requiredDuringSchedulingIgnoredDuringExecution": object{"nodeSelectorTerms": terms},
			}}}}},
		})
		if err != nil {
			return nil, fmt.Errorf("writing the node affinity: %w", err)
		}
		k["patches"] = []object{{"target": object{"kind": "Deployment"}, "patch": string(patch)}}
	}
	return json.MarshalIndent(k, "", "  ")
}

// Render gives the manifests of a kustomization's folder, as a YAML stream.
func Render(ctx context.Context, k Kubectl, dir string) ([]byte, error) {
	out, err := k(ctx, []string{"kustomize", dir}, nil)
	if err != nil {
		return nil, problem(ctx, fmt.Sprintf("rendering the manifests in %q", dir), err)
	}
	if len(strings.TrimSpace(string(out))) == 0 {
		return nil, fmt.Errorf("rendering the manifests in %q: %w", dir, errors.New("there are none"))
	}
	return out, nil
}
