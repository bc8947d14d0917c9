package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// picture is the image drawn to scale: a lane for each platform, the layers in
// it as wide as they have bytes, and one that several platforms share as one
// piece over all of them.
type picture struct {
	Lanes  []PageImage
	Height int // of a band, in pixels
	Whole  band
	Detail *band // the small end of it, enlarged
	Rows   []layerRow
	Text   string // what is to be seen, in words
}

// band is the pieces in one scale.
type band struct {
	Pieces []piece
	From   float64 // where it begins in the whole, in percent
	Note   string
}

// piece is one layer. X and Width are in percent of the band; Lane and Lanes are
// the first lane and how many.
type piece struct {
	Key         int // the number of its row
	Name        string
	X, Width    float64
	Lane, Lanes int
	Y, High     int // in pixels
	Size        int64
	Where       string
	Shared      bool
	Hue         int
	Center      float64
	Inside      bool    // there is room for the number in it
	Named       string  // "" if its name has no room, "always", or "wide" on a wide screen
	Below       bool    // its number stands below the band
	Mark        float64 // where
}

// layerRow explains a number.
type layerRow struct {
	Key    int
	Hue    int
	Name   string
	Cells  []layerCell // one per lane
	Shared bool
	Fate   string
}

type layerCell struct {
	Platform, Digest string
	Size             int64
	Joined           bool // the same blob as the cell before
	Span             int  // lanes
	There            bool
}

// A lane of the picture, and the room between two, in pixels.
const (
	laneHeight = 46
	laneGap    = 6
)

// placed is a layer's place in bytes.
type placed struct {
	key         int
	name        string
	at, size    int64
	lane, lanes int
	shared      bool
}

func newPicture(images []PageImage) *picture {
	if len(images) == 0 {
		return nil
	}
	keys, rows := layerRows(images)
	list, total := arrange(images, keys)
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.lane, b.lane)) })
	if total == 0 {
		return nil
	}
	p := &picture{Lanes: images, Rows: rows, Height: laneHeight*len(images) + laneGap*(len(images)-1)}
	p.Whole = scaled(list, images, 0, total)
	if from := smallEnd(list, total); from > 0 {
		b := scaled(list, images, from, total)
		b.From = round(100 * float64(from) / float64(total))
		b.Note = fmt.Sprintf("The last %s, drawn %.0f times as wide", Bytes(total-from), float64(total)/float64(total-from))
		b.below(101)
		p.Detail = &b
	}
	if p.Detail != nil {
		p.Whole.below(p.Detail.From)
	} else {
		p.Whole.below(101)
	}
	var words []string
	for _, i := range images {
		words = append(words, fmt.Sprintf("%s: %s in %s", i.Platform, Bytes(i.Size), count(len(i.Layers), "layer")))
	}
	p.Text = strings.Join(words, ". ") + ". Every number is in the table that follows."
	return p
}

// arrange walks up all images at once. A layer that several share is placed when
// all of them have come to it, and at the same place for all.
func arrange(images []PageImage, keys [][]int) (list []placed, total int64) {
	at, next := make([]int64, len(images)), make([]int, len(images))
	head := func(lane int) *PageLayer {
		if next[lane] == len(images[lane].Layers) {
			return nil
		}
		return &images[lane].Layers[next[lane]]
	}
	put := func(lanes []int, l PageLayer, shared bool) {
		var x int64
		for _, lane := range lanes {
			x = max(x, at[lane])
		}
		for i, lane := range lanes {
			if i > 0 && lane == lanes[i-1]+1 {
				list[len(list)-1].lanes++
			} else {
				list = append(list, placed{keys[lane][next[lane]], l.Name, x, l.Size, lane, 1, shared})
			}
		}
		for _, lane := range lanes {
			at[lane], next[lane] = x+l.Size, next[lane]+1
			total = max(total, at[lane])
		}
	}
	for {
		moved, waiting := false, -1
		for lane := range images {
			l := head(lane)
			if l == nil {
				continue
			}
			users, ready := usersOf(images, l.Digest), []int{}
			for _, user := range users {
				if h := head(user); h != nil && h.Digest == l.Digest {
					ready = append(ready, user)
				}
			}
			if len(ready) == len(users) {
				put(ready, *l, len(users) > 1)
				moved = true
			} else if waiting < 0 {
				waiting = lane
			}
		}
		if waiting < 0 && !moved {
			return list, total
		}
		if !moved { // two images have the same layers in another order
			put([]int{waiting}, *head(waiting), true)
		}
	}
}

