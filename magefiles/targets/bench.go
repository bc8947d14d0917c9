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

// bench measures what somebody asks for.
func (j *job) bench(ctx context.Context, what, image string) error {
	if what != "audit" {
		return fmt.Errorf("measuring %q: there is no such measurement; there is audit", what)
	}
	return j.benchAudit(ctx, image)
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
	if runtime.GOOS != "linux" {
		began := time.Now()
		err := j.run(ctx, xbuild.Cmd{Name: name, Args: args, Stdout: io.Discard})
		return measured{took: time.Since(began)}, err
	}
	// A shell tells the command's number, and /proc what it has taken at most. What
	// the kernel tells who waits for a command has this process's own size in it.
	watch := &memoryWatch{stop: make(chan struct{})}
	line := append([]string{"-c", `"$@" >/dev/null & echo $!; wait $!`, "sh", name}, args...)
	began := time.Now()
	err := j.run(ctx, xbuild.Cmd{Name: "sh", Args: line, Stdout: watch})
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
