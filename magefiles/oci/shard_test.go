package oci

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReadShardRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shard.json")
	for content, says := range map[string]string{
		"": "the file is empty", "{": "no shard file", "[]": "no shard file", `{"name":"app"}`: "have to be there",
		`{"format":9,"repository":"a","digest":"b","platforms":[{}]}`: "it has format 9",
	} {
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := merge(t, []string{file})
		wantError(t, err, file, says)
	}
	_, err := merge(t, []string{"none/linux-arm64.json"})
	wantError(t, err, "none/linux-arm64.json", "no such file")
	_, err = merge(t, []string{t.TempDir()})
	wantError(t, err, "there is no *.json in it")
}

func TestShardFile(t *testing.T) {
	t.Parallel()
	for want, platforms := range map[string][]string{
		"linux-arm64.json": {"linux/arm64"}, "linux-amd64_linux-arm-v7.json": {"linux/arm/v7", "linux/amd64"},
	} {
		if got := ShardFile(platforms); got != want {
			t.Errorf("%v: %s, want %s", platforms, got, want)
		}
	}
}
