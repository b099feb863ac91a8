package guardedstorage

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensiontest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

var exporterID = component.MustNewIDWithName("clickhouse", "a/b")

// folder is where a test keeps its files, with what is logged about them.
type folder struct {
	path     string
	recreate bool
	logs     *observer.ObservedLogs
}

func newFolder(t *testing.T) *folder { return &folder{path: t.TempDir()} }

func (f *folder) file() string { return filepath.Join(f.path, "exporter_clickhouse_a~002Fb_traces") }

func (f *folder) extension(t *testing.T, factory extension.Factory) storage.Extension {
	t.Helper()
	cfg := factory.CreateDefaultConfig().(*filestorage.Config)
	cfg.Directory, cfg.Recreate = f.path, f.recreate
	set := extensiontest.NewNopSettings(factory.Type())
	core, logs := observer.New(zap.InfoLevel)
	set.Logger, f.logs = zap.New(core), logs
	e, err := factory.Create(t.Context(), set, cfg)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), componenttest.NewNopHost()))
	return e.(storage.Extension)
}

func (f *folder) open(t *testing.T) (storage.Client, error) {
	t.Helper()
	return f.extension(t, NewFactory()).GetClient(t.Context(), component.KindExporter, exporterID, "traces")
}

func (f *folder) mustOpen(t *testing.T) storage.Client {
	t.Helper()
	c, err := f.open(t)
	require.NoError(t, err)
	return c
}

// upstream opens the file as the Collector's own extension does.
func (f *folder) upstream(t *testing.T) storage.Client {
	t.Helper()
	c, err := f.extension(t, filestorage.NewFactory()).GetClient(t.Context(), component.KindExporter, exporterID, "traces")
	require.NoError(t, err)
	return c
}

// fill writes a queue: entries from..to-1, of which those before read are on their way.
func fill(t *testing.T, c storage.Client, from, read, to uint64) {
	t.Helper()
	ops := []*storage.Operation{storage.SetOperation(metadataKey, metadata{items: 5, read: read, write: to}.marshal())}
	for n := from; n < to; n++ {
		ops = append(ops, storage.SetOperation(strconv.FormatUint(n, 10), []byte("entry "+strconv.FormatUint(n, 10))))
	}
	require.NoError(t, c.Batch(t.Context(), ops...))
	require.NoError(t, c.Close(t.Context()))
}

// entries is what a queue would read, in order.
func entries(t *testing.T, c storage.Client) (all []string) {
	t.Helper()
	text, err := c.Get(t.Context(), metadataKey)
	require.NoError(t, err)
	m, err := parseMetadata(text)
	require.NoError(t, err)
	require.Empty(t, m.dispatched)
	for n := m.read; n < m.write; n++ {
		value, err := c.Get(t.Context(), strconv.FormatUint(n, 10))
		require.NoError(t, err)
		if value != nil {
			all = append(all, string(value))
		}
	}
	return all
}

func TestWhatWasOnItsWayGoesBack(t *testing.T) {
	for name, write := range map[string]func(*folder) storage.Client{
		"ours":     func(f *folder) storage.Client { return f.mustOpen(t) },
		"upstream": func(f *folder) storage.Client { return f.upstream(t) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			fill(t, write(f), 3, 5, 8)
			for range 2 {
				c := f.mustOpen(t)
				require.Equal(t, []string{"entry 5", "entry 6", "entry 7", "entry 3", "entry 4"}, entries(t, c))
				require.NoError(t, c.Close(t.Context()))
			}
		})
	}
}

