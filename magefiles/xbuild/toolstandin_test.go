package xbuild

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestStandIn: what Windows and macOS put where people look for a tool is told
// apart from a tool that is broken.
func TestStandIn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		prints, says string
		is           bool
	}{
		{
			"Python was not found; run without arguments to install from the Microsoft Store, or disable this shortcut from Settings > Apps > Advanced app settings > App execution aliases.\r\n",
			"App execution aliases", true,
		},
		{
			"xcode-select: note: No developer tools were found, requesting install.\nIf developer tools are located at a non-default location on disk, use `sudo xcode-select --switch path/to/Xcode.app`.\n",
			"xcode-select --install", true,
		},
		{
			"xcrun: error: invalid active developer path (/Library/Developer/CommandLineTools), missing xcrun at: /Library/Developer/CommandLineTools/usr/bin/xcrun\n",
			"xcode-select --install", true,
		},
		{"Fatal Python error: init_fs_encoding: failed to get the Python codec\n", "Fatal Python error", false},
	} {
		run := func(_ context.Context, c Cmd) error {
			return &ToolError{Cmd: c, Output: tt.prints, Err: errors.New("exit status 1")}
		}
		f := Find(t.Context(), run, Tool{Name: "python"}, func(string) (string, error) { return "/somewhere/python", nil })
		if f.Err == nil || !strings.Contains(f.Err.Error(), tt.says) || strings.Contains(f.Err.Error(), ErrStandIn.Error()) != tt.is {
			t.Errorf("%.30q gives %v", tt.prints, f.Err)
		}
	}
}

func TestFindByRange(t *testing.T) {
	t.Parallel()
	for version, good := range map[string]bool{"v20.20.2": true, "v21.0.0": false, "v24.0.0": true} {
		run := func(_ context.Context, c Cmd) error { _, err := c.Stdout.Write([]byte(version)); return err }
		f := Find(t.Context(), run, Tool{Name: "node", Range: "^20.19.0 || >=22"}, func(string) (string, error) { return "/bin/node", nil })
		if (f.Err == nil) != good || !good && !strings.Contains(f.Err.Error(), "needed is ^20.19.0 || >=22") {
			t.Errorf("%s: %v", version, f.Err)
		}
	}
}
