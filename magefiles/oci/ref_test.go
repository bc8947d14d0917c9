package oci

import (
	"strings"
	"testing"
)

func TestCheckTag(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"latest", "1.2.3", "v1", "_x", "A-b.c_d", strings.Repeat("x", 128)} {
		if err := CheckTag(good); err != nil {
			t.Error(err)
		}
	}
	for bad, says := range map[string]string{
		"": "it is empty", "a b": "a tag is up to 128", ".x": "begins with neither", "-x": "begins with neither", "ü": "letters",
		"a/b": "the tag alone", "app:1": "the tag alone", "sha256@x": "a digest", strings.Repeat("x", 129): "128",
	} {
		wantError(t, CheckTag(bad), "parsing tag", says)
	}
}

func TestParseRegistry(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"localhost:5000/team": "localhost:5000/team", "localhost": "localhost", "ghcr.io/acme/": "ghcr.io/acme",
		"127.0.0.1:5000": "127.0.0.1:5000", "registry.example.com/a/b": "registry.example.com/a/b",
	} {
		if got, err := ParseRegistry(in); err != nil || got != want {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	for bad, says := range map[string]string{
		"": "it is empty", "https://ghcr.io/acme": `write it without "https://": ghcr.io/acme`, "ghcr.io/ACME": "lower case: acme",
		"acme": "docker.io/acme", "acme/tools": "no host name", "ghcr.io/a b": "a space", "ghcr.io/a//b": "no image name", "ghcr.io/a:1": "no image name",
		"host:port/x": "no host name",
	} {
		_, err := ParseRegistry(bad)
		wantError(t, err, says)
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	for want, in := range map[string][3]string{
		"localhost:5000/team/app:1": {"localhost:5000/team", "app", "1"}, "app:latest": {"", "app", "latest"},
	} {
		if got, err := Reference(in[0], in[1], in[2]); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	for says, in := range map[string][3]string{
		"parsing tag": {"", "app", ""}, "lower case": {"", "App", "1"}, "no image name": {"", "", "1"}, "is no host": {"x", "app", "1"},
	} {
		_, err := Reference(in[0], in[1], in[2])
		wantError(t, err, says)
	}
}

func TestParseReference(t *testing.T) {
	t.Parallel()
	hash := "sha256:" + strings.Repeat("a", 64)
	for in, want := range map[string]string{
		"debian:trixie-slim": "index.docker.io/library/debian:trixie-slim", "localhost:5000/a/b": "localhost:5000/a/b:latest",
		"ghcr.io/a/b@" + hash: "ghcr.io/a/b@" + hash, "ghcr.io/a/b:1@" + hash: "ghcr.io/a/b@" + hash, "a__b/c-d.e:1": "index.docker.io/a__b/c-d.e:1",
	} {
		ref, err := ParseReference(in)
		if err != nil || ref.Name() != want {
			t.Errorf("%q: got %v, %v, want %s", in, ref, err, want)
		}
	}
	for bad, says := range map[string]string{
		"": "empty", "Debian": "lower case: debian", "debian:": "after the last colon is empty", "docker://debian": `without "docker://": debian`,
		"a b": "a space", "debian@sha256:12": "parsing reference", "localhost:5000/": "no image name", "a:b:c": "parsing tag", "_a": "no image name",
	} {
		_, err := ParseReference(bad)
		wantError(t, err, says)
	}
}

func TestParseTag(t *testing.T) {
	t.Parallel()
	if tag, err := ParseTag("localhost:5000/a:1"); err != nil || tag.TagStr() != "1" {
		t.Errorf("got %v, %v", tag, err)
	}
	for bad, says := range map[string]string{
		"localhost:5000/a": "write localhost:5000/a:latest", "a@sha256:" + strings.Repeat("a", 64): "this is a digest", "a:B C": "space",
	} {
		_, err := ParseTag(bad)
		wantError(t, err, says)
	}
}
