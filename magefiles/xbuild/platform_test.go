package xbuild

import (
	"slices"
	"strings"
	"testing"
)

func TestPlatformsRoundTrip(t *testing.T) {
	t.Parallel()
	var names []string
	for _, p := range Platforms() {
		got, err := ParsePlatform(p.String())
		if err != nil || got != p {
			t.Errorf("ParsePlatform(%q) = %v, %v; want %v", p, got, err, p)
		}
		names = append(names, p.String())
	}
	if !slices.IsSorted(names) {
		t.Errorf("Platforms() is not sorted: %v", names)
	}
	want := []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm/v7", "linux/arm64", "windows/amd64", "windows/arm64"}
	if !slices.Equal(names, want) {
		t.Errorf("Platforms() = %v, want %v", names, want)
	}
}

func TestPlatformNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		platform, triple, debian, wheel, multiarch, exe, slug, goEnv string
	}{
		{"linux/amd64", "x86_64-unknown-linux-gnu", "amd64", "x86_64-manylinux_2_40", "x86_64-linux-gnu", "x", "linux-amd64", "GOOS=linux GOARCH=amd64"},
		{"linux/arm64", "aarch64-unknown-linux-gnu", "arm64", "aarch64-manylinux_2_40", "aarch64-linux-gnu", "x", "linux-arm64", "GOOS=linux GOARCH=arm64"},
		{"linux/arm/v7", "armv7-unknown-linux-gnueabihf", "armhf", "", "arm-linux-gnueabihf", "x", "linux-arm-v7", "GOOS=linux GOARCH=arm GOARM=7"},
		{"darwin/arm64", "aarch64-apple-darwin", "", "aarch64-apple-darwin", "", "x", "darwin-arm64", "GOOS=darwin GOARCH=arm64"},
		{"windows/amd64", "x86_64-pc-windows-gnu", "", "x86_64-pc-windows-msvc", "x86_64-w64-mingw32", "x.exe", "windows-amd64", "GOOS=windows GOARCH=amd64"},
		{"windows/arm64", "aarch64-pc-windows-gnullvm", "", "aarch64-pc-windows-msvc", "aarch64-w64-mingw32", "x.exe", "windows-arm64", "GOOS=windows GOARCH=arm64"},
	}
	for _, tt := range tests {
		p, err := ParsePlatform(tt.platform)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []struct {
			name, want string
			get        func() (string, error)
		}{
			{"Triple", tt.triple, p.Triple},
			{"Debian", tt.debian, p.Debian},
			{"Wheel", tt.wheel, p.Wheel},
			{"Multiarch", tt.multiarch, p.Multiarch},
		} {
			got, err := f.get()
			if got != f.want || (err != nil) != (f.want == "") {
				t.Errorf("%s.%s() = %q, %v; want %q", p, f.name, got, err, f.want)
			}
		}
		if p.Exe("x") != tt.exe || p.Slug() != tt.slug || strings.Join(p.GoEnv(), " ") != tt.goEnv {
			t.Errorf("%s: Exe %q Slug %q GoEnv %q", p, p.Exe("x"), p.Slug(), p.GoEnv())
		}
	}
}

func TestPlatformNameErrorsSayWhatIsPossible(t *testing.T) {
	t.Parallel()
	_, err := Platform{"linux", "arm", "v7"}.Wheel()
	if err == nil || !strings.Contains(err.Error(), "linux/arm/v7") || !strings.Contains(err.Error(), "linux/arm64") {
		t.Errorf("Wheel of arm/v7: %v", err)
	}
	if strings.Count(err.Error(), "linux/arm/v7") != 1 {
		t.Errorf("the platform without a name is listed as possible: %v", err)
	}
	_, err = Platform{"plan9", "mips", ""}.Triple()
	if err == nil || !strings.Contains(err.Error(), "unknown platform") || !strings.Contains(err.Error(), "linux/arm/v7") {
		t.Errorf("Triple of plan9/mips: %v", err)
	}
}

func TestParsePlatformRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"", "possible: darwin/amd64,"},
		{" ", "empty"},
		{"linux", "possible:"},
		{"linux/", "possible:"},
		{"/amd64", "possible:"},
		{"linux/amd64/", `spelled "linux/amd64"`},
		{"linux/amd64/v1", `spelled "linux/amd64"`},
		{"linux/amd64/v3", "possible:"},
		{"linux/arm64/v8", `spelled "linux/arm64"`},
		{"linux/aarch64", `spelled "linux/arm64"`},
		{"linux/x86_64", `spelled "linux/amd64"`},
		{"Linux/AMD64", `spelled "linux/amd64"`},
		{"linux-arm64", `spelled "linux/arm64"`},
		{"linux/arm", `spelled "linux/arm/v7"`},
		{"linux/armhf", `spelled "linux/arm/v7"`},
		{"linux/arm/v6", "possible:"},
		{"macos/arm64", `spelled "darwin/arm64"`},
		{"win/x64", `spelled "windows/amd64"`},
		{"aarch64-unknown-linux-gnu", `spelled "linux/arm64"`},
		{"aarch64-linux-gnu", `spelled "linux/arm64"`},
		{" linux/amd64", `spelled "linux/amd64"`},
		{"linux/riscv64", "possible:"},
		{"linux/amd64,linux/arm64", "possible:"},
		{"../../etc", "possible:"},
	}
	for _, tt := range tests {
		p, err := ParsePlatform(tt.in)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParsePlatform(%q) = %v, %v; want an error with %q", tt.in, p, err, tt.want)
		}
	}
}

func TestParsePlatforms(t *testing.T) {
	t.Parallel()
	got, err := ParsePlatforms("linux/arm64, linux/amd64,linux/arm/v7")
	if err != nil || Join(got) != "linux/amd64,linux/arm/v7,linux/arm64" {
		t.Errorf("ParsePlatforms = %v, %v", got, err)
	}
	for in, want := range map[string]string{
		"":                        "empty list",
		" ,":                      "empty",
		"linux/amd64,":            "empty",
		"linux/amd64,linux/amd64": "twice",
		"linux/amd64,linux/x64":   `"linux/amd64"`,
	} {
		if _, err := ParsePlatforms(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePlatforms(%q): %v; want %q", in, err, want)
		}
	}
}

func FuzzParsePlatform(f *testing.F) {
	f.Add("linux/arm64")
	f.Add("linux/arm/v7")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := ParsePlatform(s); err == nil && p.String() != s {
			t.Errorf("ParsePlatform(%q).String() = %q", s, p)
		}
	})
}
