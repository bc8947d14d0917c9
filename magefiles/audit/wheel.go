package audit

import (
	"encoding/csv"
	"path"
	"strconv"
	"strings"
)

// dist is an installed package: a dist-info folder, or its older forms.
type dist struct {
	dir       string // of its metadata
	entry     *Entry // of dir
	name      string // normalised
	version   string // as written; "" if unknown
	tags      []string
	requires  []requirement
	installer string
	record    []recordRow
}

// recordRow is a line of RECORD.
type recordRow struct {
	path string // absolute in the image
	hash string // "sha256=…"; may be empty
	size int64  // -1 if it does not say
}

// newDist reads a package's metadata; false if the folder is not one's.
func (inv *Inventory) newDist(e *Entry) (*dist, bool) {
	base := path.Base(e.Path)
	if strings.HasPrefix(base, "~") { // what pip leaves of what it could not remove
		return nil, false
	}
	d := &dist{dir: e.Path, entry: e}
	name, version, _ := strings.Cut(strings.TrimSuffix(base, path.Ext(base)), "-")
	d.version, _, _ = strings.Cut(version, "-py")
	for _, file := range []string{"METADATA", "PKG-INFO", "EGG-INFO/PKG-INFO"} {
		for _, line := range headers(inv.text(path.Join(e.Path, file))) {
			switch key, value := line[0], line[1]; key {
			case "name":
				name = value
			case "version":
				d.version = value
			case "requires-dist":
				if r, ok := parseRequirement(value); ok {
					d.requires = append(d.requires, r)
				}
			}
		}
	}
	d.name = pyName(name)
	for _, line := range headers(inv.text(path.Join(e.Path, "WHEEL"))) {
		if line[0] == "tag" {
			d.tags = append(d.tags, expandTag(line[1])...)
		}
	}
	d.installer = strings.TrimSpace(inv.text(path.Join(e.Path, "INSTALLER")))
	d.record = parseRecord(inv.text(path.Join(e.Path, "RECORD")), path.Dir(e.Path))
	return d, d.name != ""
}

// text is the whole of a small file; "" if it is not there, or not known.
func (inv *Inventory) text(name string) string {
	e, ok := inv.Resolve(name)
	if !ok || e.File == nil {
		return ""
	}
	return string(e.File.Text)
}

// headers reads "Key: value" lines up to the first empty one, keys in lower
// case. Lines that begin with a space go on with the one before.
func headers(text string) [][2]string {
	var list [][2]string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(list) > 0 {
				list[len(list)-1][1] += " " + strings.TrimSpace(line)
			}
			continue
		}
		if key, value, ok := strings.Cut(line, ":"); ok {
			list = append(list, [2]string{strings.ToLower(key), strings.TrimSpace(value)})
		}
	}
	return list
}

// maxTags bounds what one compressed set of tags may stand for.
const maxTags = 1000

// expandTag turns a compressed set into its members: "py2.py3-none-any" is two.
func expandTag(set string) []string {
	parts := strings.Split(set, "-")
	if len(parts) != 3 {
		return nil
	}
	var list []string
	for _, python := range strings.Split(parts[0], ".") {
		for _, abi := range strings.Split(parts[1], ".") {
			for _, platform := range strings.Split(parts[2], ".") {
				if len(list) < maxTags {
					list = append(list, python+"-"+abi+"-"+platform)
				}
			}
		}
	}
	return list
}

// parseRecord reads RECORD, whose paths are relative to the site. Lines that
// are damaged end it.
func parseRecord(text, site string) []recordRow {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	var rows []recordRow
	for {
		fields, err := r.Read()
		if err != nil {
			return rows
		}
		row := recordRow{path: strings.ReplaceAll(fields[0], `\`, "/"), size: -1}
		if row.path == "" {
			continue
		}
		if !path.IsAbs(row.path) {
			row.path = path.Join(site, row.path)
		}
		row.path = path.Clean(row.path)
		if len(fields) > 1 {
			row.hash = fields[1]
		}
		if len(fields) > 2 {
			if size, err := strconv.ParseInt(fields[2], 10, 64); err == nil {
				row.size = size
			}
		}
		rows = append(rows, row)
	}
}
