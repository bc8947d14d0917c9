package xbuild

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestBuildxCache(t *testing.T) {
	t.Parallel()
	arm := Platform{OS: "linux", Arch: "arm", Variant: "v7"}
	dir := filepath.FromSlash
	tests := []struct{ in, from, to, of string }{
		{"gha", "type=gha", "type=gha,mode=max", "type=gha,scope=buildkit-linux-arm-v7,mode=max"},
		{"type=gha,scope=app,mode=min", "type=gha,scope=app,mode=min", "type=gha,scope=app,mode=min", "type=gha,scope=app-linux-arm-v7,mode=min"},
		{"inline", "type=inline", "type=inline", "type=inline"},
		{"ghcr.io/me/app:cache", "type=registry,ref=ghcr.io/me/app:cache", "type=registry,ref=ghcr.io/me/app:cache,mode=max", "type=registry,ref=ghcr.io/me/app:cache-linux-arm-v7,mode=max"},
		{"localhost:5000/app", "type=registry,ref=localhost:5000/app", "type=registry,ref=localhost:5000/app,mode=max", "type=registry,ref=localhost:5000/app:linux-arm-v7,mode=max"},
		{" ./a b ", "type=local,src=./a b", "type=local,dest=./a b,mode=max", "type=local,dest=" + dir("a b/linux-arm-v7") + ",mode=max"},
		{`type=local,"src=/a,b"`, `type=local,"src=/a,b"`, `type=local,"dest=/a,b",mode=max`, `type=local,"dest=` + dir("/a,b/linux-arm-v7") + `",mode=max`},
		{"type=local,dest=/x,compression=zstd", "type=local,src=/x,compression=zstd", "type=local,dest=/x,compression=zstd,mode=max", "type=local,dest=" + dir("/x/linux-arm-v7") + ",compression=zstd,mode=max"},
		{"type=s3,bucket=b", "type=s3,bucket=b", "type=s3,bucket=b,mode=max", "type=s3,bucket=b,name=buildkit-linux-arm-v7,mode=max"},
	}
	for _, tt := range tests {
		c, err := ParseBuildxCache(tt.in)
		if err != nil {
			t.Error(err)
			continue
		}
		if c.From() != tt.from || c.To() != tt.to || c.Of(arm).To() != tt.of {
			t.Errorf("%q:\nfrom %s\nto   %s\nof   %s", tt.in, c.From(), c.To(), c.Of(arm).To())
		}
	}
}

func TestBuildxCacheRefusals(t *testing.T) {
	t.Parallel()
	for in, says := range map[string]string{
		"":                   "empty",
		"type=gah":           `no type "gah"`,
		"type=registry":      "ref=",
		"type=local":         "dest=",
		"type=local,/x":      "no name=value",
		`type=local,src="/x`: "quote",
	} {
		if _, err := ParseBuildxCache(in); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want something with %q", in, err, says)
		}
	}
}
