package kube

import (
	"bytes"
	"slices"
	"strings"
)

// Object is what a manifest is of.
type Object struct{ Kind, Name string }

// String is the way that kubectl takes it: "deployment/web".
func (o Object) String() string { return strings.ToLower(o.Kind) + "/" + o.Name }

// Objects lists a stream of manifests. It reads what kustomize writes (sorted
// keys, two spaces), not any YAML.
func Objects(manifests []byte) []Object {
	var out []Object
	for _, doc := range documents(manifests) {
		out = append(out, objectOf(doc))
	}
	return out
}

// Without gives the stream without the objects of a kind.
func Without(manifests []byte, kind string) []byte {
	docs := slices.DeleteFunc(documents(manifests), func(doc []byte) bool { return objectOf(doc).Kind == kind })
	return bytes.Join(docs, []byte("---\n"))
}

// HasNodeAffinity says whether the manifests choose nodes themselves.
func HasNodeAffinity(manifests []byte) bool {
	return bytes.Contains(manifests, []byte("nodeSelectorTerms:"))
}

func documents(manifests []byte) [][]byte {
	text := bytes.ReplaceAll(manifests, []byte("\r\n"), []byte("\n"))
	var out [][]byte
	for _, doc := range bytes.Split(append([]byte("\n"), text...), []byte("\n---\n")) {
		if doc = bytes.TrimLeft(doc, "\n"); len(bytes.TrimSpace(doc)) > 0 {
			out = append(out, append(bytes.TrimRight(doc, "\n"), '\n'))
		}
	}
	return out
}

func objectOf(doc []byte) Object {
	var o Object
	inMeta := false
	for line := range strings.Lines(string(doc)) {
		line = strings.TrimRight(line, "\n")
		if !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "-") {
			inMeta = line == "metadata:"
		}
		if kind, ok := strings.CutPrefix(line, "kind: "); ok {
			o.Kind = kind
		}
		if name, ok := strings.CutPrefix(line, "  name: "); ok && inMeta {
			o.Name = strings.Trim(name, `"'`)
		}
	}
	return o
}
