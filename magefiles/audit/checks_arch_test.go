package audit

import "testing"

// What is no mistake although it is for another machine, and what is one
// although its header fits.
func TestCheckArchGrace(t *testing.T) {
	t.Parallel()
	good, bad := elfARM64(), elfAMD64()
	damaged := elfProgram("arm64", "libc.so.6").bytes()[:300]
	for name, c := range map[string]struct {
		files []entry
		want  string
	}{
		"emulator's":     {[]entry{reg("usr/share/qemu/openbios-ppc", bad), reg("lib/firmware/x", bad), reg("usr/share/seabios/x", bad)}, ""},
		"share is not":   {[]entry{reg("usr/share/app/x", bad)}, "error arch /usr/share/app/x@0"},
		"its twin here":  {[]entry{reg("m/prebuilds/linux-arm64/x.node", good), reg("m/prebuilds/linux-x64/x.node", bad)}, "note arch /m/prebuilds/linux-x64/x.node@0"},
		"damaged":        {[]entry{reg("bin/x", damaged)}, "warning malformed /bin/x@0"},
		"damaged a test": {[]entry{reg("src/testdata/x", damaged)}, "note malformed /src/testdata/x@0"},
	} {
		inv, err := InspectImage(t.Context(), "linux/arm64", layers(tarOf(t, c.files...)), nil)
		if err != nil {
			t.Fatal(err)
		}
		findings := checkArch(inv)
		Sort(findings)
		if got := places(findings); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
