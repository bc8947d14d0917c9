package targets

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/noetl/noetl/magefiles/xbuild"
)

// bench measures builds, or the audit.
func (j *job) bench(ctx context.Context, f benchFlags) error {
	if f.audit {
		return j.benchAudit(ctx, f.image)
	}
	return j.benchBuilds(ctx, f)
}

// measured is one run of a command.
type measured struct {
	took time.Duration
	peak int64 // bytes of memory at most; 0 if this system does not say
}

// pollTime is the pause between looks at a command's memory.
const pollTime = 5 * time.Millisecond

// measure runs a command and throws away what it prints.
func (j *job) measure(ctx context.Context, name string, args ...string) (measured, error) {
	return j.measureCmd(ctx, xbuild.Cmd{Name: name, Args: args})
}

func (j *job) measureCmd(ctx context.Context, cmd xbuild.Cmd) (measured, error) {
	if runtime.GOOS != "linux" {
		began := time.Now()
		cmd.Stdout = io.Discard
		err := j.run(ctx, cmd)
		return measured{took: time.Since(began)}, err
	}
	// A shell tells the command's number, and /proc what it has taken at most. What
	// the kernel tells who waits for a command has this process's own size in it.
	watch := &memoryWatch{stop: make(chan struct{})}
	line := append([]string{"-c", `"$@" >/dev/null & echo $!; wait $!`, "sh", cmd.Name}, cmd.Args...)
	cmd.Name, cmd.Args, cmd.Stdout = "sh", line, watch
	began := time.Now()
	err := j.run(ctx, cmd)
	took := time.Since(began)
	return measured{took, watch.end()}, err
}

// memoryWatch is written the number of a process, and looks at its memory until
// the end.
type memoryWatch struct {
	stop chan struct{}
	done sync.WaitGroup
	peak int64
	seen bool
}

func (w *memoryWatch) Write(p []byte) (int, error) {
	if pid, err := strconv.Atoi(strings.TrimSpace(string(p))); err == nil && !w.seen {
		w.seen = true
		w.done.Go(func() {
			for {
				w.peak = max(w.peak, highWater(pid))
				select {
				case <-w.stop:
					return
				case <-time.After(pollTime):
				}
			}
		})
	}
	return len(p), nil
}

func (w *memoryWatch) end() int64 {
	close(w.stop)
	w.done.Wait()
	return w.peak
}

// highWater is the most memory that a process has had, in bytes: VmHWM of
// proc_pid_status(5).
func highWater(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(text), "VmHWM:")
	if !ok {
		return 0
	}
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kib, _ := strconv.ParseInt(number, 10, 64)
	return kib << 10
}
