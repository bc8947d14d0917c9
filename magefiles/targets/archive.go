package targets

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// archiveReady refuses what archiveCLI would refuse after minutes of compiling:
// files that are missing, and names that some system could not unpack.
func (j *job) archiveReady(platforms []xbuild.Platform) error {
	papers, err := j.papers()
	if err != nil {
		return err
	}
	for _, p := range platforms {
		program := xbuild.ArchiveFile{To: p.Exe(j.CLI.Binary)}
		a := xbuild.Archive{Name: j.archiveName(p), Format: p.ArchiveFormat(), Files: append(papers, program)}
		if err := a.Check(); err != nil {
			return err
		}
	}
	return nil
}

// archives is the step of crossRust -archive, and the table it ends with.
func (j *job) archives(ctx context.Context, binaries []xbuild.Binary) (made []xbuild.Archived, err error) {
	err = j.show.Step(ctx, "archives", func(ctx context.Context, s *report.Step) error {
		made, err = j.archiveCLI(ctx, s, binaries)
		return err
	})
	if err != nil {
		return nil, err
	}
	var rows [][]report.Cell
	for _, m := range made {
		rows = append(rows, []report.Cell{report.Text(m.Name), report.Number(report.Bytes(m.Size)), report.Dim(m.SHA256)})
	}
	fmt.Fprintln(j.out)
	j.show.Table([]string{"archive", "size", "sha256"}, rows)
	fmt.Fprintf(j.out, "\nin dist/cli, with %s\n", xbuild.SumsFile)
	return made, nil
}

// archiveCLI packs each binary with the papers into dist/cli, and lists the
// archives with their checksums. Archives of other versions and platforms that
// lie there are removed: the list has all that are there.
func (j *job) archiveCLI(ctx context.Context, s *report.Step, binaries []xbuild.Binary) ([]xbuild.Archived, error) {
	papers, err := j.papers()
	if err != nil {
		return nil, err
	}
	source, err := j.source(ctx)
	if err != nil {
		return nil, err
	}
	set := xbuild.ArchiveSet{Dir: j.path("dist/cli"), Prefix: j.CLI.Binary + "_"}
	for _, b := range binaries {
		program := xbuild.ArchiveFile{To: filepath.Base(b.Path), From: b.Path, Program: true}
		set.Archives = append(set.Archives, xbuild.Archive{
			Name: j.archiveName(b.Platform), Format: b.Platform.ArchiveFormat(), Time: source.created,
			Files: append([]xbuild.ArchiveFile{program}, papers...),
		})
	}
	s.Detail(fmt.Sprintf("%d archives", len(set.Archives)))
	made, err := set.Write(ctx)
	for _, m := range made {
		fmt.Fprintf(s.Log(), "%s  %s\n", m.SHA256, m.Name)
	}
	return made, err
}

// archiveName is as people expect it of releases: tool_1.2.3_linux_amd64.
func (j *job) archiveName(p xbuild.Platform) string {
	return strings.Join([]string{j.CLI.Binary, j.Version, strings.ReplaceAll(p.Slug(), "-", "_")}, "_")
}

// papers are the files that every archive has, whatever its platform.
func (j *job) papers() ([]xbuild.ArchiveFile, error) {
	var out []xbuild.ArchiveFile
	for _, file := range j.CLI.Archive {
		out = append(out, xbuild.ArchiveFile{To: path.Base(file), From: j.path(file)})
	}
	scripts, err := os.ReadDir(j.path(j.CLI.Completions))
	if err != nil {
		return nil, fmt.Errorf("reading the completion scripts: %w; they belong to the sources: git restore %s", err, j.CLI.Completions)
	}
	for _, e := range scripts {
		out = append(out, xbuild.ArchiveFile{To: "completions/" + e.Name(), From: filepath.Join(j.path(j.CLI.Completions), e.Name())})
	}
	for _, f := range out {
		if info, err := os.Stat(f.From); err != nil || !info.Mode().IsRegular() {
			return nil, fmt.Errorf("finding %q for the archives: it is not there, or no plain file; it belongs to the sources", j.short(f.From))
		}
	}
	return out, nil
}
