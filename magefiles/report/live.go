package report

import (
	"fmt"
	"strings"
	"time"
)

// region is the live lines on the screen, with the cursor on the line below.
// The cursor is never hidden: whatever kills the process, the terminal is fine.
type region struct {
	widths []int // of the lines that stand there, in columns
}

// erase returns the sequence that removes the region and leaves the cursor
// where it began. A window that has become narrower has wrapped its lines.
func (g *region) erase(columns int) string {
	rows := 0
	for _, w := range g.widths {
		rows += max(1, (w+columns-1)/max(1, columns))
	}
	g.widths = nil
	if rows == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA\r\x1b[J", rows)
}

// emit writes text in place of the live lines. The lock is held.
func (r *Reporter) emit(text string) {
	erase := ""
	if r.opts.TTY {
		columns, _ := r.opts.Size()
		erase = r.live.erase(columns)
	}
	_, _ = fmt.Fprint(r.out, erase+text)
}

// draw writes the live lines again, all in one write so that no terminal
// shows half of them. The lock is held.
func (r *Reporter) draw() {
	if !r.opts.TTY {
		return
	}
	columns, lines := r.opts.Size()
	var b strings.Builder
	b.WriteString(r.live.erase(columns))
	for _, line := range r.liveLines(columns-1, lines-2) {
		r.live.widths = append(r.live.widths, textWidth(printable(line)))
		b.WriteString(line + "\n")
	}
	if b.Len() > 0 {
		_, _ = fmt.Fprint(r.out, b.String())
	}
}

// liveLines are the running steps, then those to come, then how far it all is:
// as many of them as fit. One column stays free, since writing into the last one
// makes some terminals wrap. The lock is held.
func (r *Reporter) liveLines(columns, most int) []string {
	var lines []string
	now := r.opts.Now()
	for _, s := range r.running {
		lines = append(lines, r.liveLine(s, now, columns))
	}
	waiting := r.waiting()
	for _, line := range waiting {
		lines = append(lines, r.colors.dim(r.truncate(line, columns)))
	}
	if most = max(1, most); len(lines) > most {
		more := fmt.Sprintf("  and %d more", len(lines)-most)
		lines = append(lines[:most:most], r.truncate(more, columns))
	}
	if len(waiting) > 0 && len(lines) < most {
		lines = append(lines, r.colors.dim(r.truncate("  "+r.progress(), columns)))
	}
	return lines
}

// startTicker redraws until the last step ends. The lock is held.
func (r *Reporter) startTicker() {
	if r.stop != nil || r.manual {
		return
	}
	stop := make(chan struct{})
	r.stop = stop
	go func() {
		t := time.NewTicker(frameTime)
		defer t.Stop()
		for {
			select {
			case <-stop:
				return
			case <-t.C:
				r.mu.Lock()
				r.draw()
				r.mu.Unlock()
			}
		}
	}()
}

func (r *Reporter) stopTicker() {
	if r.stop != nil {
		close(r.stop)
		r.stop = nil
	}
}
