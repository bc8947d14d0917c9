package xbuild

import (
	"fmt"
	"strings"
)

// appleFailures are those of builds for macOS without Apple's SDK.
func appleFailures() []failure {
	return []failure{
		known(`invalid active developer path|xcode-select: (?:error|note): no developer tools|unable to get active developer directory`,
			"Apple's command line tools are missing, or went with an update of macOS: xcode-select --install"),
		known(`have not agreed to the Xcode`, "Apple wants its licence to be agreed to: sudo xcodebuild -license accept"),
		knownBy(`unable to find (?:dynamic |static )?(?:system )?framework ['"](\w+)['"]|framework not found (\w+)|framework '(\w+)' not found`, func(g []string) string {
			return fmt.Sprintf("a crate links Apple's framework %s, which only the macOS SDK has: set SDKROOT to one (on a Mac $(xcrun --show-sdk-path), elsewhere a copied MacOSX.sdk), or leave that crate out (native-tls and security-framework go with rustls)", g[1]+g[2]+g[3])
		}),
		knownBy(`unable to find dynamic system library ['"](objc|iconv|System|resolv|c\+\+)['"]|ld: library '?(?:not found for -l)?(objc|iconv|System|resolv|c\+\+)'?(?: not found)?\b|unable to find library -l(System|objc|iconv)\b`, func(g []string) string {
			return fmt.Sprintf("the library %s is in the macOS SDK only: set SDKROOT to one (on a Mac $(xcrun --show-sdk-path), elsewhere a copied MacOSX.sdk)", g[1]+g[2]+g[3])
		}),
		known(`fatal error: '?(?:CoreFoundation|Security|SystemConfiguration|Foundation|TargetConditionals)[\w/]*\.h'? (?:file )?not found`,
			"C code of a crate includes the headers of the macOS SDK: set SDKROOT to one (on a Mac $(xcrun --show-sdk-path), elsewhere a copied MacOSX.sdk)"),
	}
}

// windowsFailures are those that only Windows has.
func windowsFailures() []failure {
	return []failure{
		known(`\bos error 206\b|exceeds the OS max path limit`,
			"a path is too long for Windows: work in a short folder (C:\\src), set CARGO_TARGET_DIR=C:\\t, and switch long paths on: reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\FileSystem /v LongPathsEnabled /t REG_DWORD /d 1 /f (as administrator), git config --global core.longpaths true"),
		knownBy("failed to remove file [`']([^`'\\n]+\\.exe)[`'](?s:.*)\\(os error (?:5|32)\\)", func(g []string) string {
			return fmt.Sprintf("%s is still running: end it (taskkill /IM %s), then run this again", g[1], g[1][strings.LastIndexAny(g[1], `\/`)+1:])
		}),
		// Windows ends its messages with a stop, in every language; Linux's errors of these numbers do not.
		known(`[.。] ?\(os error 32\)|being used by another process`,
			"a file is in use by another program: end what was built before, rust-analyzer or the virus scanner that holds it, then run this again"),
		known(`[.。] ?\(os error 5\)`,
			"Windows refuses access to a file: end the program that was built before if it still runs; else the virus scanner may hold it (exclude the target folder), or another user owns it"),
	}
}
