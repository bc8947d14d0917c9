//go:build unix

package xbuild

import (
	"os/exec"
	"syscall"
	"time"
)

// group is the process group of a running command.
type group struct {
	cmd   *exec.Cmd
	own   bool // it has a group of its own
	asked time.Time
	timer *time.Timer
}

func newGroup(cmd *exec.Cmd, interactive bool) *group {
	g := &group{cmd: cmd, own: !interactive}
	if g.own {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	}
	cmd.Cancel = func() error {
		g.asked = time.Now()
		g.timer = time.AfterFunc(grace, func() { _ = g.signal(syscall.SIGKILL) })
		return g.signal(syscall.SIGTERM)
	}
	return g
}

func (g *group) started() {}

func (g *group) signal(s syscall.Signal) error {
	if g.own {
		return syscall.Kill(-g.cmd.Process.Pid, s)
	}
	return g.cmd.Process.Signal(s)
}

// finish waits, after the leader has ended, for the rest of the group to end
// within the grace, then kills it. Where nobody reaps orphans (a container
// without an init) a dead one looks alive; that costs the grace, no more.
func (g *group) finish() {
	if !g.own {
		return
	}
	if g.asked.IsZero() { // the leader was quicker than the cancellation
		g.asked = time.Now()
		_ = g.signal(syscall.SIGTERM)
	}
	for g.signal(0) == nil {
		late := time.Since(g.asked) - grace
		if late > 0 {
			_ = g.signal(syscall.SIGKILL)
		}
		if late > 200*time.Millisecond {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (g *group) close() {
	if g.timer != nil {
		g.timer.Stop()
	}
}
