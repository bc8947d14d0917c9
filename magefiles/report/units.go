package report

import (
	"fmt"
	"time"
)

// Bytes writes a size with three digits in decimal units, as Docker and
// registries do: 1 kB is 1000 bytes. "0 B", "999 B", "1.23 kB", "45.6 MB".
func Bytes(n int64) string {
	if n < 0 {
		return "-" + Bytes(-max(n, -1<<62)) // the most negative number has no positive twin
	}
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	v, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB", "PB", "EB"} {
		if v /= 1000; v < 999.5 {
			break
		}
	}
	switch {
	case v < 9.995:
		return fmt.Sprintf("%.2f %s", v, unit)
	case v < 99.95:
		return fmt.Sprintf("%.1f %s", v, unit)
	}
	return fmt.Sprintf("%.0f %s", v, unit)
}

// Duration writes a time in at most six characters: "0.3s", "12.0s", "1m02s", "3h07m".
func Duration(d time.Duration) string {
	d = max(0, d)
	switch {
	case d < time.Minute-50*time.Millisecond:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Hour-500*time.Millisecond:
		s := int(d.Round(time.Second).Seconds())
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	}
	m := int(d.Round(time.Minute).Minutes())
	return fmt.Sprintf("%dh%02dm", m/60, m%60)
}
