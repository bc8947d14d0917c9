package audit

import (
	"regexp"
	"slices"
	"strings"
)

// marker is an environment marker of PEP 508. It is evaluated with three
// values, as an image does not say everything that a running machine would:
// known is false if the answer hangs on something unknown.
type marker func(env markerEnv) (holds, known bool)

// markerEnv are the values of a marker's variables. A variable can have more
// than one (each release of Python 3.13 that may be installed): the answer
// is known if it is the same for all. One that is missing is unknown.
type markerEnv map[string][]string

var markerToken = regexp.MustCompile(`^\s*(\(|\)|'[^']*'|"[^"]*"|===|~=|==|!=|<=|>=|<|>|[a-z_.]+)`)

type markerParser struct{ tokens []string }

func parseMarker(text string) (marker, bool) {
	p := &markerParser{}
	for text = strings.TrimSpace(text); text != ""; {
		m := markerToken.FindStringSubmatch(text)
		if m == nil {
			return nil, false
		}
		p.tokens = append(p.tokens, m[1])
		text = strings.TrimSpace(text[len(m[0]):])
	}
	m, ok := p.or(0)
	return m, ok && len(p.tokens) == 0
}

func (p *markerParser) next() string {
	if len(p.tokens) == 0 {
		return ""
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *markerParser) take(token string) bool {
	if len(p.tokens) == 0 || p.tokens[0] != token {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *markerParser) or(depth int) (marker, bool) {
	return p.chain("or", true, depth, p.and)
}

func (p *markerParser) and(depth int) (marker, bool) {
	return p.chain("and", false, depth, p.term)
}

// chain reads terms joined by a word. A term that is decisive decides all, even
// if others are unknown: true for "or", false for "and".
func (p *markerParser) chain(word string, decisive bool, depth int, read func(int) (marker, bool)) (marker, bool) {
	var terms []marker
	for {
		m, ok := read(depth)
		if !ok {
			return nil, false
		}
		if terms = append(terms, m); !p.take(word) {
			break
		}
	}
	return func(env markerEnv) (bool, bool) {
		all := true
		for _, m := range terms {
			holds, known := m(env)
			if known && holds == decisive {
				return decisive, true
			}
			all = all && known
		}
		return !decisive, all
	}, true
}

// maxMarkerDepth bounds parentheses in hostile metadata.
const maxMarkerDepth = 50

func (p *markerParser) term(depth int) (marker, bool) {
	if p.take("(") {
		if depth > maxMarkerDepth {
			return nil, false
		}
		m, ok := p.or(depth + 1)
		return m, ok && p.take(")")
	}
	left, op := p.next(), p.next()
	if op == "not" {
		if !p.take("in") {
			return nil, false
		}
		op = "not in"
	}
	right := p.next()
	if !slices.Contains([]string{"===", "~=", "==", "!=", "<=", ">=", "<", ">", "in", "not in"}, op) || !operand(left) || !operand(right) {
		return nil, false
	}
	return func(env markerEnv) (bool, bool) {
		lefts, rights := env.values(left), env.values(right)
		extra := left == "extra" || right == "extra"
		var result, known bool
		for _, l := range lefts {
			for _, r := range rights {
				holds, ok := compareMarker(l, op, r)
				if extra { // a name, even if it looks like a version
					holds, ok = (pyName(l) == pyName(r)) == (op == "=="), op == "==" || op == "!="
				}
				if !ok || known && holds != result {
					return false, false
				}
				result, known = holds, true
			}
		}
		return result, known
	}, true
}

func operand(token string) bool {
	return token != "" && (quoted(token) || strings.Trim(token, "abcdefghijklmnopqrstuvwxyz_.") == "")
}

func quoted(token string) bool { return token[0] == '\'' || token[0] == '"' }

func (env markerEnv) values(token string) []string {
	if quoted(token) {
		return []string{token[1 : len(token)-1]}
	}
	switch token { // names that PEP 345 had
	case "os.name", "sys.platform", "platform.version", "platform.machine":
		token = strings.ReplaceAll(token, ".", "_")
	case "platform.python_implementation", "python_implementation":
		token = "platform_python_implementation"
	}
	return env[token]
}

// compareMarker compares as versions where the right side is one, and else as
// text. It is false where neither has a meaning.
func compareMarker(left, op, right string) (holds, ok bool) {
	switch op {
	case "in":
		return strings.Contains(right, left), true
	case "not in":
		return !strings.Contains(right, left), true
	}
	if s, ok := parseSpecifier(op + right); ok {
		_, version := parsePyVersion(left)
		return s.allows(left), version || op == "==="
	}
	switch op {
	case "==":
		return left == right, true
	case "!=":
		return left != right, true
	case "<":
		return left < right, true
	case "<=":
		return left <= right, true
	case ">":
		return left > right, true
	case ">=":
		return left >= right, true
	}
	return false, false
}
