package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// Kubectl runs kubectl with the arguments and returns what it prints. It is the
// one way out of this package. It is bound to a kubeconfig context; arguments
// name namespaces themselves. Its error may have these methods:
//
//	Stderr() string   // what kubectl wrote there
//	ExitStatus() int  // kubectl's own
type Kubectl func(ctx context.Context, args []string, stdin io.Reader) (stdout []byte, err error)

// requestTimeout ends a question to an API server that accepts connections and
// never answers.
const requestTimeout = "--request-timeout=20s"

// ask runs a kubectl command that prints JSON.
func ask[T any](ctx context.Context, k Kubectl, doing string, args ...string) (T, error) {
	var answer T
	out, err := k(ctx, append(args, "--output=json", requestTimeout), nil)
	if err != nil {
		return answer, problem(ctx, doing, err)
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return answer, fmt.Errorf("%s: kubectl printed no JSON: %w", doing, err)
	}
	return answer, nil
}

// Cluster is the place of one Deployment.
type Cluster struct {
	Kubectl   Kubectl
	Namespace string
	Name      string // of the Deployment
	Selector  string // label selector that finds it, its ReplicaSets and its pods
	Manager   string // the field manager of what is applied
}

// in is a command of this cluster's namespace.
func (c Cluster) in(args ...string) []string { return append(args, "--namespace="+c.Namespace) }

func stream(manifests []byte) io.Reader { return bytes.NewReader(manifests) }
