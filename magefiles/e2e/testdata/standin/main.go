// Command standin is a program for Windows that answers as a real one has
// answered before. It is copied to the names that it stands in for. What it
// knows lies beside it in recorded.json; what it is asked goes to calls.log.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// answer is what a program does when all words begin one of its arguments, in
// any order.
type answer struct {
	Program string
	Args    []string
	Stdout  string
	Copy    map[string]string // from, to: what a build would have made
}

func main() {
	if err := run(); err != nil {
		panic(err)
	}
}

func run() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(self)), ".exe")
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := note(filepath.Join(filepath.Dir(self), "calls.log"), name, dir); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(filepath.Dir(self), "recorded.json"))
	if err != nil {
		return err
	}
	var answers []answer
	if err := json.Unmarshal(content, &answers); err != nil {
		return err
	}
	known := false
	for _, a := range answers {
		if a.Program != name || !all(a.Args) {
			continue
		}
		known = true
		for from, to := range a.Copy {
			if err := copyFile(from, to); err != nil {
				return err
			}
		}
		fmt.Print(a.Stdout)
	}
	if !known {
		return fmt.Errorf("nothing is recorded for: %s %q in %q", name, os.Args[1:], dir)
	}
	return nil
}

func all(words []string) bool {
	for _, word := range words {
		if !slices.ContainsFunc(os.Args[1:], func(arg string) bool { return strings.HasPrefix(arg, word) }) {
			return false
		}
	}
	return true
}

func note(file, name, dir string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %q in %q\n", name, os.Args[1:], dir)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = os.WriteFile(to, content, 0o755)
	}
	return err
}
