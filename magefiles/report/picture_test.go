package report

import (
	"fmt"
	"strings"
	"testing"
)

// images makes one image of "name:size" for each argument; layers of one name
// are one blob if it is in capitals.
func images(lists ...string) []PageImage {
	var out []PageImage
	for lane, list := range lists {
		i := PageImage{Platform: fmt.Sprint("p", lane)}
		for _, word := range strings.Fields(list) {
			var l PageLayer
			name, size, _ := strings.Cut(word, ":")
			_, _ = fmt.Sscan(size, &l.Size)
			l.Name, l.Digest = name, name
			if strings.ToUpper(name) != name {
				l.Digest += fmt.Sprint(lane)
			}
			i.Size += l.Size
			i.Layers = append(i.Layers, l)
		}
		out = append(out, i)
	}
	return out
}

// TestArrange: what is shared begins at the same place in all lanes, and is one
// piece over those that are neighbours.
func TestArrange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		images []PageImage
		want   string // name@place+size in lane×lanes
	}{
		{"one", images("a:5 b:3"), "a@0+5 0×1, b@5+3 0×1"},
		{"shared", images("a:5 S:3 c:1", "a:4 S:3 c:2"), "a@0+5 0×1, a@0+4 1×1, S@5+3 0×2, c@8+2 1×1, c@8+1 0×1"},
		{"shared by those that are apart", images("S:3", "b:1", "S:3"), "S@0+3 0×1, S@0+3 2×1, b@0+1 1×1"},
		{"two orders", images("S:1 T:2", "T:2 S:1"), "S@0+1 0×1, T@1+2 0×2, S@3+1 1×1"},
		{"nothing", images("", ""), ""},
	} {
		keys, _ := layerRows(c.images)
		list, _ := arrange(c.images, keys)
		var got []string
		for _, l := range list {
			got = append(got, fmt.Sprintf("%s@%d+%d %d×%d", l.name, l.at, l.size, l.lane, l.lanes))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}

func TestSmallEnd(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]int64{
		"a:100":                0,
		"a:50 b:50":            0,
		"a:900 b:60 c:30 d:10": 900, // all of the small ones
		"a:920 b:80":           0,   // it can be seen as it is
		"a:10 b:990":           0,   // what is small lies below
	} {
		i := images(list)
		keys, _ := layerRows(i)
		placed, total := arrange(i, keys)
		if got := smallEnd(placed, total); got != want {
			t.Errorf("%s: %d, want %d", list, got, want)
		}
	}
}

// TestBelow: numbers that stand below the band do not touch.
func TestBelow(t *testing.T) {
	t.Parallel()
	p := newPicture(images("a:900 b:20 b2:20 c:1 d:1 e:1", "a:910 b:20 b2:20 c:1 d:1 e:1"))
	if p.Detail == nil {
		t.Fatal("the small end is not enlarged")
	}
	last, n := 0.0, 0
	for _, piece := range p.Detail.Pieces {
		if !piece.Below {
			continue
		}
		n++
		if n > 1 && piece.Mark < last+5 || piece.Mark < 2 || piece.Mark > 98 {
			t.Errorf("number %d stands at %v %%, the one before it at %v %%", piece.Key, piece.Mark, last)
		}
		last = piece.Mark
	}
	if n == 0 {
		t.Errorf("no number stands below: %+v", p.Detail.Pieces)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	p := Page{Others: []Package{{Name: "CLI", Kind: "Other", Sizes: map[string]int64{"b": 7}}}}
	for i := range mostPackages + 3 {
		p.Packages = append(p.Packages, Package{Name: fmt.Sprint("p", i), Kind: "Python", Sizes: map[string]int64{"a": int64(100 - i), "b": int64(10)}})
	}
	s := newSizes(p)
	if len(s.Top) != mostPackages || len(s.Rest) != 4 || s.Top[0].Name != "p0" || s.Rest[3].Name != "CLI" || s.Rest[3].Cells[0] != -1 {
		t.Errorf("%d and %d rows, %+v", len(s.Top), len(s.Rest), s.Rest)
	}
	if fmt.Sprint(s.RestSizes) != "[252 37]" || fmt.Sprint(s.Totals) != "[1647 187]" {
		t.Errorf("the rest %v of %v", s.RestSizes, s.Totals)
	}
}
