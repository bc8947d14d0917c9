package xbuild

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

// ErrNoSDK says that the system's own compilers and headers are not installed.
var ErrNoSDK = errors.New("not installed")

// AppleSDK is the folder of the macOS SDK. xcode-select is asked first: without
// the developer tools everything else in /usr/bin opens a window.
func AppleSDK(ctx context.Context, run Runner) (string, error) {
	if _, err := Output(ctx, run, Cmd{Name: "xcode-select", Args: []string{"-p"}}); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("finding Apple's command line tools: %w", ErrNoSDK)
	}
	dir, err := Output(ctx, run, Cmd{Name: "xcrun", Args: []string{"--show-sdk-path"}})
	if err != nil {
		return "", fmt.Errorf("finding the macOS SDK: %w", firstLine(err))
	}
	return dir, nil
}

// MSVC is the folder of Microsoft's C++ build tools. A link.exe on PATH proves
// nothing: Git for Windows brings another program of that name.
func MSVC(ctx context.Context, run Runner, getenv func(string) string) (string, error) {
	programs := getenv("ProgramFiles(x86)")
	if programs == "" {
		programs = `C:\Program Files (x86)`
	}
	vswhere := filepath.Join(programs, "Microsoft Visual Studio", "Installer", "vswhere.exe")
	if !isFile(vswhere) {
		return "", fmt.Errorf("finding Microsoft's build tools: %w", ErrNoSDK)
	}
	dir, err := Output(ctx, run, Cmd{Name: vswhere, Args: []string{
		"-latest", "-products", "*", "-requiresAny", "-requires", "Microsoft.VisualStudio.Component.VC.Tools.x86.x64",
		"-requires", "Microsoft.VisualStudio.Component.VC.Tools.ARM64", "-property", "installationPath",
	}})
	if err != nil {
		return "", fmt.Errorf("finding Microsoft's build tools: %w", firstLine(err))
	}
	if dir == "" {
		return "", fmt.Errorf("finding Microsoft's build tools: %w", ErrNoSDK)
	}
	return dir, nil
}
