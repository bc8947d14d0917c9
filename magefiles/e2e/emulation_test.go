//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
)

const binfmt = "/proc/sys/fs/binfmt_misc"

// emulated makes the kernel run programs of the other architecture through
// QEMU, also inside containers.
var emulated = sync.OnceValue(func() error {
	format := map[string]string{"amd64": "qemu-aarch64", "arm64": "qemu-x86_64"}[runtime.GOARCH]
	if format == "" {
		return fmt.Errorf("no emulator is known for %s", runtime.GOARCH)
	}
	if _, err := os.Stat(binfmt + "/register"); err != nil {
		if out, err := exec.Command("mount", "-t", "binfmt_misc", "binfmt_misc", binfmt).CombinedOutput(); err != nil {
			return fmt.Errorf("mounting %s: %w: %s", binfmt, err, out)
		}
		world.later(func() { _ = exec.Command("umount", binfmt).Run() })
	}
	if enabled(format) {
		return nil
	}
	out, err := exec.Command("update-binfmts", "--enable", format).CombinedOutput()
	if err != nil {
		return fmt.Errorf("enabling %s: %w: %s", format, err, out)
	}
	if !enabled(format) {
		return fmt.Errorf("enabling %s: the kernel does not show it as enabled for containers: %s", format, out)
	}
	world.later(func() { _ = exec.Command("update-binfmts", "--disable", format).Run() })
	return nil
})

// enabled tells whether the kernel has the format, with the flag F that keeps
// the emulator open, so that containers need not have it.
func enabled(format string) bool {
	b, err := os.ReadFile(binfmt + "/" + format)
	if err != nil || !strings.HasPrefix(string(b), "enabled") {
		return false
	}
	_, flags, _ := strings.Cut(string(b), "flags: ")
	flags, _, _ = strings.Cut(flags, "\n")
	return strings.Contains(flags, "F")
}

// emulation is needed for platforms other than this machine's.
func emulation(t *testing.T, platform string) {
	t.Helper()
	if platform == "linux/"+runtime.GOARCH {
		return
	}
	err := emulated()
	need(t, err == nil, "emulation: %v", err)
}
