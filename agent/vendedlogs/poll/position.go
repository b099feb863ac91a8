package poll

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/push"
)

// version is the file's. One with another version is refused, never reinterpreted.
const version = 1

// position is what is remembered on disk: versioned JSON, replaced as a whole.
type position struct {
	Version    int                          `json:"version"`
	Groups     map[string]reached           `json:"log_groups"`
	Executions map[string]vendedlogs.Record `json:"executions"` // by trace id
}

// reached is how far a group was handed over.
type reached struct {
	From time.Time `json:"from"` // lines before that were all handed over
}

// saveInterval is how often the checkpoint is written when no line comes: one that was written before always holds.
const saveInterval = time.Minute

// keep writes the checkpoint when there is more to remember.
func (p *Poller) keep(ctx context.Context) error {
	if p.parts.Intake.Stats().Lines == p.lines && p.parts.Clock.Now().Sub(p.saved) < saveInterval {
		return nil
	}
	return p.Save(ctx)
}

// Save writes the checkpoint. It moves only up to what the consumer has accepted, and not past the lines of executions
// that have not ended, unless they are older than MaxReplay. What is pushed and not needed any more leaves the spool.
func (p *Poller) Save(ctx context.Context) error {
	from, earliest := make(map[string]time.Time), make(map[string]time.Time)
	for name, g := range p.groups {
		from[name] = g.from
		earliest[name] = g.from.Add(-p.cfg.MaxReplay)
	}
	needed, since := p.needed(ctx), p.parts.Clock.Now()
	if s := p.parts.Spool; s != nil {
		from[push.Source] = s.Floor(needed)
		earliest[push.Source] = from[push.Source]
		since = since.Add(-resendTime)
	}
	r, ok := p.parts.Intake.Resumption(ctx, from, earliest, since)
	if !ok {
		return nil // what was written before still holds
	}
	next := position{Version: version, Groups: make(map[string]reached), Executions: r.Executions}
	for name, t := range p.known.Groups {
		next.Groups[name] = t // also those that are not found at the moment
	}
	for name := range p.groups {
		next.Groups[name] = reached{From: r.From[name]}
	}
	if err := save(p.cfg.Checkpoint, next); err != nil {
		return err
	}
	p.known, p.saved, p.lines = next, p.parts.Clock.Now(), p.parts.Intake.Stats().Lines
	if p.parts.Spool != nil {
		return p.parts.Spool.Drop(needed)
	}
	return nil
}

// resendTime is more than the time for which Firehose sends a request again, two hours at the most.
const resendTime = 150 * time.Minute

// requestTime is more than a request takes from when it is in the spool to when its lines are held.
const requestTime = 5 * time.Minute

// needed is from when on what arrived has to be pushed again when what is held is lost.
func (p *Poller) needed(ctx context.Context) time.Time {
	if p.parts.Spool == nil {
		return time.Time{}
	}
	needed := p.parts.Clock.Now().Add(-requestTime)
	if oldest, held := p.parts.Intake.Oldest(ctx, push.Source); held && oldest.Before(needed) {
		needed = oldest
	}
	if bound := p.parts.Spool.Bound(); bound.After(needed) {
		needed = bound
	}
	return needed
}

// load reads the file. Only a file that does not exist is a fresh start.
func load(path string) (position, error) {
	fresh := position{
		Version: version, Groups: make(map[string]reached), Executions: make(map[string]vendedlogs.Record),
	}
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return position{}, fmt.Errorf("read checkpoint: %w; %s", err, remedy)
	}
	var p position
	switch err := json.Unmarshal(body, &p); {
	case err != nil:
		return position{}, corrupt(path, err)
	case p.Version != version:
		return position{}, corrupt(path, fmt.Errorf("it has version %d, this program reads version %d", p.Version, version))
	case p.Groups == nil || p.Executions == nil:
		return position{}, corrupt(path, errors.New("a member is null or missing"))
	}
	return p, nil
}

const remedy = "let this user read and write the file and its folder, or name another file as checkpoint"

func corrupt(path string, err error) error {
	return fmt.Errorf("checkpoint %s is unusable: %w; restore it from a backup, or move it away to start afresh from the "+
		"initial history (what is sent twice is stored once)", path, err)
}

// save replaces the file. When it returns, the position is on disk.
func save(path string, p position) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write checkpoint %s: %w; %s", path, err, remedy)
		}
	}()
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	next := path + ".next"
	if err := writeSynced(next, body); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	return syncDir(dir)
}

func writeSynced(path string, body []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, werr := f.Write(body)
	return errors.Join(werr, f.Sync(), f.Close())
}

// syncDir makes the rename durable.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
