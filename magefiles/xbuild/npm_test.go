package xbuild

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recorded is what a tool really wrote when it failed.
func recorded(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(content), "\r\n", "\n")
}

func TestNpmFailuresAreExplained(t *testing.T) {
	t.Parallel()
	tests := []struct {
		output string
		hint   string // part of the cure
		shown  string // part of the message: the cause must not drown
	}{
		{"disk-full", "disk is full", "ENOSPC"},
		{"dns", "registry was not reached", "getaddrinfo ENOTFOUND registry.invalid"},
		{"engine", "install one that", `Required: {"node":">=99"}`},
		{"integrity", "not what the lock says", "Integrity checksum failed"},
		{"lock-out-of-date", "npm install in that folder and commit", "lock file's react@19.3.1 does not satisfy react@19.2.0"},
		{"native-optional", "delete node_modules", "Cannot find native binding"},
		{"no-lock", "there is no package-lock.json", "existing package-lock.json"},
		{"offline", "set to work offline", "ENOTCACHED"},
		{"refused", "registry was not reached", "connect ECONNREFUSED"},
		{"rollup-4828", "delete node_modules", "Cannot find module @rollup/rollup-linux-x64-gnu"},
		{"source-error", "", "src/main.tsx:1:7"},
	}
	for _, test := range tests {
		t.Run(test.output, func(t *testing.T) {
			t.Parallel()
			err := npmExplain(&ToolError{Cmd: Cmd{Name: "npm", Args: []string{"ci"}}, Output: recorded(t, "npm/"+test.output+".txt"), Err: errors.New("exit status 1")}, "")
			var tool *ToolError
			if !errors.As(err, &tool) {
				t.Fatalf("got %T", err)
			}
			if !strings.Contains(tool.Hint, test.hint) || (test.hint == "") != (tool.Hint == "") {
				t.Errorf("hint %q, want one with %q", tool.Hint, test.hint)
			}
			if !strings.Contains(tool.Output, test.shown) {
				t.Errorf("the cause %q is not in the output left:\n%s", test.shown, tool.Output)
			}
			long := slices.Contains([]string{"native-optional", "rollup-4828", "no-lock"}, test.output) // there the cure says it
			if !long && !strings.Contains(err.Error(), test.shown) {
				t.Errorf("the cause %q is not in the message:\n%v", test.shown, err)
			}
		})
	}
}

func TestNpmExplainUsesAnEarlierWarning(t *testing.T) {
	t.Parallel()
	err := npmExplain(&ToolError{Output: "ReferenceError: CustomEvent is not defined", Err: errors.New("exit status 1")}, recorded(t, "npm/engine.txt"))
	if !strings.Contains(err.Error(), "install one that") {
		t.Errorf("the warning of npm ci about Node.js was lost: %v", err)
	}
}
