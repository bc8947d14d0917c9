package targets

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// TestEnginePlatform: -load is refused before anything is built if there is no
// engine, none that answers, or one of another platform.
func TestEnginePlatform(t *testing.T) {
	t.Parallel()
	const up = `{"Client":{"Version":"28"},"Server":{"Version":"28","Os":"linux","Arch":"arm64"}}`
	const down = `{"Client":{"Version":"28"},"Server":null}`
	tests := []struct {
		name, path, stdout, stderr string
		want                       string // platform
		says                       []string
	}{
		{"running", fakes(t, "docker"), up, "", "linux/arm64", nil},
		{"stopped", fakes(t, "docker"), down, "Cannot connect to the Docker daemon\n", "", []string{"-load", "not running", "systemctl start docker"}},
		{"not ours", fakes(t, "docker"), down, "permission denied while trying to connect\n", "", []string{"-load", "permission denied", "usermod -aG docker"}},
		{"another platform", fakes(t, "docker"), strings.ReplaceAll(up, "arm64", "amd64"), "", "", []string{"it runs linux/amd64", "add it to -platforms"}},
		{"not there", t.TempDir(), "", "", "", []string{"docker", "not installed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j, rec, _ := testJob(t, map[string]string{"PATH": tt.path})
			j.host = xbuild.Platform{OS: "linux", Arch: "amd64"}
			rec.Reply = func(_ context.Context, c xbuild.Cmd) error {
				_, _ = io.WriteString(c.Stdout, tt.stdout)
				_, _ = io.WriteString(c.Stderr, tt.stderr)
				if tt.stderr != "" {
					return &xbuild.ToolError{Cmd: c, Err: errors.New("exit status 1"), Output: tt.stderr}
				}
				return nil
			}
			got, err := j.enginePlatform(t.Context(), []xbuild.Platform{{OS: "linux", Arch: "arm64"}})
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Fatalf("%q, %v", got, err)
			}
			for _, word := range tt.says {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%v does not say %q", err, word)
				}
			}
		})
	}
}
