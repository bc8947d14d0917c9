//go:build e2e

package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// winePackages is what Wine needs of Debian, and wineSuite where: what Debian 12
// has is too old for the programs that today's Go and Rust make.
const (
	wineSuite    = "trixie"
	winePackages = "wine64"
)

// windows is a Windows machine: Wine in a Debian of its own, with a drive W:
// that is a folder of ours. It is a namespace of processes and mounts: when its
// first process ends, everything is gone with it.
type windows struct {
	root string // where Debian is
	disk string // the folder that is W:
	pid  int    // of its first process
}

var machine struct {
	sync.Once
	windows
	err error
}

// onWindows is the machine, started once for all tests.
func onWindows(t *testing.T) windows {
	t.Helper()
	needRoot(t)
	need(t, runtime.GOOS+"/"+runtime.GOARCH == "linux/amd64", "a linux/amd64 machine, for Wine")
	needTools(t, "mmdebstrap", "unshare", "nsenter")
	machine.Do(func() { machine.windows, machine.err = startWindows() })
	if machine.err != nil {
		t.Fatalf("starting Wine: %v", machine.err)
	}
	return machine.windows
}

// kept is a folder for what takes minutes to fetch or make and never changes
// for a key; make fills it. It stays between runs, in the user's cache folder.
func kept(key string, make func(dir string) error) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, "noetl-e2e", key)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	next, err := os.MkdirTemp(filepath.Dir(dir), key+".new-")
	if err != nil {
		return "", err
	}
	defer func() { _ = exec.Command("rm", "-rf", "--one-file-system", next).Run() }()
	if err := make(next); err != nil {
		return "", err
	}
	return dir, os.Rename(next, dir)
}

// onHost runs a program and returns what it prints; the error has it, too.
func onHost(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out), err
}

// wineRoot makes a Debian with Wine and a Windows drive C: in it.
func wineRoot() (string, error) {
	sum := sha256.Sum256([]byte("3 " + wineSuite + " " + winePackages))
	return kept("wine-"+hex.EncodeToString(sum[:6]), func(dir string) error {
		_, err := onHost("mmdebstrap", "--quiet", "--variant=essential", "--include="+winePackages, wineSuite, dir)
		if err != nil {
			return err
		}
		if err := os.Mkdir(filepath.Join(dir, "w"), 0o755); err != nil {
			return err
		}
		first := windows{root: dir}
		pid, end, err := first.boot(`mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && `)
		if err != nil {
			return err
		}
		defer end()
		first.pid = pid
		// A drive W:, and wineserver's own wait: the registry is written when it ends.
		script := `/usr/lib/wine/wine64 wineboot --init && ln -s /w "$WINEPREFIX/dosdevices/w:" && /usr/lib/wine/wineserver64 -w`
		cmd := exec.Command("nsenter", append(first.enter(), "sh", "-c", script)...)
		cmd.Env = wineEnv()
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("making the Windows drive: %w: %s", err, out)
		}
		return nil
	})
}

// startWindows starts the machine of the kept root, which stays as it is: what
// is written goes to the folder of this run.
func startWindows() (windows, error) {
	var w windows
	base, err := wineRoot()
	if err != nil {
		return w, err
	}
	home := filepath.Join(world.temp, "windows")
	w = windows{root: filepath.Join(home, "root"), disk: filepath.Join(home, "disk")}
	for _, dir := range []string{w.root, w.disk, filepath.Join(home, "upper"), filepath.Join(home, "work")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return w, err
		}
	}
	script := fmt.Sprintf(`mount -t overlay -o 'lowerdir=%s,upperdir=%s/upper,workdir=%s/work' overlay "$1" &&
		mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc" && mount --bind '%s' "$1/w" &&
		{ [ ! -e /etc/resolv.conf ] || cp /etc/resolv.conf "$1/etc/resolv.conf"; } && `, base, home, home, w.disk)
	var end func()
	if w.pid, end, err = w.boot(script); err != nil {
		return w, err
	}
	world.later(end)
	// What Wine itself leaves running would hold open the output of whoever started it first.
	script = `exec >/dev/null 2>&1 </dev/null; /usr/lib/wine/wineserver64 --persistent; exec /usr/lib/wine/wine64 wineboot`
	cmd := exec.Command("nsenter", append(w.enter(), "sh", "-c", script)...)
	cmd.Env = wineEnv()
	return w, cmd.Run()
}

// boot starts the first process of the machine, in namespaces of its own, after
// a script that mounts; $1 is the root. It reads from us until we are no more.
func (w windows) boot(mounts string) (pid int, end func(), err error) {
	cmd := exec.Command("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c",
		mounts+`echo up && exec chroot "$1" cat`, "sh", w.root)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env, cmd.Stderr = wineEnv(), os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return 0, nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, nil, err
	}
	if err := cmd.Start(); err != nil {
		return 0, nil, err
	}
	end = func() { _ = stdin.Close(); _ = cmd.Wait() }
	if _, err := stdout.Read(make([]byte, 3)); err != nil {
		end()
		return 0, nil, fmt.Errorf("making a namespace for Wine: %w", err)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid))
	if err == nil {
		_, err = fmt.Sscan(string(children), &pid)
	}
	if err != nil {
		end()
	}
	return pid, end, err
}

// enter are the arguments of nsenter that run a program on the machine.
func (w windows) enter() []string {
	return []string{"--target", fmt.Sprint(w.pid), "--mount", "--pid", "--", "chroot", w.root}
}

// wineEnv has nothing of the host's: Wine gives all of it to the programs.
func wineEnv(more ...string) []string {
	return append([]string{
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "USER=root", "LC_ALL=C.UTF-8", "XDG_RUNTIME_DIR=/tmp",
		"WINEPREFIX=/root/prefix", "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=;winemenubuilder.exe=",
	}, more...)
}

// in is a folder of W: as a checkout whose mage is a program for Windows.
func (w windows) in(folder, program string, env ...string) checkout {
	script := `cd "/w/$1" && shift && exec /usr/lib/wine/wine64 "$@"`
	wrap := append(append([]string{"nsenter"}, w.enter()...), "sh", "-c", script, "sh", folder)
	return checkout{dir: filepath.Join(w.disk, folder), env: wineEnv(env...), wrap: wrap, bin: program}
}

// run runs one program for Windows in a folder of W:, and returns what it prints.
func (w windows) run(t *testing.T, folder string, env []string, program string, args ...string) (out string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := w.in(folder, program, env...).command(ctx, args...)
	file, err := os.CreateTemp(t.TempDir(), "output")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	cmd.Dir, cmd.Stdout, cmd.Stderr = w.disk, file, file // not a pipe, which has no end as long as a server has it
	err = cmd.Run()
	b, _ := os.ReadFile(file.Name())
	var exit *exec.ExitError
	if ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, b)
	}
	return string(b), cmd.ProcessState.ExitCode()
}

// path is a path below W: as Windows writes it.
func (w windows) path(rel string) string {
	return `W:\` + strings.ReplaceAll(filepath.FromSlash(rel), "/", `\`)
}
