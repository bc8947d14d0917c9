package xbuild

import (
	"errors"
	"slices"
	"testing"
	"testing/fstest"
)

func TestKube(t *testing.T) {
	t.Parallel()
	if name, err := KubeContext(t.Context(), answers("kind-dev\n", "", 0), "kubectl"); name != "kind-dev" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	if _, err := KubeContext(t.Context(), answers("", "error: current-context is not set\n", 1), "kubectl"); !errors.Is(err, ErrNoContext) {
		t.Errorf("no context gives %v", err)
	}
	if _, err := KubeContext(t.Context(), answers("", "error: error loading config file \"/x\": yaml: line 1\n", 1), "kubectl"); err == nil || errors.Is(err, ErrNoContext) {
		t.Errorf("a broken configuration gives %v", err)
	}
	answer := `{"clientVersion":{"gitVersion":"v1.32.4"},"serverVersion":{"major":"1","gitVersion":"v1.31.0"}}`
	if v, err := KubeVersion(t.Context(), answers(answer, "", 0), "kubectl"); v != "1.31.0" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	refused := "The connection to the server localhost:8080 was refused - did you specify the right host or port?\n"
	if _, err := KubeVersion(t.Context(), answers(`{"clientVersion":{}}`, refused, 1), "kubectl"); err == nil {
		t.Error("no cluster is no error")
	}
}

func TestEmulated(t *testing.T) {
	t.Parallel()
	entry := func(first, flags, magic string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(first + "\ninterpreter /usr/bin/qemu\nflags: " + flags + "\noffset 0\nmagic " + magic + "\nmask ffff\n")}
	}
	const arm64, amd64 = "7f454c460201010000000000000000000200b700", "7f454c4602010100000000000000000002003e00"
	const s390x, arm = "7f454c4602020100000000000000000000020016", "7f454c4601010100000000000000000002002800"
	for name, tt := range map[string]struct {
		fsys fstest.MapFS
		want []string
		err  error
	}{
		"nothing mounted": {fstest.MapFS{}, nil, ErrNoBinfmt},
		"switched off":    {fstest.MapFS{"status": {Data: []byte("disabled\n")}, "qemu-aarch64": entry("enabled", "F", arm64)}, nil, nil},
		"some": {fstest.MapFS{
			"status": {Data: []byte("enabled\n")}, "register": {}, "python3.11": {Data: []byte("enabled\ninterpreter /usr/bin/python3.11\nflags: \noffset 0\nmagic a70d0d0a\n")},
			"qemu-aarch64": entry("enabled", "POCF", arm64), "rosetta": entry("enabled", "OCF", amd64), "qemu-s390x": entry("enabled", "F", s390x),
			"qemu-arm": entry("enabled", "OC", arm), "qemu-x86_64": entry("disabled", "F", amd64),
		}, []string{"arm64", "s390x", "amd64"}, nil},
	} {
		got, err := Emulated(tt.fsys)
		if !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestDiskFree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, d := range []string{dir, dir + "/not/there/yet"} {
		if free, err := DiskFree(d); err != nil || free <= 0 {
			t.Errorf("%q: %d, %v", d, free, err)
		}
	}
}

func TestDockerCredential(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config, host string
		want         Credential
	}{
		{`{}`, "ghcr.io", Credential{}},
		{`{"auths":{"ghcr.io":{"auth":"c2VjcmV0"}}}`, "ghcr.io", Credential{Known: true}},
		{`{"auths":{"https://ghcr.io/":{"auth":"c2VjcmV0"}}}`, "ghcr.io", Credential{Known: true}},
		{`{"auths":{"ghcr.io":{"auth":"c2VjcmV0"}}}`, "quay.io", Credential{}},
		{`{"auths":{"ghcr.io":{}},"credsStore":"desktop"}`, "ghcr.io", Credential{true, "desktop"}},
		{`{"auths":{},"credsStore":"desktop"}`, "ghcr.io", Credential{false, "desktop"}},
		{`{"auths":{"ghcr.io":{}}}`, "ghcr.io", Credential{}},
		{`{"credHelpers":{"gcr.io":"gcloud"},"credsStore":"pass"}`, "gcr.io", Credential{true, "gcloud"}},
		{`{"auths":{"https://index.docker.io/v1/":{"auth":"eA=="}}}`, "index.docker.io", Credential{Known: true}},
		{`{"auths":{"https://index.docker.io/v1/":{"auth":"eA=="}}}`, "docker.io", Credential{Known: true}},
	} {
		if got, err := DockerCredential([]byte(tt.config), tt.host); err != nil || got != tt.want {
			t.Errorf("%s for %s: %+v, %v", tt.config, tt.host, got, err)
		}
	}
	if _, err := DockerCredential([]byte("{"), "ghcr.io"); err == nil {
		t.Error("half a file is read")
	}
}