func TestTheRangeIsFoundOutFromTheEntries(t *testing.T) {
	for name, state := range map[string][]byte{
		"missing": nil, "not a state": []byte("\xff\xff"), "backwards": metadata{read: 9, write: 3}.marshal(),
		"endless": metadata{read: 3, write: 1 << 60}.marshal(), "too short": metadata{read: 3, write: 5}.marshal(),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			c := f.mustOpen(t)
			fill(t, c, 3, 3, 8)
			c = f.mustOpen(t)
			op := storage.SetOperation(metadataKey, state)
			if state == nil {
				op = storage.DeleteOperation(metadataKey)
			}
			require.NoError(t, c.Batch(t.Context(), op))
			require.NoError(t, c.Close(t.Context()))
			c = f.mustOpen(t)
			require.Equal(t, []string{"entry 3", "entry 4", "entry 5", "entry 6", "entry 7"}, entries(t, c))
			require.NoError(t, c.Close(t.Context()))
		})
	}
}

// A value that was changed on disk is no longer what was accepted.
func TestADamagedEntryIsSetAside(t *testing.T) {
	f := newFolder(t)
	fill(t, f.mustOpen(t), 0, 0, 3)
	text, err := os.ReadFile(f.file())
	require.NoError(t, err)
	changed := false
	for i := range len(text) - 7 { // in each copy that there may be
		if string(text[i:i+7]) == "entry 1" {
			text[i] ^= 1
			changed = true
		}
	}
	require.True(t, changed)
	require.NoError(t, os.WriteFile(f.file(), text, 0o600))
	c := f.mustOpen(t)
	require.Equal(t, []string{"entry 0", "entry 2"}, entries(t, c))
	require.NoError(t, c.Close(t.Context()))
	aside, err := os.ReadFile(f.file() + ".damaged-entry-1")
	require.NoError(t, err)
	require.Contains(t, string(aside), "ntry 1")
	require.Equal(t, 1, f.logs.FilterMessageSnippet("an entry of the sending queue is damaged").Len())
}

func TestAFileInUseIsNamed(t *testing.T) {
	f := newFolder(t)
	c := f.mustOpen(t)
	defer func() { require.NoError(t, c.Close(context.Background())) }()
	_, err := f.open(t)
	require.ErrorContains(t, err, f.file()+" is in use by another process")
}

// refusing is a storage of which some operations fail.
type refusing struct {
	storage.Client
	refuse func(op *storage.Operation) bool
}

var errNoSpace = &os.PathError{Op: "write", Path: "queue", Err: syscall.EIO}

func (s *refusing) Batch(ctx context.Context, ops ...*storage.Operation) error {
	for _, op := range ops {
		if s.refuse(op) {
			return errNoSpace
		}
	}
	return s.Client.Batch(ctx, ops...)
}

// The queue deletes an entry that it cannot read, and reads it in one transaction with a write.
func TestAnEntryIsReadAlthoughNothingCanBeWritten(t *testing.T) {
	f := newFolder(t)
	fill(t, f.mustOpen(t), 0, 0, 3)
	c := f.mustOpen(t).(*client)
	inner := &refusing{c.Client, func(op *storage.Operation) bool { return op.Type == storage.Set }}
	c.Client = inner
	get := storage.GetOperation("1")
	require.NoError(t, c.Batch(t.Context(), storage.SetOperation(metadataKey, []byte("x")), get))
	require.Equal(t, "entry 1", string(get.Value))
	require.Error(t, c.Set(t.Context(), "9", []byte("new")), "but nothing is accepted")

	var ended error
	c.fatal = func(err error) { ended = err }
	inner.refuse = func(*storage.Operation) bool { return true }
	require.Error(t, c.Batch(t.Context(), storage.SetOperation(metadataKey, []byte("x")), get))
	require.ErrorContains(t, ended, "cannot be read")
	inner.refuse = func(*storage.Operation) bool { return false }
	require.Error(t, c.Delete(t.Context(), "1"), "nothing is deleted any more")
	require.NoError(t, c.Close(t.Context()))

	c = f.mustOpen(t).(*client)
	require.Equal(t, []string{"entry 0", "entry 1", "entry 2"}, entries(t, c))
	require.NoError(t, c.Close(t.Context()))
}
