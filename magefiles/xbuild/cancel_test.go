//go:build unix

package xbuild

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestExecCancel ends commands of several kinds; each must be gone, children
// included, within the time that mage's main allows.
func TestExecCancel(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		cmd  Cmd
		min  time.Duration
		max  time.Duration
	}{
		{"ends when asked", self(t, "sleep"), 0, 2 * time.Second},
		{"has to be killed", self(t, "stubborn"), grace, 4500 * time.Millisecond},
		{"child ends when asked", self(t, "parent", "sleep"), 0, 2 * time.Second},
		{"child has to be killed", self(t, "parent", "stubborn"), grace, 4500 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out := &readyWriter{ready: make(chan struct{})}
			tt.cmd.Stdout = out
			var asked time.Time
			go func() {
				<-out.ready
				asked = time.Now()
				cancel()
			}()
			err := Exec(os.Environ())(ctx, tt.cmd)
			took := time.Since(asked)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			var te *ToolError
			if !errors.As(err, &te) || te.ExitStatus() != 130 {
				t.Errorf("not a cancelled ToolError: %v", err)
			}
			if took < tt.min || took > tt.max {
				t.Errorf("took %v, want %v to %v", took, tt.min, tt.max)
			}
			pid := out.child()
			for i := 0; pid != 0 && alive(pid); i++ { // the kernel takes a moment
				if i == 100 {
					t.Fatalf("child %d is still there", pid)
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
}

// alive is false for zombies too: in a container without init they stay.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

// readyWriter tells when the command has said that it is ready.
type readyWriter struct {
	mu    sync.Mutex
	text  string
	once  sync.Once
	ready chan struct{}
}

func (w *readyWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text += string(p)
	if strings.Contains(w.text, "ready\n") {
		w.once.Do(func() { close(w.ready) })
	}
	return len(p), nil
}

func (w *readyWriter) child() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, rest, _ := strings.Cut(w.text, "child ")
	line, _, _ := strings.Cut(rest, "\n")
	pid, _ := strconv.Atoi(line)
	return pid
}
