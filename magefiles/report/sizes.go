package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// mostPackages is how many packages are shown before the rest is folded away.
const mostPackages = 15

// sizes is what takes the room, the largest first.
type sizes struct {
	Platforms []string
	Top, Rest []sizeRow
	RestSizes []int64 // of each platform
	Totals    []int64
	Kinds     []sizeKind
}

// sizeRow is one package. Width is in percent of the largest.
type sizeRow struct {
	Package
	Cells []int64 // by platform; -1: it is not there
	Width float64
}

// sizeKind is the sum of the packages of one kind.
type sizeKind struct {
	Name  string
	Count int
	Cells []int64
}

func newSizes(p Page) *sizes {
	all := slices.Concat(p.Packages, p.Others)
	if len(all) == 0 {
		return nil
	}
	names := map[string]bool{}
	for _, pkg := range all {
		for platform := range pkg.Sizes {
			names[platform] = true
		}
	}
	s := &sizes{Platforms: slices.Sorted(maps.Keys(names))}
	s.RestSizes, s.Totals = make([]int64, len(s.Platforms)), make([]int64, len(s.Platforms))
	slices.SortStableFunc(all, func(a, b Package) int {
		return cmp.Or(cmp.Compare(largest(b), largest(a)), strings.Compare(a.Name, b.Name), strings.Compare(a.Kind, b.Kind))
	})
	kinds := map[string]*sizeKind{}
	for i, pkg := range all {
		row := sizeRow{Package: pkg, Width: round(100 * float64(largest(pkg)) / float64(max(1, largest(all[0]))))}
		k := kinds[pkg.Kind]
		if k == nil {
			k = &sizeKind{Name: pkg.Kind, Cells: make([]int64, len(s.Platforms))}
			kinds[pkg.Kind] = k
		}
		k.Count++
		for n, platform := range s.Platforms {
			size, ok := pkg.Sizes[platform]
			if !ok {
				row.Cells = append(row.Cells, -1)
				continue
			}
			row.Cells = append(row.Cells, size)
			k.Cells[n] += size
			s.Totals[n] += size
			if i >= mostPackages {
				s.RestSizes[n] += size
			}
		}
		if i < mostPackages {
			s.Top = append(s.Top, row)
		} else {
			s.Rest = append(s.Rest, row)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		s.Kinds = append(s.Kinds, *kinds[name])
	}
	slices.SortStableFunc(s.Kinds, func(a, b sizeKind) int { return cmp.Compare(slices.Max(b.Cells), slices.Max(a.Cells)) })
	return s
}

func largest(p Package) int64 {
	var most int64
	for _, size := range p.Sizes {
		most = max(most, size)
	}
	return most
}
