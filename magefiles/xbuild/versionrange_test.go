package xbuild

import (
	"strings"
	"testing"
)

func TestInRange(t *testing.T) {
	t.Parallel()
	const engines = "^20.19.0 || ^22.13.0 || >=24.0.0"
	for _, tt := range []struct {
		ranges   string
		in, outs string // versions, separated by spaces
	}{
		{engines, "20.19.0 20.20.2 22.13.0 22.99.1 24.0.0 25.1.0 v24.3.1", "18.20.0 20.18.9 21.0.0 22.12.9 23.11.0 24.0.0-rc.1"},
		{"^20.19.0 || >=22.12.0", "20.19.0 22.12.0 23.0.0", "20.18.1 21.7.0 22.11.0"},
		{">=10", "10.0.0 11.19.1", "9.9.9"},
		{">= 10 < 12", "10.0.0 11.99.0", "12.0.0 9.0.0"},
		{">10", "11.0.0", "10.0.0 10.9.9"},
		{">10.1", "10.2.0", "10.1.9"},
		{"<=10", "10.99.0 1.0.0", "11.0.0"},
		{"<10.2", "10.1.9", "10.2.0"},
		{"20", "20.0.0 20.9.9", "19.9.9 21.0.0"},
		{"20.x", "20.1.0", "21.0.0"},
		{"1.2.*", "1.2.0 1.2.9", "1.3.0"},
		{"=1.2.3", "1.2.3", "1.2.4"},
		{"1.2.3", "1.2.3 v1.2.3", "1.2.2"},
		{"~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"},
		{"~1", "1.9.0", "2.0.0"},
		{"^0.2.3", "0.2.3 0.2.9", "0.3.0"},
		{"^0.0.3", "0.0.3", "0.0.4"},
		{"^0.x", "0.9.0", "1.0.0"},
		{"1.2 - 2", "1.2.0 2.9.9", "1.1.9 3.0.0"},
		{"1.2.0 - 2.1.0", "2.1.0", "2.1.1"},
		{"*", "0.0.1 99.0.0", "1.0.0-rc1"},
		{"", "1.0.0", ""},
		{">=1.0.0-beta.1", "1.0.0-beta.2 1.0.0", "1.0.0-alpha 1.1.0-beta.1"},
	} {
		for _, want := range []bool{true, false} {
			versions := tt.in
			if !want {
				versions = tt.outs
			}
			for _, v := range strings.Fields(versions) {
				if got, err := InRange(v, tt.ranges); err != nil || got != want {
					t.Errorf("InRange(%q, %q) = %v, %v, want %v", v, tt.ranges, got, err, want)
				}
			}
		}
	}
	for _, bad := range []string{"newest", ">=", "20 ||| 22", "^^1", "1.2.3 or more"} {
		if _, err := InRange("1.0.0", bad); err == nil {
			t.Errorf("the range %q is accepted", bad)
		}
	}
	if _, err := InRange("lts", "20"); err == nil {
		t.Error("a version without a number is accepted")
	}
}
