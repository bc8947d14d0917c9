package oci

import (
	"encoding/json"
	"fmt"
)

// Result is what a build leaves for scripts, in dist/images/NAME.json. Fields
// are only ever added.
type Result struct {
	Name        string     `json:"name"`
	Digest      string     `json:"digest"` // of the index
	Layout      string     `json:"layout,omitempty"`
	Archive     string     `json:"archive,omitempty"` // the file, if there is one instead of a layout
	Shard       string     `json:"shard,omitempty"`   // the file, if only some platforms were pushed
	Pushed      []string   `json:"pushed,omitempty"`  // "host/name@digest"
	Platforms   []Row      `json:"platforms"`
	TotalBytes  int64      `json:"totalBytes"`
	SharedBytes int64      `json:"sharedBytes"`
	Tags        []TagEntry `json:"tags,omitempty"`
	Documents   []Document `json:"documents,omitempty"`
}

// Document is a file about the image that was written beside it, and pushed
// with it.
type Document struct {
	File    string `json:"file"`
	Type    string `json:"type"`
	Subject string `json:"subject"` // the digest of what it is about
	Digest  string `json:"digest"`
	Size    int64  `json:"size"` // in bytes
}

// TagEntry is a tag that was moved; previous is the way back.
type TagEntry struct {
	Ref      string `json:"ref"`
	Digest   string `json:"digest"`
	Previous string `json:"previous,omitempty"`
}

// NewResult puts together what is known about an image that was built and,
// if it was, published.
func NewResult(name string, d Description, p Published) Result {
	r := Result{
		Name:        name,
		Digest:      d.Digest,
		Platforms:   d.Platforms,
		TotalBytes:  d.TotalBytes,
		SharedBytes: d.SharedBytes,
	}
	for _, pushed := range p.Pushed {
		r.Pushed = append(r.Pushed, pushed.Ref)
	}
	for _, tag := range p.Tags {
		r.Tags = append(r.Tags, TagEntry{Ref: tag.Ref, Digest: p.Digest, Previous: tag.Previous})
	}
	return r
}

// Write stores the result as JSON, whole or not at all.
func (r Result) Write(file string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = writeFile(file, append(raw, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing result %q: %w", file, err)
	}
	return nil
}
