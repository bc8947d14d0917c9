package kube

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Pod is one, as far as a rollout is concerned.
type Pod struct {
	Name, Node string // Node is empty until the scheduler has found one
	Ready      bool
	Ending     bool // it was told to stop
	Reason     string
	Message    string // in the cluster's words
	Restarts   int
	Created    time.Time
}

type rawContainer struct {
	Name         string
	Ready        bool
	RestartCount int
	State        struct {
		Waiting    *struct{ Reason, Message string }
		Terminated *struct {
			Reason, Message string
			ExitCode        int
		}
	}
	LastState struct {
		Terminated *struct {
			Reason   string
			ExitCode int
		}
	}
}

type rawPod struct {
	Metadata meta
	Spec     struct{ NodeName string }
	Status   struct {
		Phase, Reason, Message                   string
		Conditions                               []condition
		ContainerStatuses, InitContainerStatuses []rawContainer
	}
}

func (raw rawPod) pod() Pod {
	p := Pod{Name: raw.Metadata.Name, Node: raw.Spec.NodeName, Ending: raw.Metadata.DeletionTimestamp != ""}
	p.Created, _ = time.Parse(time.RFC3339, raw.Metadata.CreationTimestamp)
	p.Reason, p.Message = raw.Status.Reason, raw.Status.Message
	for _, c := range raw.Status.Conditions {
		switch {
		case c.Type == "Ready" && c.Status == "True":
			p.Ready = true
		case c.Type == "PodScheduled" && c.Status == "False":
			p.Reason, p.Message = cmp.Or(p.Reason, c.Reason), cmp.Or(p.Message, c.Message)
		}
	}
	for _, c := range slices.Concat(raw.Status.InitContainerStatuses, raw.Status.ContainerStatuses) {
		p.Restarts += c.RestartCount
		reason, message := c.trouble()
		if reason != "" && (p.Reason == "" || p.Reason == "ContainerCreating") {
			p.Reason, p.Message = reason, message
		}
	}
	if p.Ready {
		p.Reason, p.Message = "", ""
	} else if p.Reason == "" {
		p.Reason = map[string]string{"Running": "not ready", "Pending": "starting"}[raw.Status.Phase]
	}
	p.Message = Redact(strings.Join(strings.Fields(p.Message), " "))
	return p
}

// trouble is why a container does not run, if so.
func (c rawContainer) trouble() (reason, message string) {
	switch {
	case c.State.Waiting != nil:
		message = c.State.Waiting.Message
		if last := c.LastState.Terminated; last != nil {
			message = fmt.Sprintf("%s (it ended before with exit code %d, %s)", message, last.ExitCode, last.Reason)
		}
		return c.State.Waiting.Reason, message
	case c.State.Terminated != nil:
		t := c.State.Terminated
		return cmp.Or(t.Reason, "Terminated"), strings.TrimSpace(fmt.Sprintf("exit code %d %s", t.ExitCode, t.Message))
	}
	return "", ""
}

// Word is the pod's condition in a word or two.
func (p Pod) Word() string {
	switch {
	case p.Ending:
		return "ending"
	case p.Ready:
		return "ready"
	case p.Reason == "Unschedulable":
		return "no node for it"
	case p.Reason == "":
		return "waiting for a node"
	}
	return p.Reason
}

// Hopeless says why waiting will not make this pod run; empty if it may.
func (p Pod) Hopeless() string {
	text := strings.ToLower(p.Message)
	switch p.Reason {
	case "InvalidImageName", "ErrImageNeverPull":
		return p.Reason
	case "ImagePullBackOff", "ErrImagePull":
		for _, sign := range []string{"not found", "manifest unknown", "no match for platform", "no matching manifest", "unauthorized", "denied", "name unknown"} {
			if strings.Contains(text, sign) {
				return p.Reason
			}
		}
	case "CrashLoopBackOff":
		if p.Restarts >= 3 {
			return fmt.Sprintf("it crashed %d times", p.Restarts)
		}
	}
	return ""
}
