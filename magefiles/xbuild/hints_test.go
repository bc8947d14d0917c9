package xbuild

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// transcript is what a tool wrote when it failed, and words of the one cure
// that is right for it.
type transcript struct{ file, cure string }

// told is the cure that the tool's name and its output lead to. Files are named
// after the tool; the older folders are.
func told(t *testing.T, file string) string {
	t.Helper()
	name, _, _ := strings.Cut(path.Base(file), "-")
	switch dir, _, _ := strings.Cut(file, "/"); dir {
	case "cargo", "npm", "uv":
		name = dir
	case "pytools":
		name = "pip"
	}
	cmd := Cmd{Name: "/opt/tools/" + name}
	if name == "buildx" {
		cmd = Cmd{Name: "docker", Args: []string{"buildx", "build"}}
	}
	if name == "pip" {
		cmd = Cmd{Name: "python3", Args: []string{"-m", "pip", "install"}}
	}
	return toolHint(cmd, recorded(t, file))
}

// TestEveryFailureGetsItsCure: each transcript leads to its own cure and to none
// of the others, and no transcript lies there untested.
func TestEveryFailureGetsItsCure(t *testing.T) {
	t.Parallel()
	all := transcripts()
	listed := map[string]bool{}
	for _, tr := range all {
		listed[tr.file] = true
		t.Run(tr.file, func(t *testing.T) {
			got := told(t, tr.file)
			if tr.cure == "" && got != "" {
				t.Errorf("cure %q where none is known", got)
			}
			if !strings.Contains(got, tr.cure) || strings.Contains(got, "\n") {
				t.Errorf("cure %q, want one line with %q", got, tr.cure)
			}
			for _, other := range all {
				if other.cure != "" && !strings.Contains(tr.cure, other.cure) && !strings.Contains(other.cure, tr.cure) && strings.Contains(got, other.cure) {
					t.Errorf("cure %q is that of %s, %q", got, other.file, other.cure)
				}
			}
		})
	}
	for _, pattern := range []string{"failures/*.txt", "failures/documented/*.txt", "cargo/*.txt", "npm/*.txt", "uv/*.txt", "pytools/*.txt"} {
		found, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil || len(found) == 0 {
			t.Errorf("%s: %v, %d files", pattern, err, len(found))
		}
		for _, file := range found {
			if rel := strings.TrimPrefix(filepath.ToSlash(file), "testdata/"); !listed[rel] {
				t.Errorf("%s is tested by nothing", rel)
			}
		}
	}
}

// TestTranscriptsNameNoMachine: they show no folder of the machine that they
// were made on, and no registry's address.
func TestTranscriptsNameNoMachine(t *testing.T) {
	t.Parallel()
	for _, tr := range transcripts() {
		text, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(tr.file)))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"/root/", "/work/", "static.crates", "registry.npmjs", "pypi.org", "deb.debian"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s has %q in it", tr.file, word)
			}
		}
	}
}

// TestNoCureForWhatIsNoKnownFailure: a wrong cure is worse than none.
func TestNoCureForWhatIsNoKnownFailure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		args   []string
		output string
	}{
		{"cargo", nil, "   Compiling x v0.1.0\n    Finished `release` profile\n"},
		{"cargo", []string{"test"}, "thread 'a' panicked at src/lib.rs:3:5:\nBroken pipe (os error 32)\n"},
		{"cargo", []string{"test"}, "Error: Input/output error (os error 5)\n"},
		{"cargo", []string{"run"}, "Error: Host is down (os error 112)\n"},
		{"npm", []string{"run", "test"}, " FAIL  src/api.test.ts\nError: connect ECONNREFUSED 127.0.0.1:8082\nError: getaddrinfo ENOTFOUND api.example\n"},
		{"npm", []string{"run", "dev"}, "Error: listen EACCES: permission denied 0.0.0.0:80\n"},
		{"npm.cmd", nil, "npm warn deprecated inflight@1.0.6: not supported\nadded 9 packages in 2s\n"},
		{"python3", []string{"-m", "pytest"}, "E   PermissionError: [Errno 13] Permission denied: 'x'\nE   requests.exceptions.SSLError: CERTIFICATE_VERIFY_FAILED\n"},
		{"go", []string{"test"}, "dial tcp 127.0.0.1:9: connect: connection refused\n"},
		{"git", nil, "error: pathspec 'x' did not match any file(s) known to git\n"},
		{"docker", []string{"load"}, "Error processing tar file(exit status 1): unexpected EOF\n"},
		{"docker", nil, "Error response from daemon: No such image: x:latest\n"},
		{"uv", nil, "error: unexpected argument '--nonsense' found\n"},
		{"kubectl", nil, "error: the path \"x\" does not exist\n"},
		{"sh", nil, ""},
	}
	for _, test := range tests {
		if got := toolHint(Cmd{Name: test.name, Args: test.args}, test.output); got != "" {
			t.Errorf("%s: %q gets %q", test.name, test.output, got)
		}
	}
}

// TestHintsOfPrograms: whatever is run, a full disk is told; and so are the
// cures of a tool by its path and with Windows' ending.
func TestHintsOfPrograms(t *testing.T) {
	t.Parallel()
	for name, output := range map[string]string{
		"tar":                  "tar: x: Cannot write: No space left on device",
		"golangci-lint":        "write /tmp/x: no space left on device",
		"C:/git/cmd/git.exe":   "fatal: write error: There is not enough space on the disk. (os error 112)",
		"/usr/bin/docker":      "Error processing tar file(exit status 1): write /x: no space left on device",
		"/home/me/bin/cargo":   "error: failed to write to `x`\r\n\r\nCaused by:\r\n  No space left on device (os error 28)\r\n",
		"/home/me/bin/npm.cmd": "npm error code ENOSPC",
	} {
		if got := toolHint(Cmd{Name: filepath.FromSlash(name)}, output); !strings.Contains(got, "disk is full") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestCureForAFolderWithSpaces can be typed as it is.
func TestCureForAFolderWithSpaces(t *testing.T) {
	t.Parallel()
	got := toolHint(Cmd{Name: "git"}, "fatal: detected dubious ownership in repository at 'C:/my work/x'\n")
	if !strings.HasSuffix(got, ` safe.directory "C:/my work/x"`) {
		t.Error(got)
	}
}

// TestExecAddsTheCure to what a real program says about a real full device.
func TestExecAddsTheCure(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil || filepath.Separator != '/' {
		t.Skip("no /dev/full on this system")
	}
	err := Exec([]string{"PATH=/usr/bin:/bin", "LC_ALL=C"})(t.Context(), Cmd{Name: "tee", Args: []string{"/dev/full"}, Stdin: strings.NewReader("x")})
	if err == nil || !strings.Contains(err.Error(), "cure: the disk is full") {
		t.Errorf("error %v", err)
	}
}
