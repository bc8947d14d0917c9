package xbuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Engine is a container engine as its command line tool sees it.
type Engine struct {
	Client   string // the tool's version
	Server   string // the engine's version
	Platform string // what the engine runs natively, as OCI writes it: on a Mac, that of its virtual machine
}

// What keeps an engine from answering. The cures differ: one is started, for
// the other a person needs a right.
var (
	ErrEngineStopped = errors.New("the container engine is not running")
	ErrEngineDenied  = errors.New("permission denied on the container engine's socket")
)

// AskEngine asks the engine behind docker, or a program that answers like it,
// for its version and platform. With an error, Client is set if the tool itself
// works.
func AskEngine(ctx context.Context, run Runner, docker string) (Engine, error) {
	var stderr strings.Builder
	out, err := Output(ctx, run, Cmd{Name: docker, Args: []string{"version", "--format", "{{json .}}"}, Stderr: &stderr})
	var answer struct {
		Client *struct{ Version, OsArch string }
		Server *struct{ Version, Os, Arch string }
	}
	if json.Unmarshal([]byte(out), &answer) != nil || answer.Client == nil {
		if err == nil {
			err = fmt.Errorf("it does not print what docker does: %.60q", out)
		}
		return Engine{}, fmt.Errorf("asking the container engine for its version: %w", firstLine(err))
	}
	e := Engine{Client: answer.Client.Version}
	switch {
	case answer.Server != nil && answer.Server.Version != "":
		e.Server, e.Platform = answer.Server.Version, enginePlatform(answer.Server.Os, answer.Server.Arch)
		return e, nil
	case err == nil && answer.Client.OsArch != "": // podman without a service: the tool is the engine
		goos, arch, _ := strings.Cut(answer.Client.OsArch, "/")
		e.Server, e.Platform = e.Client, enginePlatform(goos, arch)
		return e, nil
	case ctx.Err() != nil:
		return e, ctx.Err()
	}
	return e, engineSilence(stderr.String(), err)
}

// engineSilence reads why there was no answer.
func engineSilence(stderr string, err error) error {
	for line := range strings.Lines(stderr) {
		lower := strings.ToLower(line)
		switch {
		case strings.HasPrefix(lower, "warning"): // of the tool's own settings, which it may not read either
		case strings.Contains(lower, "permission denied"), strings.Contains(lower, "access is denied"):
			return addressed(ErrEngineDenied, line)
		case strings.Contains(lower, "cannot connect"), strings.Contains(lower, "connection refused"),
			strings.Contains(lower, "no such file"), strings.Contains(lower, "cannot find the file"), strings.Contains(lower, "is the docker daemon running"):
			return addressed(ErrEngineStopped, line)
		}
	}
	if err == nil {
		return ErrEngineStopped
	}
	return fmt.Errorf("asking the container engine for its version: %w", firstLine(err))
}

// addressed adds the address that was tried: people forget a DOCKER_HOST.
func addressed(err error, line string) error {
	for word := range strings.FieldsSeq(line) {
		word = strings.Trim(word, `."',;()`)
		if scheme, _, ok := strings.Cut(word, "://"); ok && slices.Contains([]string{"unix", "tcp", "npipe", "ssh"}, scheme) {
			return fmt.Errorf("%w at %s", err, strings.TrimSuffix(word, ":"))
		}
	}
	return err
}

// enginePlatform completes what engines say of 32-bit arm.
func enginePlatform(goos, arch string) string {
	if goos == "linux" && arch == "arm" {
		arch = "arm/v7"
	}
	return goos + "/" + arch
}
