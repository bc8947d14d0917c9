package audit

import (
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strings"
)

// maxRecordFindings is how many changed files of one package are named.
const maxRecordFindings = 10

// owners are the rows of all RECORD files by path: two packages may install the
// same file, and then the later one has it.
func (py *pythonAudit) owners() map[string][]recordRow {
	owners := map[string][]recordRow{}
	for _, s := range py.sites {
		for _, d := range s.dists {
			for _, row := range d.record {
				owners[row.path] = append(owners[row.path], row)
			}
		}
	}
	return owners
}

// checkRecord holds a package's files against the hashes that its installer
// wrote down.
func (py *pythonAudit) checkRecord(d *dist, owners map[string][]recordRow) []Finding {
	var findings []Finding
	var missing []string
	severity := Note
	more := 0
	for _, row := range d.record {
		if rewritten(row.path, d.dir) {
			continue
		}
		e, ok := py.inv.Resolve(row.path)
		if !ok {
			missing = append(missing, row.path)
			if code(row.path) {
				severity = Warning
			}
			continue
		}
		if systemFolder(d.dir) && path.Ext(row.path) != ".py" {
			continue // distributions strip native files and repack pictures after the hashes were taken
		}
		why := row.differs(e)
		if why == "" || slices.ContainsFunc(owners[row.path], func(other recordRow) bool { return other.differs(e) == "" }) {
			continue
		}
		if len(findings) >= maxRecordFindings {
			more++
			continue
		}
		findings = append(findings, py.inv.finding(e, IDRecord, Warning, fmt.Sprintf("is not the file that %s %s installed: %s", d.name, d.version, why),
			"install the package again; if the change is meant, waive this with its reason"))
	}
	if more > 0 {
		findings = append(findings, py.inv.finding(d.entry, IDRecord, Warning, fmt.Sprintf("%d more files of %s are not those that were installed", more, d.name), "install the package again"))
	}
	if len(missing) > 0 && !py.inv.Partial && !(py.inv.tree() && len(missing) == len(d.record)) {
		names := strings.Join(missing[:min(3, len(missing))], ", ")
		findings = append(findings, py.inv.finding(d.entry, IDRecord, severity, fmt.Sprintf("%d of the files that %s %s installed are missing: %s", len(missing), d.name, d.version, names),
			"install the package again; if they were left out to save space, nothing to do"))
	}
	return findings
}

// rewritten reports whether installers write, change or leave out that file
// after the hashes were taken.
func rewritten(name, info string) bool {
	base := path.Base(name)
	switch {
	case path.Ext(base) == ".pyc", strings.Contains(name, "/__pycache__/"), path.Ext(base) == ".pth":
		return true
	case path.Dir(name) == info:
		switch base {
		case "RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json":
			return true
		}
	}
	return false
}

// code reports whether a program misses the file when it is gone: modules and
// native code outside of the folders with tests.
func code(name string) bool {
	for part := range strings.SplitSeq(path.Dir(name), "/") {
		if part == "test" || part == "tests" || part == "testing" || part == "bin" || part == "examples" {
			return false
		}
	}
	ext := path.Ext(name)
	return ext == ".py" || ext == ".so" || ext == ".pyd"
}

// differs says how a file differs from the row; "" if it does not, or nobody
// can tell.
func (row recordRow) differs(e *Entry) string {
	algorithm, hash, _ := strings.Cut(row.hash, "=")
	switch {
	case e.File == nil || e.File.Sum == [32]byte{}:
		return ""
	case strings.HasPrefix(string(e.File.Head), "#!") && slices.Contains([]string{"bin", "Scripts", "scripts"}, path.Base(path.Dir(e.Path))):
		return "" // installers write their own path into scripts
	case row.hash != "" && row.size >= 0 && row.size != e.File.Size:
		return fmt.Sprintf("it has %d bytes, and should have %d", e.File.Size, row.size)
	case algorithm != "sha256":
		return ""
	case strings.TrimRight(hash, "=") != base64.RawURLEncoding.EncodeToString(e.File.Sum[:]):
		return "its SHA-256 is another"
	}
	return ""
}
