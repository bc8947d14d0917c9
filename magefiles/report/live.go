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
	now := r.opts.Now()
	show := r.running
	if most := max(1, lines-2); len(show) > most {
		show = show[:most]
	}
	for _, s := range show {
		// One column stays free: writing into the last one makes some terminals wrap.
		line := r.liveLine(s, now, columns-1)
		r.live.widths = append(r.live.widths, textWidth(printable(line)))
		b.WriteString(line + "\n")
	}
	if more := len(r.running) - len(show); more > 0 {
		line := truncate(fmt.Sprintf("  and %d more", more), columns-1)
		r.live.widths = append(r.live.widths, textWidth(line))
		b.WriteString(line + "\n")
	}
	if b.Len() > 0 {
		_, _ = fmt.Fprint(r.out, b.String())
	}
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