func usersOf(images []PageImage, digest string) []int {
	var users []int
	for lane, i := range images {
		if slices.ContainsFunc(i.Layers, func(l PageLayer) bool { return l.Digest == digest }) {
			users = append(users, lane)
		}
	}
	return users
}

// scaled is what lies at from and above it.
func scaled(list []placed, images []PageImage, from, to int64) band {
	var b band
	width := float64(to - from)
	for _, l := range list {
		if l.at+l.size <= from {
			continue
		}
		whole := l.size
		l.at, l.size = max(l.at, from), min(l.size, l.at+l.size-from)
		var where []string
		for _, i := range images[l.lane : l.lane+l.lanes] {
			where = append(where, i.Platform)
		}
		p := piece{
			Key: l.key, Name: l.name, X: round(100 * float64(l.at-from) / width), Width: round(100 * float64(l.size) / width),
			Lane: l.lane, Lanes: l.lanes, Y: l.lane * (laneHeight + laneGap), High: l.lanes*(laneHeight+laneGap) - laneGap, Size: whole, Where: strings.Join(where, ", "), Shared: l.shared,
		}
		p.Hue, p.Center, p.Inside = hue(p.Key), round(p.X+p.Width/2), p.Width >= 5
		switch letters := float64(textWidth(p.Name) + 4); { // of some 7 pixels each, on a band of 300 or 900 pixels
		case p.Width/100*300 > letters*7:
			p.Named = "always"
		case p.Width/100*900 > letters*7:
			p.Named = "wide"
		}
		b.Pieces = append(b.Pieces, p)
	}
	return b
}

// below gives the pieces that are too narrow for their numbers a place for them
// below the band: once for each number, from right to left, without overlap.
func (b *band) below(skipFrom float64) {
	seen := map[int]bool{}
	var list []*piece
	for i := range b.Pieces {
		p := &b.Pieces[i]
		if !p.Inside && p.X < skipFrom && !seen[p.Key] {
			seen[p.Key] = true
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(x, y *piece) int { return cmp.Compare(y.Center, x.Center) })
	const apart, edge = 5.0, 2.0
	most := 100 - edge
	for _, p := range list {
		if most < edge { // a hundred layers have no room: the table has them all
			return
		}
		p.Below, p.Mark = true, round(min(most, max(edge, p.Center)))
		most = p.Mark - apart
	}
}

// hue is a colour far from those of the numbers around, in degrees.
func hue(key int) int { return (200 + 137*key) % 360 }

// smallEnd is where the small layers begin that most images have on top, or 0
// if enlarging would show nothing more.
func smallEnd(list []placed, total int64) int64 {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b placed) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(a.key, b.key)) })
	from, thin := total, false
	for _, l := range sorted {
		if l.size*12 > total {
			break
		}
		from = l.at
		thin = thin || l.size*20 < total
	}
	if !thin || from == total || (total-from)*3 > total {
		return 0
	}
	return from
}

// layerRows numbers the layers: those with one name (and, where an image has it
// several times, one place among them) have one number in all images.
func layerRows(images []PageImage) (keys [][]int, rows []layerRow) {
	index := map[string]int{}
	for lane, image := range images {
		seen := map[string]int{}
		keys = append(keys, make([]int, len(image.Layers)))
		for i, l := range image.Layers {
			seen[l.Name]++
			id := fmt.Sprintf("%d %s", seen[l.Name], l.Name)
			n, ok := index[id]
			if !ok {
				n = len(rows)
				index[id] = n
				rows = append(rows, layerRow{Key: n + 1, Hue: hue(n + 1), Name: l.Name, Cells: make([]layerCell, len(images))})
			}
			keys[lane][i] = n + 1
			c := layerCell{Platform: image.Platform, Digest: l.Digest, Size: l.Size, There: true, Span: 1}
			if before := lane - 1; before >= 0 && rows[n].Cells[before].Digest == l.Digest {
				c.Joined, rows[n].Shared = true, true
				first := before
				for rows[n].Cells[first].Joined {
					first--
				}
				rows[n].Cells[first].Span++
			}
			rows[n].Cells[lane] = c
			if l.Fate != "" && (rows[n].Fate == "" || l.Fate == "made") {
				rows[n].Fate = l.Fate
			}
		}
	}
	return keys, rows
}
