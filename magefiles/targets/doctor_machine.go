package targets

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/noetl/noetl/magefiles/audit"
	"github.com/noetl/noetl/magefiles/report"
)

// What a disk should have free, in bytes. Building all there is, from nothing,
// was measured at 3 GB in the project's folder (cargo's for six platforms 1.9,
// tools 0.6, npm's and Python's packages and dist 0.5) and 0.3 GB in the
// cache, which grows with each change of a lock.
const (
	projectEnough, projectLeast = 5e9, 1e9
	cacheEnough, cacheLeast     = 2e9, 0.5e9
)

// checkDisk asks for free space where builds write. free is xbuild.DiskFree.
func (j *job) checkDisk(free func(string) (int64, error)) []check {
	var out []check
	for _, d := range []struct {
		id, title, dir string
		enough, least  int64
	}{
		{"disk.project", "disk of the project", j.root, projectEnough, projectLeast},
		{"disk.cache", "disk of the cache", j.cache(), cacheEnough, cacheLeast},
	} {
		c := check{ID: d.id, Section: sectionMachine, Title: d.title, State: stateOK, Where: d.dir, Wanted: ">=" + report.Bytes(d.enough), Why: "room for builds"}
		n, err := free(d.dir)
		if err != nil {
			c.State, c.Problem = stateWarning, err.Error()
			out = append(out, c)
			continue
		}
		if c.Found = report.Bytes(n) + " free"; n < d.enough {
			c.State = stateWarning
			c.Problem = fmt.Sprintf("%s are free in %q, a build of everything needs up to %s", report.Bytes(n), d.dir, report.Bytes(d.enough))
			c.Cure = "make room: go tool mage clean removes what was built"
		}
		if n < d.least {
			c.State = stateMissing
		}
		out = append(out, c)
	}
	return out
}

// checkBinaries holds the CLI in the folders where people start it against this
// host: a checkout may be shared with another machine.
func (j *job) checkBinaries() []check {
	var out []check
	for _, dir := range j.CLI.Into {
		name := filepath.Join(filepath.FromSlash(dir), j.host.Exe(j.CLI.Binary))
		c := check{
			ID: "binary." + dir, Section: sectionMachine, Title: filepath.ToSlash(name), State: stateOK,
			Where: name, Wanted: j.host.String(), Why: "the CLI on this machine",
		}
		b, native, err := readBinary(filepath.Join(j.root, name))
		switch {
		case os.IsNotExist(err):
			c = c.lacks("not built yet", nil)
		case err != nil:
			c.State, c.Problem = stateWarning, err.Error()
		case !native:
			c.State, c.Problem = stateWarning, "it is no program for any machine"
		default:
			if c.Found = b.String(); b.Format != formatOf(j.host.OS) || !b.Runs(j.host.Arch) {
				c.State, c.Problem = stateWarning, fmt.Sprintf("it is for another machine: %s, and this is %s", b, j.host)
			}
		}
		if c.Problem != "" {
			c.Cure = "go tool mage setupLocalDev"
		}
		out = append(out, c)
	}
	return out
}

func readBinary(name string) (audit.Binary, bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return audit.Binary{}, false, err
	}
	defer func() { _ = f.Close() }()
	return audit.Read(f)
}

// formatOf is the format of an operating system's programs.
func formatOf(goos string) string {
	switch goos {
	case "windows":
		return audit.PE
	case "darwin":
		return audit.MachO
	}
	return audit.ELF
}
