package kube

import "fmt"

// Progress tells what is new since the last look, a line per pod that changed.
// The zero value is ready.
type Progress struct {
	Arches map[string]string // of nodes, by name
	words  map[string]string
	silent bool
}

// Lines are what there is to tell about a look.
func (p *Progress) Lines(s State, err error) []string {
	if err != nil {
		if p.silent {
			return nil
		}
		p.silent = true
		return []string{"the cluster does not answer; still trying"}
	}
	var lines []string
	if p.silent {
		p.silent = false
		lines = append(lines, "the cluster answers again")
	}
	if p.words == nil {
		p.words = make(map[string]string)
	}
	if s.Trouble != "" && p.words[""] != s.Trouble {
		p.words[""] = s.Trouble
		lines = append(lines, "no pod can be made: "+s.Trouble)
	}
	for _, pod := range s.Pods {
		word := pod.Word()
		if p.words[pod.Name] == word {
			continue
		}
		p.words[pod.Name] = word
		lines = append(lines, fmt.Sprintf("pod %s%s: %s", pod.Name, p.where(pod), word))
	}
	return lines
}

func (p *Progress) where(pod Pod) string {
	if pod.Node == "" {
		return ""
	}
	return fmt.Sprintf(" on %s (%s)", pod.Node, p.Arch(pod.Node))
}

// Arch is the architecture of a node; "?" if that could not be asked.
func (p *Progress) Arch(node string) string {
	if arch := p.Arches[node]; arch != "" {
		return arch
	}
	return "?"
}
