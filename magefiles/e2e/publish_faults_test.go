//go:build e2e

package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// TestPublishFaults runs package oci's tests of publishing for longer than its
// unit tests do, and against a real registry: a thousand publications through a
// proxy that breaks requests, two hundred publishers that are killed, a hundred
// races. What became of them is in the log.
func TestPublishFaults(t *testing.T) {
	t.Parallel()
	address := registry(t)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count", "1", "-timeout", "30m", "-v",
		"-run", "^TestPublish(UnderFaults|Killed|Raced)$", "../oci",
		"-args", "-faults", "1000", "-kills", "200", "-races", "100", "-registry", address)
	out, err := cmd.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "===") {
			t.Log(strings.TrimRight(line, "\n"))
		}
	}
	if err != nil {
		t.Error(err)
	}
}
