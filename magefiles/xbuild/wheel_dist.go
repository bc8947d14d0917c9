package xbuild

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Dist is a Python distribution as a wheel brings it, unpacked: what its .dist-info folder says.
type Dist struct {
	Name    string   // as its author writes it
	Version string   //
	Tags    []string // of the wheel it came from, sorted: "cp313-cp313-manylinux_2_17_x86_64"
	Pure    bool     // its tags say that it fits every machine (…-none-any). That is a claim, not a finding
	Files   []string // slash-separated, sorted; those that its RECORD lists and that are there
	Info    string   // its .dist-info folder
}

// Tag is the compressed set of the tags, as in the name of a wheel: "cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64".
func (d Dist) Tag() string {
	var parts [3][]string
	for _, tag := range d.Tags {
		for i, part := range strings.SplitN(tag, "-", 3) {
			if !slices.Contains(parts[i], part) {
				parts[i] = append(parts[i], part)
			}
		}
	}
	return strings.Join([]string{strings.Join(parts[0], "."), strings.Join(parts[1], "."), strings.Join(parts[2], ".")}, "-")
}

// Distributions reads every distribution whose .dist-info folder is at the top of fsys, which is a site-packages, or a wheel
// itself. They are sorted by name.
func Distributions(fsys fs.FS) ([]Dist, error) {
	infos, err := fs.Glob(fsys, "*.dist-info")
	if err != nil {
		return nil, fmt.Errorf("looking for distributions: %w", err)
	}
	var dists []Dist
	for _, info := range infos {
		dist, err := readDist(fsys, info)
		if err != nil {
			return nil, fmt.Errorf("reading distribution %q: %w", info, err)
		}
		dists = append(dists, dist)
	}
	slices.SortFunc(dists, func(a, b Dist) int { return strings.Compare(normalName(a.Name), normalName(b.Name)) })
	return dists, nil
}

func readDist(fsys fs.FS, info string) (Dist, error) {
	dist := Dist{Info: info}
	metadata, err := readHeader(fsys, path.Join(info, "METADATA"))
	if err != nil {
		return dist, err
	}
	wheel, err := readHeader(fsys, path.Join(info, "WHEEL"))
	if err != nil {
		return dist, err
	}
	for _, want := range []string{"name", "version"} {
		if len(metadata[want]) == 0 {
			return dist, fmt.Errorf("its METADATA has no %s", want)
		}
	}
	dist.Name, dist.Version, dist.Tags = metadata["name"][0], metadata["version"][0], wheel["tag"]
	if len(dist.Tags) == 0 {
		return dist, fmt.Errorf("its WHEEL has no Tag")
	}
	slices.Sort(dist.Tags)
	dist.Pure = !slices.ContainsFunc(dist.Tags, func(tag string) bool { return !strings.HasSuffix(tag, "-none-any") })
	dist.Files, err = readRecord(fsys, path.Join(info, "RECORD"))
	return dist, err
}

// readHeader reads the header of METADATA or WHEEL, which are written like the header of a mail: keys in lower case.
func readHeader(fsys fs.FS, name string) (map[string][]string, error) {
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	header := map[string][]string{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, len(content)+1)
	for lines.Scan() && lines.Text() != "" {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && !strings.HasPrefix(key, " ") && !strings.HasPrefix(key, "\t") {
			key = strings.ToLower(key)
			header[key] = append(header[key], strings.TrimSpace(value))
		}
	}
	return header, lines.Err()
}

// readRecord returns the files of a RECORD that are there. Those outside of the tree (../../bin/x) and those that a careless
// wheel lists but does not hold are left out.
func readRecord(fsys fs.FS, name string) ([]string, error) {
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	reader := csv.NewReader(bytes.NewReader(content))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", name, err)
	}
	var files []string
	for _, row := range rows {
		file := path.Clean(strings.ReplaceAll(row[0], `\`, "/"))
		if !fs.ValidPath(file) {
			continue
		}
		if info, err := fs.Stat(fsys, file); err == nil && info.Mode().IsRegular() {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}
