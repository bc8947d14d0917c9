package xbuild

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// crossImages are the images that cross would build in, as Cross.toml and the
// environment say.
type crossImages struct {
	file   string // Cross.toml, there or not
	root   string // of the workspace: paths in the file are relative to it
	values map[string]string
	getenv func(string) string
	cross  string // its version, for its own images
}

// crossImages reads the configuration that cross would read.
func (c *chooser) crossImages(ctx context.Context, x *cross, r rustc) (crossImages, error) {
	out, err := Output(ctx, c.run, Cmd{
		Name: r.cargo, Args: []string{"locate-project", "--workspace", "--message-format", "plain"}, Dir: c.b.Dir,
	})
	if err != nil {
		return crossImages{}, fmt.Errorf("finding the workspace of %q: %w", c.b.Dir, firstLine(err))
	}
	root := filepath.Dir(out)
	file := filepath.Join(root, "Cross.toml")
	if own := c.b.Getenv("CROSS_CONFIG"); own != "" {
		file = own
		if !filepath.IsAbs(own) {
			file = filepath.Join(c.b.Dir, own)
		}
	}
	return crossImages{file, root, readCrossConfig(file), c.b.Getenv, x.version}, nil
}

// problem is why there is no image for a triple: it is neither here nor made
// by cross itself from a Dockerfile.
func (i crossImages) problem(ctx context.Context, run Runner, engine, triple string) problem {
	if file := i.dockerfile(triple); file != "" {
		if !filepath.IsAbs(file) {
			file = filepath.Join(i.root, filepath.FromSlash(file))
		}
		if !isFile(file) {
			return problem{"no image", fmt.Sprintf("the Dockerfile %s that %s names is not there", file, i.file)}
		}
		return problem{}
	}
	image := i.image(triple)
	if err := run(ctx, Cmd{Name: engine, Args: []string{"image", "inspect", image}}); err != nil {
		return problem{"no image", fmt.Sprintf("%s (named by %s) is not here: %s pull %s, or name a dockerfile there", image, i.file, filepath.Base(engine), image)}
	}
	return problem{}
}

func (i crossImages) dockerfile(triple string) string {
	return cmp.Or(
		i.getenv("CROSS_TARGET_"+envTriple(triple)+"_DOCKERFILE"),
		i.values["target."+triple+".dockerfile"], i.values["target."+triple+".dockerfile.file"],
		i.getenv("CROSS_BUILD_DOCKERFILE"),
		i.values["build.dockerfile"], i.values["build.dockerfile.file"],
	)
}

func (i crossImages) image(triple string) string {
	return cmp.Or(
		i.getenv("CROSS_TARGET_"+envTriple(triple)+"_IMAGE"),
		i.values["target."+triple+".image"],
		"ghcr.io/cross-rs/"+triple+":"+i.cross,
	)
}

// readCrossConfig reads the strings of a Cross.toml by their dotted names, also
// those of inline tables. It knows no more of TOML: this is for a refusal
// before work is begun, and cross itself reads the file properly.
func readCrossConfig(file string) map[string]string {
	out := map[string]string{}
	f, err := os.Open(file)
	if err != nil {
		return out // as cross does it
	}
	defer func() { _ = f.Close() }()
	pair := regexp.MustCompile(`([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	inline := regexp.MustCompile(`^([\w.-]+)\s*=\s*\{(.*)\}`)
	section := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		switch {
		case strings.HasPrefix(line, "["):
			section, _, _ = strings.Cut(line[1:], "]")
			section = strings.NewReplacer(`"`, "", "'", "", " ", "").Replace(section)
		case strings.HasPrefix(line, "#"):
		case inline.MatchString(line):
			m := inline.FindStringSubmatch(line)
			for _, p := range pair.FindAllStringSubmatch(m[2], -1) {
				out[section+"."+m[1]+"."+p[1]] = p[2] + p[3]
			}
		default:
			if p := pair.FindStringSubmatch(line); p != nil && strings.HasPrefix(line, p[1]) {
				out[section+"."+p[1]] = p[2] + p[3]
			}
		}
	}
	return out
}
