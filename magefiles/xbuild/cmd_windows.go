package xbuild

import (
	"cmp"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// group is a running command and all it starts: a job object.
type group struct {
	cmd   *exec.Cmd
	own   bool
	timer *time.Timer

	mu  sync.Mutex     // Cancel may come before started is done
	job windows.Handle // 0 if there is none
}

func newGroup(cmd *exec.Cmd, interactive bool) *group {
	g := &group{cmd: cmd, own: !interactive}
	if g.own {
		// Its own console group, so that Ctrl-Break reaches it and not us.
		cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
	}
	if path, err := exec.LookPath(cmd.Path); err == nil && isBatch(path) { // the path may lack its extension
		throughShell(cmd, path)
	}
	cmd.Cancel = func() error {
		g.timer = time.AfterFunc(grace, g.kill)
		if g.own && windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(g.cmd.Process.Pid)) == nil {
			return nil
		}
		g.kill() // no console: nobody to ask
		return nil
	}
	return g
}

// throughShell makes cmd.exe run a batch file, with a line that it understands.
func throughShell(cmd *exec.Cmd, path string) {
	line, err := batchLine(path, cmd.Args[1:])
	system, sysErr := windows.GetSystemDirectory()
	if err = cmp.Or(err, sysErr); err != nil {
		cmd.Err = err // what Start returns
		return
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.Path, cmd.SysProcAttr.CmdLine = filepath.Join(system, "cmd.exe"), line
}

// started puts the process into the job; children inherit it. A child started
// before this line escapes the job, which takes a very quick child; there is
// no way to start a process inside a job with os/exec.
func (g *group) started() {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return
	}
	p, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(g.cmd.Process.Pid))
	if err != nil {
		_ = windows.CloseHandle(job)
		return
	}
	defer func() { _ = windows.CloseHandle(p) }()
	if err := windows.AssignProcessToJobObject(job, p); err != nil {
		_ = windows.CloseHandle(job)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.job = job
}

func (g *group) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.job != 0 {
		_ = windows.TerminateJobObject(g.job, 1)
		return
	}
	_ = g.cmd.Process.Kill()
}

// finish kills what the leader left behind.
func (g *group) finish() { g.kill() }

func (g *group) close() {
	if g.timer != nil {
		g.timer.Stop()
	}
	g.mu.Lock() // the timer may be killing at this moment
	defer g.mu.Unlock()
	if g.job != 0 {
		_ = windows.CloseHandle(g.job)
		g.job = 0
	}
}
