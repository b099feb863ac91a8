package guardedstorage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"

	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
)

// client keeps the queue of one signal of an exporter.
type client struct {
	storage.Client
	path   string
	logger *zap.Logger
	fatal  func(error)

	failing atomic.Bool // the last write did
	broken  atomic.Pointer[error]
}

func (c *client) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := c.Batch(ctx, op)
	return op.Value, err
}

func (c *client) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

func (c *client) Delete(ctx context.Context, key string) error {
	return c.Batch(ctx, storage.DeleteOperation(key))
}

// Batch seals what is written and unseals what is read.
func (c *client) Batch(ctx context.Context, ops ...*storage.Operation) error {
	if err := c.broken.Load(); err != nil {
		return *err
	}
	sealed := make([]*storage.Operation, len(ops))
	for i, op := range ops {
		copied := *op
		if sealed[i] = &copied; op.Type == storage.Set {
			copied.Value = seal(op.Key, op.Value)
		}
	}
	err := c.Client.Batch(ctx, sealed...)
	c.tell(err)
	if err != nil {
		err = c.without(ctx, sealed, err)
	}
	if err != nil {
		return err
	}
	for i, op := range ops {
		if op.Type == storage.Get {
			op.Value = c.content(op.Key, sealed[i].Value)
		}
	}
	return nil
}

// without reads what cannot be read and written at once. The queue would take it that the entry is bad, and delete it.
// What it wanted to note, that the entry is on its way, is of no use but after a crash: then the entry is sent again.
func (c *client) without(ctx context.Context, ops []*storage.Operation, cause error) error {
	var gets []*storage.Operation
	for _, op := range ops {
		if op.Type == storage.Get {
			gets = append(gets, op)
		}
	}
	if len(gets) == 0 {
		return c.explain(cause)
	}
	if err := c.Client.Batch(ctx, gets...); err != nil {
		err = fmt.Errorf("the sending queue in %s cannot be read: %w; what it holds is kept, mend its disk and start "+
			"the collector again", c.path, errors.Join(cause, err))
		if c.broken.CompareAndSwap(nil, &err) {
			c.logger.Error("the sending queue cannot be read, the collector ends so that nothing is lost", zap.Error(err))
			c.fatal(err)
		}
		return err
	}
	return nil
}

func (c *client) explain(err error) error {
	if full(err) {
		return explainFull(c.path, err)
	}
	return fmt.Errorf("write the sending queue in %s: %w", c.path, err)
}

// tell logs when writing begins to fail, and when it is well again.
func (c *client) tell(err error) {
	switch {
	case err != nil && !c.failing.Swap(true):
		c.logger.Error("the sending queue cannot be written, senders are refused", zap.Error(c.explain(err)))
	case err == nil && c.failing.Swap(false):
		c.logger.Info("the sending queue can be written again")
	}
}

// content is what a sealed value holds, nil if there is none. A damaged one is set aside.
func (c *client) content(key string, value []byte) []byte {
	if value == nil {
		return nil
	}
	content, err := unseal(key, value)
	if err != nil {
		c.setAside(key, value, err)
		return nil
	}
	return content
}

// setAside keeps a damaged entry in a file of its own.
func (c *client) setAside(key string, value []byte, damage error) {
	aside := c.path + ".damaged-entry-" + key
	err := os.WriteFile(aside, value, 0o600)
	c.logger.Error("an entry of the sending queue is damaged: it was accepted, cannot be sent, and is set aside",
		zap.String("entry", key), zap.String("moved_to", aside), zap.NamedError("damage", damage), zap.Error(err))
}

// index is that of an entry, which other keys have not.
func index(key string) (uint64, bool) {
	n, err := strconv.ParseUint(key, 10, 64)
	return n, err == nil
}
