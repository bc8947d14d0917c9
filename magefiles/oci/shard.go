package oci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// shardFormat is the version of the file. Fields are only ever added; a change
// that older readers would misunderstand raises it.
const shardFormat = 1

// Shard says what one runner has pushed of an image whose other platforms are
// built elsewhere, and all that must be the same there: Merge holds the shards
// of an image against each other.
type Shard struct {
	Format     int             `json:"format"`
	Repository string          `json:"repository"` // "host/name"
	Digest     string          `json:"digest"`     // of the index that was pushed
	Platforms  []ShardPlatform `json:"platforms"`

	Revision string            `json:"revision"`     // of the source; "" if it is not known
	Project  string            `json:"project"`      // digest of all that the build was told
	Locks    map[string]string `json:"locks"`        // digests of lock files, by path
	Shared   map[string]string `json:"sharedLayers"` // digests of layers that every platform has, by name
	Tools    map[string]string `json:"tools"`        // versions, for people: differences are told and allowed
}

// ShardPlatform is one image of a shard.
type ShardPlatform struct {
	Platform string `json:"platform"`
	Digest   string `json:"digest"` // of its manifest
}

// NewShard describes an index that was pushed to a repository. Names of layers
// that every platform shall share are given; what else the shard says is the
// caller's to fill in.
func NewShard(index Index, repository string, shared []string) (Shard, error) {
	d, err := Describe(index)
	if err != nil {
		return Shard{}, fmt.Errorf("describing the shard: %w", err)
	}
	s := Shard{Format: shardFormat, Repository: repository, Digest: d.Digest, Shared: make(map[string]string)}
	for _, row := range d.Platforms {
		s.Platforms = append(s.Platforms, ShardPlatform{row.Platform, row.Digest})
		for _, l := range row.Layers {
			if slices.Contains(shared, l.Name) {
				s.Shared[l.Name] = l.Digest
			}
		}
	}
	return s, nil
}

// ShardFile names the file of a shard by its platforms, so that no two shards
// of one image can have the same name: "linux-arm64.json".
func ShardFile(platforms []string) string {
	names := slices.Sorted(slices.Values(platforms))
	return strings.ReplaceAll(strings.Join(names, "_"), "/", "-") + ".json"
}

// Ref is what was pushed: "host/name@sha256:…".
func (s Shard) Ref() string { return s.Repository + "@" + s.Digest }

// Write stores the shard as JSON, whole or not at all.
func (s Shard) Write(file string) error {
	raw, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = writeFile(file, append(raw, '\n'))
	}
	if err != nil {
		return fmt.Errorf("writing shard %q: %w", file, err)
	}
	return nil
}

// ReadShard reads what Write has written.
func ReadShard(file string) (Shard, error) {
	var s Shard
	err := s.read(file)
	if err != nil {
		return Shard{}, fmt.Errorf("reading shard %q: %w", file, err)
	}
	return s, nil
}

func (s *Shard) read(file string) (err error) {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	raw, err := io.ReadAll(io.LimitReader(f, maxDocument))
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return errors.New("the file is empty; was the artifact uploaded whole?")
	}
	if err := json.Unmarshal(raw, s); err != nil {
		return fmt.Errorf("it is no shard file: %w", err)
	}
	switch {
	case s.Format == 0 || s.Repository == "" || s.Digest == "" || len(s.Platforms) == 0:
		return errors.New("it is no shard file: format, repository, digest and platforms have to be there; " +
			"give what a push of some of the platforms has left in dist/shards")
	case s.Format > shardFormat:
		return fmt.Errorf("it has format %d, and this build knows %d; merge with the revision that was built", s.Format, shardFormat)
	}
	return nil
}
