package targets

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// writtenBill is a bill of materials as text.
type writtenBill struct {
	Packages int    `json:"packages"` // how many it lists
	Content  []byte `json:"content"`
}

// writtenBill writes the bill of an image, unless it was written before: of the
// same bytes, made in the same way, this program says the same.
func (j *job) writtenBill(ctx context.Context, image oci.PlatformImage, in inputs, top int) (w writtenBill, err error) {
	file, err := j.billFile(image, in, top)
	if err != nil {
		return w, err
	}
	if raw, err := os.ReadFile(file); err == nil && json.Unmarshal(raw, &w) == nil && len(w.Content) > 0 {
		now := time.Now()
		_ = os.Chtimes(file, now, now) // in use; see prunePapers
		return w, nil
	}
	document, err := j.bill(ctx, image, in, top)
	if err != nil {
		return w, err
	}
	if w.Content, err = document.JSON(); err != nil {
		return w, err
	}
	w.Packages = len(document.Packages)
	raw, err := json.Marshal(w)
	if err == nil {
		err = xbuild.WriteFile(file, raw, 0o644)
	}
	return w, err
}

// billFile is named by all that a bill depends on.
func (j *job) billFile(image oci.PlatformImage, in inputs, top int) (string, error) {
	program, err := j.files.Program()
	if err != nil {
		return "", err
	}
	platform, err := xbuild.ParsePlatform(image.Platform)
	if err != nil {
		return "", err
	}
	crates, err := json.Marshal(in.crates[platform])
	if err != nil {
		return "", err
	}
	base := ""
	if in.image != nil {
		base = in.image.Name + "@" + in.image.Digest
	}
	parts := []string{
		program, image.Platform, image.Digest, base, string(crates),
		fmt.Sprint(top, in.crates == nil, in.source.revision, in.source.created.Unix(), in.tools, in.base[platform].packages),
	}
	for _, lock := range []string{j.CLI.Dir + "/Cargo.lock", j.UI.Dir + "/package-lock.json"} {
		sum, err := j.files.Sum(j.path(lock))
		if err != nil && !os.IsNotExist(err) {
			return "", err
		}
		parts = append(parts, sum)
	}
	return filepath.Join(j.cache(), "attest", xbuild.Key(parts...)+".json"), nil
}
