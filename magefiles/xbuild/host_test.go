package xbuild

import (
	"runtime"
	"testing"
)

func TestDecideHost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		facts hostFacts
		want  string
	}{
		{"plain linux", hostFacts{os: "linux", arch: "amd64", userland: "amd64", machine: "x86_64"}, "linux/amd64"},
		{"no shell to look at", hostFacts{os: "linux", arch: "arm64", machine: "aarch64"}, "linux/arm64"},
		{"32-bit Go on a 32-bit userland, 64-bit kernel", hostFacts{os: "linux", arch: "arm", userland: "arm", machine: "aarch64"}, "linux/arm/v7"},
		{"64-bit Go on a 32-bit userland", hostFacts{os: "linux", arch: "arm64", userland: "arm", machine: "aarch64"}, "linux/arm/v7"},
		{"32-bit Go on a 64-bit userland", hostFacts{os: "linux", arch: "arm", userland: "arm64", machine: "aarch64"}, "linux/arm64"},
		{"386 Go on amd64", hostFacts{os: "linux", arch: "386", userland: "amd64", machine: "x86_64"}, "linux/amd64"},
		{"amd64 Go under emulation", hostFacts{os: "linux", arch: "amd64", userland: "arm64", machine: "aarch64"}, "linux/arm64"},
		{"old Raspberry Pi", hostFacts{os: "linux", arch: "arm", userland: "arm", machine: "armv6l"}, "linux/arm/v6"},
		{"arm, machine unknown", hostFacts{os: "linux", arch: "arm"}, "linux/arm/v7"},
		{"Intel Mac", hostFacts{os: "darwin", arch: "amd64", native: "amd64"}, "darwin/amd64"},
		{"arm64 Mac, amd64 Go", hostFacts{os: "darwin", arch: "amd64", native: "arm64"}, "darwin/arm64"},
		{"arm64 Mac", hostFacts{os: "darwin", arch: "arm64", native: "arm64"}, "darwin/arm64"},
		{"arm64 Windows, amd64 Go", hostFacts{os: "windows", arch: "amd64", native: "arm64"}, "windows/arm64"},
		{"Windows, probe failed", hostFacts{os: "windows", arch: "amd64"}, "windows/amd64"},
		{"386 Go on Windows", hostFacts{os: "windows", arch: "386", native: "amd64"}, "windows/amd64"},
	}
	for _, tt := range tests {
		if got := decideHost(tt.facts); got.String() != tt.want {
			t.Errorf("%s: decideHost(%+v) = %s, want %s", tt.name, tt.facts, got, tt.want)
		}
	}
}

func TestHostIsThisMachine(t *testing.T) {
	t.Parallel()
	// CI and our machines run the Go made for them; elsewhere the table above
	// covers the difference.
	if got := Host(); got.OS != runtime.GOOS || got.Arch == "" {
		t.Errorf("Host() = %s on %s/%s", got, runtime.GOOS, runtime.GOARCH)
	}
}
