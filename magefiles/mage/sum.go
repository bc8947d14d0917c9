package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sum is over all that decides what the compiler makes: the sources, and the settings of go. This very program's path is one of
// them: go keeps it under a hash of the compiler, the system and the flags.
func (s sources) sum() (string, error) {
	h := sha256.New()
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	fmt.Fprintf(h, "%q\n", self)
	for _, v := range slices.Sorted(slices.Values(os.Environ())) {
		if name, _, _ := strings.Cut(v, "="); setting(name) {
			fmt.Fprintf(h, "%q\n", v)
		}
	}
	if err := alone(); err != nil {
		return "", err
	}
	for _, file := range append(slices.Clone(s.Files), goEnv()) {
		if err := sumFile(h, file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	for _, dir := range s.Folders {
		if err := sumFolder(h, dir); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// alone is an error if Go files of this folder may be mage's, or the module may be part of a workspace.
func alone() error {
	here, err := filepath.Glob("*.go")
	if err != nil || len(here) > 0 {
		return errors.Join(err, errors.New("mage may take the files of this folder"))
	}
	dir, err := filepath.Abs(".")
	for err == nil && os.Getenv("GOWORK") != "off" {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return errors.New("what a workspace is made of is go's to say")
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return err
}

// setting is whether go build reads the variable, or hands it to a C compiler. See "go help environment".
func setting(name string) bool {
	return strings.HasPrefix(name, "GO") || strings.HasPrefix(name, "CGO_") ||
		slices.Contains([]string{"CC", "CXX", "FC", "AR", "PKG_CONFIG", "PKG_CONFIG_PATH"}, name)
}

// goEnv is where "go env -w" writes to.
func goEnv() string {
	if file := os.Getenv("GOENV"); file != "" {
		return file
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return os.DevNull
	}
	return filepath.Join(dir, "go", "env")
}

// sumFolder leaves out tests, and what mage writes there while it compiles. Of folders in it the name is
// enough: those that count are sources themselves.
func sumFolder(h hash.Hash, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(h, "%q\n", dir)
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasSuffix(name, "_test.go"), name == "mage_output_file.go", e.IsDir() && strings.HasPrefix(name, "."):
		case e.IsDir():
			fmt.Fprintf(h, "%q is a folder\n", name)
		default:
			if err := sumFile(h, filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func sumFile(h hash.Hash, file string) error {
	b, err := os.ReadFile(file)
	if err == nil {
		fmt.Fprintf(h, "%q %d\n", file, len(b))
		h.Write(b)
	}
	return err
}
