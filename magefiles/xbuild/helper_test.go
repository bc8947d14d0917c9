package xbuild

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestMain lets the test binary play the commands that Exec is tested with, so
// that the tests need no shell and no echo.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "-helper" {
		os.Exit(helper(os.Args[2], os.Args[3:]))
	}
	flag.Parse()
	os.Exit(m.Run())
}

// self is the command that runs helper(what, args).
func self(t *testing.T, what string, args ...string) Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Cmd{Name: exe, Args: append([]string{"-helper", what}, args...)}
}

func helper(what string, args []string) int {
	switch what {
	case "args":
		fmt.Println(strings.Join(args, "|"))
	case "env":
		fmt.Println(os.Getenv(args[0]))
	case "cat":
		_, _ = io.Copy(os.Stdout, os.Stdin)
	case "pwd":
		dir, _ := os.Getwd()
		fmt.Println(dir)
	case "fail":
		n, _ := strconv.Atoi(args[0])
		fmt.Fprintln(os.Stderr, "it is broken")
		return n
	case "flood":
		n, _ := strconv.Atoi(args[0])
		for i := range n {
			fmt.Println("line", i)
			fmt.Fprintln(os.Stderr, "err", i)
		}
		return 3
	case "sleep":
		fmt.Println("ready")
		time.Sleep(time.Minute)
	case "stubborn":
		signal.Ignore(syscall.SIGTERM, os.Interrupt)
		fmt.Println("ready")
		time.Sleep(time.Minute)
	case "parent": // starts args as a child and waits; the child inherits the output
		exe, _ := os.Executable()
		child := exec.Command(exe, append([]string{"-helper"}, args...)...)
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			return 9
		}
		fmt.Println("child", child.Process.Pid)
		_ = child.Wait()
	case "orphan": // leaves a child behind that holds the output open
		exe, _ := os.Executable()
		child := exec.Command(exe, "-helper", "nap")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			return 9
		}
		fmt.Println("left")
	case "nap":
		time.Sleep(6 * time.Second)
	default:
		return 99
	}
	return 0
}
