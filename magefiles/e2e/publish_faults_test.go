//go:build e2e

package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// TestPublishFaults runs package oci's tests of publishing for longer than its
// unit tests do, and against a real registry: publications through a proxy that
// breaks requests, publishers that are killed, races. What became of them is in
// the log. Package oci's tests run for longer when they are given -faults 1000
// and the like.
func TestPublishFaults(t *testing.T) {
	t.Parallel()
	address := registry(t)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count", "1", "-timeout", "30m", "-v",
		"-run", "^TestPublish(UnderFaults|Killed|Raced)$", "../oci",
		"-args", "-faults", "100", "-kills", "20", "-races", "10", "-registry", address)
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
