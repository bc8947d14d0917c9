package targets

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// auditOf is what the audit says of an index, and whether it was asked before:
// the same bytes, looked at by the same program, say the same. What stops a
// build is looked at anew each time.
func (j *job) auditOf(ctx context.Context, index oci.Index, top int) (result auditResult, before bool, err error) {
	file, err := j.auditFile(index, top)
	if err != nil {
		return result, false, err
	}
	if raw, err := os.ReadFile(file); err == nil && json.Unmarshal(raw, &result) == nil && len(result.Platforms) > 0 {
		now := time.Now() // what is in use is young: it lies among the layers, and is pruned with them
		_ = os.Chtimes(file, now, now)
		return result, true, nil
	}
	memory, err := j.layerMemory()
	if err != nil {
		return result, false, err
	}
	seen, err := inspectIndex(ctx, index, "", top, memory)
	if err != nil {
		return result, false, err
	}
	result = j.judge(j.Image, seen)
	if audit.Count(result.Findings).Errors > 0 {
		return result, false, nil
	}
	raw, err := json.Marshal(result)
	if err == nil {
		err = xbuild.WriteFile(file, raw, 0o644)
	}
	if err != nil {
		j.show.Warn(fmt.Sprintf("remembering the audit: %v", err)) // it costs time, no more
	}
	return result, false, nil
}

// auditFile is named by all that a verdict depends on: the image, how much of
// it is read, and this program, in which the checks and the waivers are.
func (j *job) auditFile(index oci.Index, top int) (string, error) {
	digest, err := index.Digest()
	if err != nil {
		return "", err
	}
	program, err := j.files.Program()
	if err != nil {
		return "", err
	}
	return filepath.Join(j.layers().Dir, "audits", xbuild.Key(program, digest.String(), strconv.Itoa(top))+".json"), nil
}

// layerMemory is what this program has read of layers.
type layerMemory struct{ dir, program string }

func (j *job) layerMemory() (layerMemory, error) {
	program, err := j.files.Program()
	return layerMemory{filepath.Join(j.layers().Dir, "audits"), program}, err
}

func (m layerMemory) file(digest string) string {
	return filepath.Join(m.dir, xbuild.Key(m.program, "layer", digest)+".gob")
}

// Load returns what was read of a layer.
func (m layerMemory) Load(digest string) []byte {
	raw, err := os.ReadFile(m.file(digest))
	if err == nil {
		now := time.Now() // as above
		_ = os.Chtimes(m.file(digest), now, now)
	}
	return raw
}

// Save keeps what was read of a layer; if it cannot, the layer is read again.
func (m layerMemory) Save(digest string, record []byte) {
	_ = xbuild.WriteFile(m.file(digest), record, 0o644)
}
