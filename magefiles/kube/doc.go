// Package kube puts an image on a Kubernetes cluster and watches what becomes of
// it: which nodes can run it, what would change, how far the pods are, why they
// fail, and the way back.
//
// It reads what kubectl prints as JSON and is told how to run it (see Kubectl);
// that makes it pure enough to be tested with transcripts, and needs no
// client-go. What it says is for people, and never has a secret in it: what comes
// from the cluster as free text goes through Redact.
package kube
