//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestBadInput: what cannot be meant is refused before any work, in words that
// say what was wrong, and leaves everything as it was.
func TestBadInput(t *testing.T) {
	c := images(t)
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	dead := fmt.Sprintf("127.0.0.1:%d", port)
	for _, bad := range []struct {
		name  string
		args  string
		words string
	}{
		{"unknown platform", "images -platforms=linux/sparc", "linux/sparc|linux/arm64"},
		{"malformed platform", "images -platforms=linux", `"linux"|linux/arm64`},
		{"another's spelling", "images -platforms=linux/aarch64", "linux/aarch64|linux/arm64"},
		{"duplicate platform", "images -platforms=linux/amd64,linux/amd64", "linux/amd64|twice"},
		{"no platform", "images -platforms=,", "platform|empty"},
		{"a platform without an image", "images -platforms=darwin/arm64", "darwin/arm64"},
		{"bad tag", "images -tag=not,a!tag", "a!tag"},
		{"empty tag", "images -tag=a,,b", "a,,b|empty"},
		{"registry with a scheme", "images -push -registry=https://ghcr.io/noetl", "https://|ghcr.io/noetl"},
		{"registry in capitals", "images -push -registry=ghcr.io/NoETL", "NoETL"},
		{"push to nowhere", "images -push", "-registry"},
		{"registry that is not there", "images -push -registry=" + dead + "/x", dead},
		{"bad base", "images -base=::", "::"},
		{"base that is not there", "images -base=" + dead + "/python:3.13", dead},
		{"unknown toolchain", "crossRust -with=magic", "magic|zigbuild"},
		{"image not named", "manifest", "-image"},
		{"image that is not there", "manifest -image=./nowhere", "nowhere"},
		{"audit of nothing", "audit", "-image"},
		{"audit for nothing", "audit -image=noetl", "-platform"},
		{"doctor for nothing", "doctor -target=coffee", "coffee"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			c.unchanged(t)
			began := time.Now()
			c.refused(t, strings.Split(bad.words, "|"), strings.Fields(bad.args)...)
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("refusing took %s", took)
			}
		})
	}
}

// TestBadEnvironment: variables are checked like the flags they stand for.
func TestBadEnvironment(t *testing.T) {
	c := images(t)
	for pair, words := range map[string]string{
		"NOETL_PLATFORMS=linux/vax":             "linux/vax",
		"NOETL_TAG=!":                           `"!"`,
		"SOURCE_DATE_EPOCH=yesterday":           "SOURCE_DATE_EPOCH|yesterday",
		"NOETL_DEBIAN_MIRROR=ftp://example.org": "ftp://example.org|http",
	} {
		t.Run(pair, func(t *testing.T) {
			c.unchanged(t)
			c.with(pair).refused(t, strings.Split(words, "|"), "images")
		})
	}
	t.Run("no container engine", func(t *testing.T) {
		needTools(t, "docker")
		c.unchanged(t)
		c.with("DOCKER_HOST=unix:///nowhere.sock").refused(t, []string{"-load", "nowhere.sock"}, "images", "-load")
	})
}
