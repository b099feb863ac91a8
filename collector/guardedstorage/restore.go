package guardedstorage

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
)

// sealedKey says that every value of the file is sealed.
const sealedKey = "steptrace.sealed"

// found is what there is in a file.
type found struct {
	state   []byte // unsealed; nil without one that can be read
	sealed  bool   // the whole file
	entries []uint64
	legacy  bool // older than metadataKey
}

// restore makes the file ready for a queue to start on: all entries sealed and in the range that it reads. It is one
// transaction. The queue itself deletes what was on its way before it adds it again, and loses it if killed then.
func (c *client) restore(ctx context.Context) error {
	walker, ok := c.Client.(storage.Walker)
	if !ok {
		return errors.New("this file_storage cannot be walked through")
	}
	var f found
	if mark, err := c.Client.Get(ctx, sealedKey); err != nil {
		return err
	} else if mark != nil {
		f.sealed = true
	}
	var mending []*storage.Operation
	err := walker.Walk(ctx, func(key string, value []byte) ([]*storage.Operation, error) {
		mending = append(mending, c.mend(&f, key, value)...)
		return nil, nil
	})
	if err != nil {
		return err
	}
	moving, err := c.arrange(ctx, &f)
	if err != nil {
		return err
	}
	ops := append(mending, moving...)
	if !f.sealed {
		ops = append(ops, storage.SetOperation(sealedKey, []byte("1")))
	}
	if len(ops) == 0 {
		return nil
	}
	return c.Client.Batch(ctx, ops...)
}

// mend takes note of a value, and says what is to be done with it where it is.
func (c *client) mend(f *found, key string, value []byte) []*storage.Operation {
	if key == sealedKey {
		return nil
	}
	content, err := unseal(key, value)
	unknown := errors.Is(err, errUnsealed) && !f.sealed // written by the Collector's own file_storage
	if unknown {
		content, err = slices.Clone(value), nil
	}
	n, entry := index(key)
	switch {
	case err != nil && entry:
		c.setAside(key, value, err)
		return []*storage.Operation{storage.DeleteOperation(key)}
	case err != nil:
		c.logger.Error("what the sending queue knows of itself is damaged and found out anew",
			zap.String("key", key), zap.NamedError("damage", err))
		return []*storage.Operation{storage.DeleteOperation(key)}
	case entry:
		f.entries = append(f.entries, n)
	case key == metadataKey:
		f.state = slices.Clone(content)
	default:
		f.legacy = true
	}
	if unknown {
		return []*storage.Operation{storage.SetOperation(key, seal(key, content))}
	}
	return nil
}

// arrange puts the entries before the range that the queue reads, which were on their way, behind it.
func (c *client) arrange(ctx context.Context, f *found) ([]*storage.Operation, error) {
	if len(f.entries) == 0 && f.state == nil || f.legacy {
		return nil, nil
	}
	slices.Sort(f.entries)
	m, err := parseMetadata(f.state)
	anew := err != nil || f.state == nil || !m.covers(f.entries)
	if anew {
		c.logger.Warn("the sending queue's range was found out from its entries", zap.Int("entries", len(f.entries)))
		m = metadata{items: 0, bytes: 0}
		if len(f.entries) > 0 {
			m.read, m.write = f.entries[0], f.entries[len(f.entries)-1]+1
		}
	}
	var ops []*storage.Operation
	for _, n := range f.entries {
		if n >= m.read {
			break
		}
		old, next := strconv.FormatUint(n, 10), strconv.FormatUint(m.write, 10)
		value, err := c.Client.Get(ctx, old)
		if err != nil {
			return nil, err
		}
		content, err := unseal(old, value)
		if err != nil {
			content = value
		}
		ops = append(ops, storage.SetOperation(next, seal(next, content)), storage.DeleteOperation(old))
		m.write++
	}
	if len(ops) == 0 && len(m.dispatched) == 0 && !anew {
		return nil, nil
	}
	if len(ops) > 0 {
		c.logger.Info("what was on its way when the process ended goes back into the sending queue",
			zap.Int("requests", len(ops)/2))
	}
	return append(ops, storage.SetOperation(metadataKey, seal(metadataKey, m.marshal()))), nil
}

// mostGap bounds how many indexes without an entry a queue walks through.
const mostGap = 1 << 20

// covers tells whether the range can be right.
func (m metadata) covers(entries []uint64) bool {
	if m.read > m.write {
		return false
	}
	if len(entries) == 0 {
		return m.write-m.read <= mostGap
	}
	return entries[len(entries)-1] < m.write && m.write-m.read <= uint64(len(entries))+mostGap
}
