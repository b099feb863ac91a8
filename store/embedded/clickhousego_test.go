package embedded_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func connect(t *testing.T, method clickhouse.CompressionMethod) clickhouse.Conn {
	t.Helper()
	options, err := clickhouse.ParseDSN(embeddedtest.DSN(t))
	require.NoError(t, err)
	options.Compression = &clickhouse.Compression{Method: method, Level: 1}
	conn, err := clickhouse.Open(options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

func TestClickhouseGo(t *testing.T) {
	for _, method := range []clickhouse.CompressionMethod{
		clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD,
		clickhouse.CompressionGZIP, clickhouse.CompressionDeflate, clickhouse.CompressionBrotli,
	} {
		t.Run(method.String(), func(t *testing.T) { useClickhouseGo(t, connect(t, method)) })
	}
}

func useClickhouseGo(t *testing.T, conn clickhouse.Conn) {
	ctx := context.Background()
	require.NoError(t, conn.Ping(ctx))
	require.NoError(t, conn.Exec(ctx, `CREATE TABLE spans (
		time DateTime64(9), trace String, service LowCardinality(String),
		attributes Map(LowCardinality(String), String), n Nullable(Int32),
		events Nested (time DateTime64(9), name LowCardinality(String)),
		INDEX by_trace trace TYPE bloom_filter(0.001) GRANULARITY 1
	) ENGINE = MergeTree PARTITION BY toDate(time) ORDER BY (service, time)`))

	now := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO spans")
	require.NoError(t, err)
	const rows = 20_000
	for i := range rows {
		n := int32(i)
		require.NoError(t, batch.Append(now.Add(time.Duration(i)), "\n\n;\x00trace", "svc",
			map[string]string{"k": "1\n\n2"}, &n, []time.Time{now}, []string{"ev"}))
	}
	require.NoError(t, batch.Send())

	var count uint64
	var sum int64
	require.NoError(t, conn.QueryRow(ctx, "SELECT count(), sum(n) FROM spans").Scan(&count, &sum))
	require.EqualValues(t, rows, count)
	require.EqualValues(t, rows*(rows-1)/2, sum)

	var got time.Time
	var trace string
	var attributes map[string]string
	const find = "SELECT time, trace, attributes FROM spans WHERE n = {n:Int32} AND service = {s:String}"
	require.NoError(t, conn.QueryRow(ctx, find,
		clickhouse.Named("n", 11), clickhouse.Named("s", "svc")).Scan(&got, &trace, &attributes))
	require.True(t, now.Add(11).Equal(got), "%s", got)
	require.Equal(t, "\n\n;\x00trace", trace)
	require.Equal(t, map[string]string{"k": "1\n\n2"}, attributes)

	err = conn.Exec(ctx, "SELEC 1")
	var exception *clickhouse.Exception
	require.True(t, errors.As(err, &exception), "%v", err)
	require.EqualValues(t, 62, exception.Code)
}
