package targets

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// shardDir is where a runner that builds some of the platforms leaves word of
// what it has pushed.
const shardDir = "dist/shards"

// lacks are the platforms of the project that are not asked for. A push that
// lacks any is a shard: a tag that it moved would have lost them.
func (j *job) lacks(platforms []xbuild.Platform) ([]string, error) {
	all, err := j.everyPlatform(nil)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p xbuild.Platform) bool { return slices.Contains(platforms, p) })
	return names(all), nil
}

// asShard turns an order into one for a shard, if it is one: pushed by digest,
// and under a tag only if the flag says so. What the environment says of tags is
// meant for the whole image, and is often set for all jobs of a workflow.
func (j *job) asShard(o order, f imageFlags) (order, error) {
	lacks, err := j.lacks(o.platforms)
	if err != nil || !f.push || len(lacks) == 0 {
		return o, err
	}
	repository, _, _ := cutTag(o.refs[0])
	o.shard = j.path(shardDir + "/" + oci.ShardFile(names(o.platforms)))
	o.repositories = []string{repository}
	if f.tag == "" {
		o.refs = nil
	} else {
		j.show.Warn(fmt.Sprintf("-tag=%s is moved to an image without %s: leave -tag out to push by digest, and merge with: go tool mage manifest -from=… -tag=%s",
			f.tag, strings.Join(lacks, ", "), f.tag))
	}
	// What an earlier build has left is not to be taken for this one's.
	if err := os.Remove(o.shard); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return o, fmt.Errorf("removing the shard of an earlier build: %w", err)
	}
	return o, nil
}

// cutTag splits "host:5000/name:tag".
func cutTag(ref string) (repository, tag string, ok bool) {
	i := strings.LastIndex(ref, ":")
	if i < strings.LastIndex(ref, "/") {
		return ref, "", false
	}
	return ref[:i], ref[i+1:], true
}

// writeShard says what was pushed, and all that has to be the same in the other
// shards of the image.
func (j *job) writeShard(o order, index oci.Index, in inputs) error {
	if o.shard == "" {
		return nil
	}
	shard, err := oci.NewShard(index, o.repositories[0], j.sameness().Shared)
	if err != nil {
		return err
	}
	shard.Revision = in.source.revision
	if shard.Project, err = j.digest(); err != nil {
		return err
	}
	if shard.Locks, err = j.locks(); err != nil {
		return err
	}
	shard.Tools = in.tools
	return shard.Write(o.shard)
}

// digest is one of all that project.go says.
func (p project) digest() (string, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("describing the project: %w", err)
	}
	return sha256Of(raw), nil
}

// lockFiles are the files that pin what goes into the image.
func (p project) lockFiles() []string {
	files := []string{p.Python.Lock, p.CLI.Dir + "/Cargo.lock"}
	if p.hasUI() {
		files = append(files, p.UI.Dir+"/package-lock.json")
	}
	return append(files, p.Base.Lock, p.Tools)
}

// locks are the digests of the lock files that there are.
func (j *job) locks() (map[string]string, error) {
	out := make(map[string]string)
	for _, file := range j.lockFiles() {
		raw, err := os.ReadFile(j.path(file))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("reading lock %q: %w", file, err)
		default:
			out[file] = sha256Of(raw)
		}
	}
	return out, nil
}

func sha256Of(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// showShard says what became of a push of some of the platforms.
func (j *job) showShard(o order, published oci.Published) {
	if o.shard == "" {
		return
	}
	for _, pushed := range published.Pushed {
		fmt.Fprintf(j.out, "pushed %s\n", pushed.Ref)
	}
	fmt.Fprintf(j.out, "shard in %s\n", j.short(o.shard))
	if len(o.refs) == 0 {
		fmt.Fprintf(j.out, "no tag was moved: this is not the whole image; with the other shards: go tool mage manifest -from=%s -tag=…\n", shardDir)
	}
}
