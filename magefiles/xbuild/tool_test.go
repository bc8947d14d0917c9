package xbuild

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCompareVersions(t *testing.T) {
	t.Parallel()
	// Each is lower than the next.
	order := []string{"0.9", "1.2.0-beta.2", "1.2.0-beta.10", "1.2.0-rc1", "1.2", "1.2.1", "1.10.0-nightly", "1.10", "2.0.0", "10.0"}
	for i, a := range order {
		for j, b := range order {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := CompareVersions(a, b); got != want {
				t.Errorf("CompareVersions(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
	for _, same := range [][2]string{{"1.2", "1.2.0"}, {"v1.2.3", "1.2.3"}, {"1.2.3+a", "1.2.3+b"}, {"", "0"}} {
		if CompareVersions(same[0], same[1]) != 0 {
			t.Errorf("%q and %q differ", same[0], same[1])
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	prints := map[string]string{
		"/old/uv":       "uv 0.4.1 (abc 2024-01-01)",
		"/new/uv":       "uv 0.13.9",
		"/bin/node":     "v20.20.2",
		"/bin/broken":   "!",
		"/bin/silent":   "",
		"/bin/openjdk":  "openjdk version \"17.0.15\" 2025-04-15",
		"/bin/labelled": "build 9.9 version 1.5.0",
	}
	names := map[string]string{"uv": "/old/uv", "node": "/bin/node", "broken": "/bin/broken", "silent": "/bin/silent", "java": "/bin/openjdk", "labelled": "/bin/labelled"}
	look := func(name string) (string, error) {
		if p, ok := names[name]; ok {
			return p, nil
		}
		if _, ok := prints[name]; ok {
			return name, nil
		}
		return "", errors.New("no")
	}
	run := func(_ context.Context, c Cmd) error {
		if prints[c.Name] == "!" {
			return &ToolError{Cmd: c, Err: errors.New("exit status 1"), Output: "first\nlibz.so.1: cannot open\n"}
		}
		if c.Name == "/bin/openjdk" {
			fmt.Fprintln(c.Stderr, prints[c.Name])
			return nil
		}
		fmt.Fprintln(c.Stdout, prints[c.Name])
		return nil
	}
	tests := []struct {
		tool          Tool
		path, version string
		err           string
	}{
		{Tool{Name: "node"}, "/bin/node", "20.20.2", ""},
		{Tool{Name: "node", Min: "20.19"}, "/bin/node", "20.20.2", ""},
		{Tool{Name: "node", Min: "22"}, "/bin/node", "20.20.2", "it is 20.20.2, 22 or newer is needed"},
		{Tool{Name: "uv", Min: "0.9", Candidates: []string{"uv", "/new/uv"}}, "/new/uv", "0.13.9", ""},
		{Tool{Name: "uv", Candidates: []string{"/gone/uv", "uv"}}, "/old/uv", "0.4.1", ""},
		{Tool{Name: "zig", Candidates: []string{"/x/zig", "zig"}}, "", "", "not found (looked for /x/zig, zig)"},
		{Tool{Name: "broken"}, "/bin/broken", "", "libz.so.1: cannot open"},
		{Tool{Name: "silent"}, "/bin/silent", "", "no version"},
		{Tool{Name: "java"}, "/bin/openjdk", "17.0.15", ""},
		{Tool{Name: "labelled", VersionPattern: `version (\S+)`}, "/bin/labelled", "1.5.0", ""},
	}
	for _, tt := range tests {
		f := Find(t.Context(), run, tt.tool, look)
		if f.Path != tt.path || f.Version != tt.version {
			t.Errorf("%s: found %q %q, want %q %q", tt.tool.Name, f.Path, f.Version, tt.path, tt.version)
		}
		if (f.Err == nil) != (tt.err == "") || f.Err != nil && !strings.Contains(f.Err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.tool.Name, f.Err, tt.err)
		}
	}
	if f := Find(t.Context(), run, Tool{Name: "zig"}, look); !errors.Is(f.Err, ErrNotFound) {
		t.Errorf("missing tool: %v", f.Err)
	}
}

func TestTellingLine(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"":                              "",
		"a\nb\n\n":                      "b",
		"info: x\n  Error: y\n  1: z\n": "Error: y",
	} {
		if got := tellingLine(output); got != want {
			t.Errorf("%q: %q, want %q", output, got, want)
		}
	}
}

func TestPackageManager(t *testing.T) {
	t.Parallel()
	tool := Tool{Name: "x", Install: map[string]string{"apt": "libx x-dev", "brew": "x", "winget": "Org.X", "": "see the manual"}}
	tests := []struct {
		host string
		have []string
		want string
		line string
	}{
		{"linux/amd64", []string{"apt-get", "brew"}, "apt", "sudo apt-get install -y --no-install-recommends libx x-dev"},
		{"linux/arm64", []string{"dnf"}, "dnf", "see the manual"},
		{"linux/amd64", []string{"apk"}, "apk", "see the manual"},
		{"linux/amd64", []string{"brew"}, "brew", "brew install x"},
		{"linux/amd64", nil, "", "see the manual"},
		{"darwin/arm64", []string{"apt-get", "brew"}, "brew", "brew install x"},
		{"windows/arm64", []string{"scoop", "winget"}, "winget", "winget install --exact --id Org.X"},
		{"windows/amd64", []string{"scoop"}, "scoop", "see the manual"},
	}
	for _, tt := range tests {
		host, err := ParsePlatform(tt.host)
		if err != nil {
			t.Fatal(err)
		}
		pm, ok := DetectPackageManager(host, func(name string) (string, error) {
			if slices.Contains(tt.have, name) {
				return "/bin/" + name, nil
			}
			return "", errors.New("no")
		})
		if pm.Name != tt.want || ok != (tt.want != "") {
			t.Errorf("%s with %v: %q, want %q", tt.host, tt.have, pm.Name, tt.want)
		}
		if got := tool.InstallLine(pm); got != tt.line {
			t.Errorf("%s with %v: %q, want %q", tt.host, tt.have, got, tt.line)
		}
	}
}
