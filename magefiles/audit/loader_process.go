package audit

import (
	"io/fs"
	"maps"
	"slices"
)

// process is what a loader brings together for one program, or for one library
// that is opened by hand.
type process struct {
	loader  *loader
	main    *object
	isMusl  bool
	secure  bool      // setuid or setgid: the environment does not count
	objects []*object // in the order of loading, main first
	known   map[string]*object
	files   map[*Content]*object
	trouble []trouble
}

// trouble is a library that an object would not get, or not on every machine.
type trouble struct {
	by   *object
	name string
	hit  hit // what was found and is of no use; its entry is nil if nothing was
}

// start loads an object and all that it needs, breadth first as loaders do.
func (l *loader) start(main *object, isMusl bool) *process {
	p := &process{
		loader: l, main: main, isMusl: isMusl, known: map[string]*object{}, files: map[*Content]*object{},
		secure: main.entry.Mode&(fs.ModeSetuid|fs.ModeSetgid) != 0,
	}
	if l.glibc != nil && !isMusl {
		p.learn(l.glibc.path, l.glibc)
	}
	p.add(main)
	p.loadFrom(0)
	return p
}

// open adds what a running program opens by hand (dlopen), to a copy of the
// process: it finds the libraries that are loaded already.
func (p *process) open(o *object) *process {
	q := *p
	q.objects, q.trouble = slices.Clone(p.objects), nil
	q.known, q.files = maps.Clone(p.known), maps.Clone(p.files)
	if _, ok := q.files[o.entry.File]; !ok {
		q.add(o)
		q.loadFrom(len(p.objects))
	}
	return &q
}

func (p *process) add(o *object) {
	p.objects = append(p.objects, o)
	p.learn(o.path, o)
}

// learn makes an object known by a name, and by its own: glibc asks neither
// disk nor cache for what has been loaded under either.
func (p *process) learn(name string, o *object) {
	p.files[o.entry.File] = o
	names := []string{name}
	if soname := o.program().Name; soname != "" && !p.isMusl {
		names = append(names, soname)
	}
	for _, n := range names {
		if _, ok := p.known[n]; !ok {
			p.known[n] = o
		}
	}
}

func (p *process) loadFrom(i int) {
	for ; i < len(p.objects); i++ {
		for _, name := range p.objects[i].program().needed() {
			if _, ok := p.known[name]; !ok {
				p.load(name, p.objects[i])
			}
		}
	}
}

func (p *process) load(name string, by *object) {
	h, ok := p.find(name, by)
	if !ok || h.bad || h.stale || h.newer {
		p.trouble = append(p.trouble, trouble{by, name, h})
	}
	if !ok || h.bad {
		return
	}
	if same, ok := p.files[h.entry.File]; ok {
		p.known[name] = same
		return
	}
	p.known[name] = &object{hit: h, by: by}
	p.add(p.known[name])
}

// needed lists the libraries in the order in which a loader takes them.
func (p *Program) needed() []string {
	if len(p.Needed) > 0 {
		return p.Needed
	}
	return p.Libraries
}
