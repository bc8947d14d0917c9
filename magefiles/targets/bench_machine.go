package targets

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/noetl/noetl/magefiles/bench"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// machine says what this is measured on. What a system does not tell is left out.
func (j *job) machine(ctx context.Context) bench.Machine {
	m := bench.Machine{CPU: runtime.GOARCH, Cores: runtime.NumCPU(), OS: runtime.GOOS}
	if v := field("/proc/cpuinfo", "model name", ":"); v != "" {
		m.CPU = v
	}
	if v := field("/etc/os-release", "PRETTY_NAME", "="); v != "" {
		m.OS = strings.Trim(v, `"`)
	}
	if v := strings.Fields(field("/proc/meminfo", "MemTotal", ":")); len(v) > 0 {
		kib, _ := strconv.ParseInt(v[0], 10, 64)
		m.Memory = kib << 10
	}
	if v, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(v))
	}
	for _, line := range [][]string{{"go", "version"}, {"cargo", "--version"}, {"node", "--version"}, {"docker", "buildx", "version"}, {"task", "--version"}} {
		out, err := xbuild.Output(ctx, j.run, xbuild.Cmd{Name: line[0], Args: line[1:]})
		if err != nil {
			continue
		}
		out, _, _ = strings.Cut(strings.TrimSpace(out), "\n")
		if !strings.HasPrefix(out, line[0]) {
			out = line[0] + " " + out
		}
		m.Tools = append(m.Tools, out)
	}
	return m
}

// field is the value of the first line of a file with this name.
func field(file, name, sign string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.SplitSeq(string(text), "\n") {
		key, value, ok := strings.Cut(line, sign)
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
