package xbuild

import (
	"strings"
	"testing"
)

func TestAptRust(t *testing.T) {
	t.Parallel()
	a := AptRust{Platforms: []Platform{{"linux", "amd64", ""}, {"linux", "arm64", ""}}, Host: Platform{"linux", "amd64", ""}, MinRust: "1.85"}
	prepare, err := a.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range prepare {
		got = append(got, c.String())
	}
	if s := strings.Join(got, "\n"); s != "sudo DEBIAN_FRONTEND=noninteractive dpkg --add-architecture arm64\nsudo DEBIAN_FRONTEND=noninteractive apt-get update" {
		t.Errorf("Prepare:\n%s", s)
	}
	const (
		bookworm = "rustc:\n  Installed: (none)\n  Candidate: 1.63.0+dfsg1-2\n  Version table:\n     1.63.0+dfsg1-2 500\nrustc-web:\n  Installed: (none)\n  Candidate: 1.96.0+dfsg1-1~deb12u2\n"
		trixie   = "rustc:\n  Installed: 1.85.0+dfsg3-1\n  Candidate: 1.85.0+dfsg3-1\n"
		ubuntu   = "rustc:\n  Installed: (none)\n  Candidate: 1.75.0+dfsg0ubuntu1-0ubuntu7\n"
		none     = "rustc:\n  Installed: (none)\n  Candidate: (none)\n"
	)
	tests := []struct{ policy, want, err string }{
		{bookworm, "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends cargo-web rustc-web libstd-rust-web-dev:amd64 libstd-rust-web-dev:arm64", ""},
		{trixie, "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends cargo rustc libstd-rust-dev:amd64 libstd-rust-dev:arm64", ""},
		{ubuntu, "", "its newest is 1.75.0 (rustc), 1.85 is needed"},
		{none, "", "no package rustc"},
		{"", "", "no package rustc"},
	}
	a.Root = true
	for _, tt := range tests {
		c, err := a.Install(tt.policy)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("Install(%q): %v, want %q", tt.policy, err, tt.err)
			}
			continue
		}
		if err != nil || c.String() != tt.want {
			t.Errorf("Install(%q):\n got %s, %v\nwant %s", tt.policy, c, err, tt.want)
		}
	}
	a.Platforms = []Platform{{"darwin", "arm64", ""}}
	if _, err := a.Prepare(); err == nil {
		t.Error("Prepare for macOS: no error")
	}
}

func TestRustToolsAreComplete(t *testing.T) {
	t.Parallel()
	for _, tool := range RustTools([]string{t.TempDir()}, "1.85", "crossRust") {
		if tool.Name == "" || tool.Why == "" || len(tool.NeededBy) == 0 || tool.InstallLine(PackageManager{}) == "" {
			t.Errorf("%+v", tool)
		}
	}
}
