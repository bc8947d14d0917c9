package bench

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

const style = `<style>
.bg{fill:#fff}text{font:13px system-ui,sans-serif;fill:#24292f}.dim{fill:#57606a;font-size:12px}.head{font-weight:600}.title{font-size:16px;font-weight:600}
.grid{stroke:#d0d7de;stroke-width:1}.oci,.oci-1{fill:#1a7f37}.buildx,.buildx-1{fill:#2f6fdb}.emulated,.emulated-1{fill:#b3541e}.ko{fill:#8250df}.oci-1,.buildx-1,.emulated-1{opacity:.55}
@media(prefers-color-scheme:dark){.bg{fill:#0d1117}text{fill:#e6edf3}.dim{fill:#9198a1}.grid{stroke:#30363d}.oci,.oci-1{fill:#3fb950}.buildx,.buildx-1{fill:#58a6ff}.emulated,.emulated-1{fill:#e0823d}.ko{fill:#bc8cff}}
</style>`

// The picture's measures in pixels.
const (
	pictureWidth, barsLeft, barsWidth = 860, 230, 520
	barHeight, barPitch, groupPitch   = 15, 20, 34
)

// row is one bar.
type row struct {
	engine Engine
	value  float64
	runs   int
}

// SVG is the medians as bars, by scenario, on a logarithmic axis of seconds. It
// needs nothing from elsewhere, and follows the reader's light or dark screen.
func (r Result) SVG() string {
	var body strings.Builder
	y := 92
	low, high := r.span()
	x := func(v float64) float64 {
		return barsLeft + barsWidth*(math.Log10(v)-math.Log10(low))/(math.Log10(high)-math.Log10(low))
	}
	for _, s := range Scenarios() {
		rows := r.rows(s.ID)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&body, `<text x="24" y="%d" class="head">%s</text>`+"\n", y+11, escape(s.Title))
		y += 22
		for _, b := range rows {
			end := x(b.value)
			fmt.Fprintf(&body, `<text x="%d" y="%d" class="dim" text-anchor="end">%s</text><rect class="%s" x="%d" y="%d" width="%.1f" height="%d" rx="2"><title>%s, %s: %s, median of %d</title></rect><text x="%.1f" y="%d">%s</text>`+"\n",
				barsLeft-10, y+12, escape(b.engine.Title), b.engine.ID, barsLeft, y, max(2, end-barsLeft), barHeight,
				escape(s.Title), escape(b.engine.Title), seconds(b.value), b.runs, end+7, y+12, seconds(b.value))
			y += barPitch
		}
		y += groupPitch - barPitch
	}
	var grid strings.Builder
	for v := low; v <= high*1.001; v *= 10 {
		fmt.Fprintf(&grid, `<line class="grid" x1="%.1f" x2="%.1f" y1="80" y2="%d"/><text x="%.1f" y="72" class="dim" text-anchor="middle">%s</text>`+"\n", x(v), x(v), y-8, x(v), tick(v))
	}
	under := fmt.Sprintf("%s, %d cores, %s. Medians; logarithmic: each line is ten times the one before.", r.Machine.CPU, r.Machine.Cores, r.Machine.OS)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-labelledby="t d">
<title id="t">%s</title><desc id="d">%s</desc>
%s
<rect class="bg" width="100%%" height="100%%"/>
<text x="24" y="30" class="title">%s</text><text x="24" y="50" class="dim">%s</text>
%s%s</svg>
`, pictureWidth, y+10, pictureWidth, y+10, escape(r.Title), escape(under), style, escape(r.Title), escape(under), grid.String(), body.String())
}

func (r Result) rows(scenario string) []row {
	var out []row
	for _, e := range Engines() {
		values := r.Of(Cell{e.ID, scenario}, Seconds)
		if v, ok := Median(values); ok {
			out = append(out, row{e, v, len(values)})
		}
	}
	return out
}

// span is the axis: from a power of ten below all to one above, one decade at least.
func (r Result) span() (low, high float64) {
	low, high = math.Inf(1), 0
	for _, s := range Scenarios() {
		for _, b := range r.rows(s.ID) {
			low, high = min(low, b.value), max(high, b.value)
		}
	}
	if high == 0 {
		return 1, 10
	}
	low = math.Pow(10, math.Floor(math.Log10(low)))
	return low, max(10*low, math.Pow(10, math.Ceil(math.Log10(high))))
}

func tick(v float64) string {
	if v < 1 {
		return fmt.Sprintf("%g s", math.Round(v*1000)/1000)
	}
	return fmt.Sprintf("%.0f s", v)
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
