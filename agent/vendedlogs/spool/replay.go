package spool

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/steptrace/steptrace/agent/vendedlogs"
)

// Replay hands out what another process has kept, in the order in which it arrived, until take fails. A last line that
// is not whole was never answered and counts for nothing.
func (s *Spool) Replay(take func([]vendedlogs.Message) error) error {
	s.mu.Lock()
	found := slices.Clone(s.old)
	s.mu.Unlock()
	for i := range found {
		if err := s.replay(&found[i], take); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.old, s.replayed = append(found, s.old[len(found):]...), true
	return nil
}

func (s *Spool) replay(g *segment, take func([]vendedlogs.Message) error) error {
	body, err := os.ReadFile(s.path(g.number))
	if err != nil {
		return fmt.Errorf("read spool: %w; %s", err, remedy)
	}
	g.size = int64(len(body))
	for number := 1; ; number++ {
		line, rest, whole := bytes.Cut(body, []byte("\n"))
		if !whole {
			return nil
		}
		body = rest
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("spool %s:%d is unusable: %w; move the file away, what is in it is lost to traces that had "+
				"not ended", s.path(g.number), number, err)
		}
		g.cover(e.Arrived)
		for i := range e.Messages {
			e.Messages[i].Arrived = e.Arrived
		}
		if err := take(e.Messages); err != nil {
			return err
		}
	}
}
