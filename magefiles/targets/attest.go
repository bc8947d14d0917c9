package targets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/noetl/noetl/magefiles/attest"
	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// Names of documents beside a layout: NAME.linux-arm64.spdx.json, NAME.provenance.json.
const (
	billSuffix       = ".spdx.json"
	provenanceSuffix = ".provenance.json"
)

// attest says what an image is made of, platform by platform, and how it was
// made, as artifacts to be pushed with it.
func (j *job) attest(ctx context.Context, o order, in inputs, index oci.Index, top int) ([]oci.Artifact, error) {
	if !o.attest {
		return nil, nil
	}
	var out []oci.Artifact
	err := j.show.Step(ctx, "attest", func(ctx context.Context, s *report.Step) error {
		images, err := oci.Streams(index)
		if err != nil {
			return err
		}
		digest, err := index.Digest()
		if err != nil {
			return err
		}
		bills, packages, err := j.bills(ctx, images, in, top)
		if err != nil {
			return err
		}
		statement, err := j.state(o, in, digest.String(), images)
		if err != nil {
			return err
		}
		provenance, err := statement.JSON()
		if err != nil {
			return err
		}
		out = append(bills, oci.Artifact{
			Subject: digest.String(), Type: attest.ProvenanceMedia, MediaType: attest.ProvenanceMedia,
			Title: j.Image + provenanceSuffix, Content: provenance,
			Annotations: map[string]string{"in-toto.io/predicate-type": attest.ProvenanceType},
		})
		total := 0
		for _, a := range out {
			total += len(a.Content)
			fmt.Fprintf(s.Log(), "%s for %s, %s\n", a.Title, a.Subject, report.Bytes(int64(len(a.Content))))
		}
		j.prunePapers()
		s.Detail(fmt.Sprintf("%d bills of materials of %d packages, and provenance: %s", len(bills), packages, report.Bytes(int64(total))))
		return nil
	})
	return out, err
}

// bills are the bills of materials of all platforms, in their order, and how
// many packages all of them have.
func (j *job) bills(ctx context.Context, images []oci.PlatformImage, in inputs, top int) (out []oci.Artifact, packages int, err error) {
	out = make([]oci.Artifact, len(images))
	counts := make([]int, len(images))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, image := range images {
		g.Go(func() error {
			platform, err := xbuild.ParsePlatform(image.Platform)
			if err != nil {
				return err
			}
			written, err := j.writtenBill(ctx, image, in, top)
			if err != nil {
				return fmt.Errorf("writing what the image for %s is made of: %w", image.Platform, err)
			}
			counts[i] = written.Packages
			out[i] = oci.Artifact{
				Subject: image.Digest, Type: attest.BillMedia, MediaType: attest.BillMedia,
				Title: j.Image + "." + platform.Slug() + billSuffix, Content: written.Content,
			}
			return nil
		})
	}
	err = g.Wait()
	for _, n := range counts {
		packages += n
	}
	return out, packages, err
}

// paper is where a document goes: beside the layout, with the layout's name.
func (j *job) paper(o order, a oci.Artifact) string {
	return o.output + a.Title[len(j.Image):]
}

// filePapers puts the documents beside the layout, once that is in place. Those
// of earlier builds that this one does not have are about another image, and go.
func (j *job) filePapers(o order, made []oci.Artifact) error {
	stay := map[string]bool{}
	for _, a := range made {
		stay[j.paper(o, a)] = true
		if err := xbuild.WriteFile(j.paper(o, a), a.Content, 0o644); err != nil {
			return err
		}
	}
	files := []string{o.output + provenanceSuffix}
	for _, p := range xbuild.Platforms() {
		files = append(files, o.output+"."+p.Slug()+billSuffix)
	}
	for _, file := range files {
		if stay[file] {
			continue
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing what is about another image: %w", err)
		}
	}
	return nil
}

// documents are the papers as the result file lists them.
func (j *job) documents(o order, papers []oci.Artifact) []oci.Document {
	var out []oci.Document
	for _, a := range papers {
		sum := sha256.Sum256(a.Content)
		out = append(out, oci.Document{
			File: filepath.ToSlash(j.short(j.paper(o, a))), Type: a.Type, Subject: a.Subject,
			Digest: "sha256:" + hex.EncodeToString(sum[:]), Size: int64(len(a.Content)),
		})
	}
	return out
}
