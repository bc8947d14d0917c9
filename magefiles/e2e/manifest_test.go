//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// jsonOf runs mage and returns stdout alone, as a script would read it.
func (c checkout) jsonOf(t *testing.T, args ...string) string {
	t.Helper()
	cmd := c.command(t.Context(), args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) || cmd.ProcessState.ExitCode() != 0 {
		t.Fatalf("mage %s: %v\n%s%s", strings.Join(args, " "), err, &stdout, &stderr)
	}
	return stdout.String()
}

// TestManifest: a layout and a registry show the same image, to people and to
// programs.
func TestManifest(t *testing.T) {
	c := images(t)
	made := c.result(t)
	where := map[string]string{"layout": "dist/images/" + product}
	if r, err := registryAddress(); err == nil {
		push(t)
		where["registry"] = r + "/x/" + product + ":t1"
	}
	for kind, image := range where {
		t.Run(kind, func(t *testing.T) {
			text := c.must(t, "manifest", "-image="+image).out
			for _, word := range append(platforms(), made.Digest, "noetl package", "shared") {
				if !strings.Contains(text, word) {
					t.Errorf("it does not say %q:\n%s", word, text)
				}
			}
			got := decode[built](t, c.jsonOf(t, "manifest", "-json", "-image="+image))
			if got.Digest != made.Digest || got.SharedBytes != made.SharedBytes || len(got.Platforms) != len(made.Platforms) {
				t.Errorf("-json is %+v, want %+v", got, made)
			}
		})
	}
}

// TestAudit: everything in the image fits, and what fits was looked at.
func TestAudit(t *testing.T) {
	c := images(t)
	out := c.jsonOf(t, "audit", "-json", "-image=dist/images/"+product)
	got := decode[struct {
		Findings []struct{ Severity, Path string }
		Stats    map[string]any
	}](t, out)
	for _, f := range got.Findings {
		if f.Severity == "error" {
			t.Errorf("finding: %+v", f)
		}
	}
	if len(got.Stats) == 0 {
		t.Errorf("no statistics: %s", out)
	}
}
