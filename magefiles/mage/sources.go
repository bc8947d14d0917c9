package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/magefile/mage/mage"
	"github.com/magefile/mage/sh"
)

// sources are what the targets are compiled of, but for the module cache, in which nothing changes.
type sources struct {
	Folders []string // of packages, and of the files that they embed
	Files   []string // go.mod, go.sum
}

// findSources asks go.
func findSources() (sources, error) {
	env, err := sh.Output("go", "env", "-json", "GOMOD", "GOWORK", "GOMODCACHE")
	if err != nil {
		return sources{}, err
	}
	var is struct{ GOMOD, GOWORK, GOMODCACHE string }
	if err := json.Unmarshal([]byte(env), &is); err != nil {
		return sources{}, fmt.Errorf("reading what go env printed: %w", err)
	}
	if is.GOWORK != "" && is.GOWORK != "off" || is.GOMOD == "" || is.GOMOD == os.DevNull || is.GOMODCACHE == "" {
		return sources{}, errors.New("there is no module, or no cache of modules, or there is a workspace")
	}
	files, err := mage.Magefiles(magefiles, "", "", true)
	if err != nil {
		return sources{}, err
	}
	list := []string{"list", "-C", magefiles, "-deps", "-json=Dir,Standard,EmbedFiles"}
	for _, file := range files {
		list = append(list, filepath.Base(file)) // named, they need no tag
	}
	packages, err := sh.Output("go", list...)
	if err != nil {
		return sources{}, err
	}
	root := filepath.Dir(is.GOMOD)
	s := sources{Files: []string{is.GOMOD, filepath.Join(root, "go.sum"), filepath.Join(root, "vendor", "modules.txt")}}
	s.Folders, err = folders([]byte(packages), is.GOMODCACHE)
	return s, err
}

// folders are those of the packages that "go list" printed, sorted, without what lies in the module cache.
func folders(packages []byte, cache string) ([]string, error) {
	var out []string
	for dec := json.NewDecoder(bytes.NewReader(packages)); ; {
		var p struct {
			Dir        string
			Standard   bool
			EmbedFiles []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("reading what go list printed: %w", err)
		}
		if p.Standard || strings.HasPrefix(p.Dir, cache+string(filepath.Separator)) {
			continue
		}
		out = append(out, p.Dir)
		for _, file := range p.EmbedFiles {
			out = append(out, filepath.Dir(filepath.Join(p.Dir, file)))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
