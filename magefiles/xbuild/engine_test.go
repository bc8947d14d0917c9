package xbuild

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// answers is a Runner with one answer, as a tool of that exit status gives it.
func answers(stdout, stderr string, status int) Runner {
	return func(_ context.Context, c Cmd) error {
		if c.Stderr != nil {
			_, _ = io.WriteString(c.Stderr, stderr)
		}
		if c.Stdout != nil {
			_, _ = io.WriteString(c.Stdout, stdout)
		}
		if status != 0 {
			return &ToolError{Cmd: c, Output: stdout + stderr, Err: errors.New("exit status 1")}
		}
		return nil
	}
}

// What docker 28 and 20.10 really print; the components are left out.
const (
	dockerUp = `{"Client":{"Version":"28.2.2","ApiVersion":"1.41","Os":"linux","Arch":"amd64","Context":"default"},` +
		`"Server":{"Platform":{"Name":""},"Version":"20.10.24+dfsg1","ApiVersion":"1.41","Os":"linux","Arch":"amd64"}}` + "\n"
	dockerDown = `{"Client":{"Version":"28.2.2","ApiVersion":"1.50","Os":"linux","Arch":"amd64","Context":"default"},"Server":null}` + "\n"
	stopped    = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n"
	denied     = "WARNING: Error loading config file: open /root/.docker/config.json: permission denied\n" +
		`permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/version": dial unix /var/run/docker.sock: connect: permission denied` + "\n"
	stoppedWindows = "error during connect: this error may indicate that the docker daemon is not running: Get \"http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.24/version\": open //./pipe/docker_engine: The system cannot find the file specified.\n"
)

func TestAskEngine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		run  Runner
		want Engine
		err  error
	}{
		"running":                     {answers(dockerUp, "", 0), Engine{"28.2.2", "20.10.24+dfsg1", "linux/amd64"}, nil},
		"stopped":                     {answers(dockerDown, stopped, 1), Engine{Client: "28.2.2"}, ErrEngineStopped},
		"stopped on Windows":          {answers(dockerDown, stoppedWindows, 1), Engine{Client: "28.2.2"}, ErrEngineStopped},
		"denied":                      {answers(dockerDown, denied, 1), Engine{Client: "28.2.2"}, ErrEngineDenied},
		"stopped, settings unread":    {answers(dockerDown, denied[:80]+"\n"+stopped, 1), Engine{Client: "28.2.2"}, ErrEngineStopped},
		"podman":                      {answers(`{"Client":{"APIVersion":"5.4.2","Version":"5.4.2","OsArch":"linux/arm64","Os":"linux"}}`, "", 0), Engine{"5.4.2", "5.4.2", "linux/arm64"}, nil},
		"an arm engine":               {answers(`{"Client":{"Version":"28"},"Server":{"Version":"28","Os":"linux","Arch":"arm"}}`, "", 0), Engine{"28", "28", "linux/arm/v7"}, nil},
		"no docker at all in the box": {answers("", "segmentation fault\n", 139), Engine{}, errors.New("any")},
	} {
		got, err := AskEngine(t.Context(), tt.run, "docker")
		if got != tt.want || (err == nil) != (tt.err == nil) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if (errors.Is(tt.err, ErrEngineStopped) || errors.Is(tt.err, ErrEngineDenied)) && !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, want %v", name, err, tt.err)
		}
	}
	for said, at := range map[string]string{stopped: "unix:///var/run/docker.sock", denied: "unix:///var/run/docker.sock", stoppedWindows: ""} {
		_, err := AskEngine(t.Context(), answers(dockerDown, said, 1), "docker")
		if _, got, _ := strings.Cut(err.Error(), " at "); got != at {
			t.Errorf("it was asked at %q: %v", at, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if _, err := AskEngine(ctx, func(ctx context.Context, c Cmd) error {
		<-ctx.Done()
		return answers(dockerDown, "", 1)(ctx, c)
	}, "docker"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an engine that hangs gives %v", err)
	}
}
