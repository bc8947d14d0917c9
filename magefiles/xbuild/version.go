package xbuild

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// versionNumber finds the first thing that looks like a version in what a tool
// prints: "cargo 1.96.0 (30a34c682 2026-05-25)", "v22.1.0", "Python 3.13.5".
var versionNumber = regexp.MustCompile(`\d+(?:\.\d+)+(?:[-+~.]?[0-9A-Za-z]+)*`)

// CompareVersions orders versions as tools write them: numbers by value, a
// missing number is 0, and a pre-release (1.2.0-rc1, 1.2.0-nightly) comes
// before its release. Build metadata (+…) does not count. It is not Debian's
// order, which has its own rules.
func CompareVersions(a, b string) int {
	an, apre := splitVersion(a)
	bn, bpre := splitVersion(b)
	for i := range max(len(an), len(bn)) {
		if c := cmp.Compare(at(an, i), at(bn, i)); c != 0 {
			return c
		}
	}
	switch {
	case apre == bpre:
		return 0
	case apre == "":
		return 1
	case bpre == "":
		return -1
	}
	return slices.Compare(chunks(apre), chunks(bpre))
}

func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// splitVersion splits "v1.20.3-rc1+x" into [1 20 3] and "rc1".
func splitVersion(s string) (numbers []int, pre string) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "v")
	s, _, _ = strings.Cut(s, "+")
	for s != "" {
		n := len(s) - len(strings.TrimLeft(s, "0123456789"))
		if n == 0 {
			break
		}
		v, _ := strconv.Atoi(s[:n])
		numbers = append(numbers, v)
		s = s[n:]
		if !strings.HasPrefix(s, ".") {
			break
		}
		s = s[1:]
	}
	return numbers, strings.TrimLeft(s, "-~.")
}

// chunks splits "rc10" into padded parts that compare as people expect.
func chunks(s string) []string {
	var out []string
	for _, c := range regexp.MustCompile(`\d+|\D+`).FindAllString(s, -1) {
		if n, err := strconv.Atoi(c); err == nil {
			c = "0" + strings.Repeat("0", max(0, 10-len(strconv.Itoa(n)))) + strconv.Itoa(n)
		}
		out = append(out, c)
	}
	return out
}
