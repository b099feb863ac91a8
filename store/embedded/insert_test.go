package embedded_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/stretchr/testify/require"
)

func TestInsertFormats(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	c.must("INSERT INTO t VALUES (1, 'x; --'), (2, 'a\n\nb');")
	c.must("INSERT INTO t FORMAT CSV\n3,z\n4,\"w\n\nv\"\n")
	c.must("INSERT INTO t (b, a) SETTINGS max_threads = 1 FORMAT JSONEachRow {\"a\":5,\"b\":\"y\"}\n\n{\"b\":\"y\",\"a\":6}")
	require.Empty(t, c.upload("INSERT INTO t FORMAT TSV", strings.NewReader("7\tq\n")).body)
	require.Empty(t, c.upload("INSERT INTO t VALUES", strings.NewReader("(8,'r')")).body)
	require.Empty(t, c.upload("INSERT INTO t", strings.NewReader("FORMAT TSV\n9\ts\n")).body)
	c.must("INSERT INTO t SELECT number + 10, 'n' FROM numbers(2)")
	c.refused("48", "INSERT INTO t SELECT a + 10, b FROM input('a UInt64, b String') FORMAT TSV\n2\tin\n")
	require.Equal(t, "x; --|a\n\nb|z|w\n\nv|y|y|q|r|s|n|n",
		c.must("SELECT arrayStringConcat(groupArray(b), '|') FROM (SELECT b FROM t ORDER BY a) FORMAT RawBLOB"))
}

func TestInsertCountsItsRows(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	r := c.upload("INSERT INTO t FORMAT TSV", strings.NewReader("1\n2\n3\n"))
	require.Contains(t, r.header.Get("X-ClickHouse-Summary"), `"written_rows":"3"`)
}

func TestBadDataIsRefusedAsAWhole(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	for _, statement := range []string{
		"INSERT INTO t FORMAT TSV\n1\nx\n", "INSERT INTO t VALUES (1), ('x')", "INSERT INTO t FORMAT JSONEachRow {\"a\":1} {",
	} {
		require.NotEmpty(t, c.post(statement).code(), statement)
	}
	c.refused("60", "INSERT INTO nope FORMAT TSV\n1\n")
	c.refused("73", "INSERT INTO t FORMAT Nonsense\n1\n")
	require.Equal(t, "0", c.must("SELECT count() FROM t"))
}

// block is a Native block of revision 0 with one UInt64 column.
func block(values ...uint64) []byte {
	var b proto.Buffer
	b.PutUVarInt(1)
	b.PutUVarInt(uint64(len(values)))
	b.PutString("a")
	b.PutString("UInt64")
	for _, v := range values {
		b.PutUInt64(v)
	}
	return b.Buf
}

func compressed(t *testing.T, data []byte) []byte {
	t.Helper()
	w := compress.NewWriter(compress.LevelZero, compress.LZ4)
	require.NoError(t, w.Compress(data))
	return bytes.Clone(w.Data)
}

// The engine would cut binary data inside of a statement at a blank line, here 0x0a0a.
func TestNativeDataMayHoldAnything(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	const blankLines, semicolons = 0x0a0a0a0a0a0a0a0a, 0x3b3b3b3b3b3b3b3b
	data := block(blankLines, semicolons)
	require.Empty(t, c.upload("INSERT INTO t FORMAT Native", bytes.NewReader(data)).body)
	require.Empty(t, c.post("INSERT INTO t FORMAT Native\n"+string(data)).body)
	require.Empty(t, c.with("decompress", "1").upload("INSERT INTO t FORMAT Native",
		bytes.NewReader(append(compressed(t, data), compressed(t, data)...))).body)
	require.Equal(t, "4\t4", c.must(fmt.Sprintf("SELECT countIf(a = %d), countIf(a = %d) FROM t", uint64(blankLines), semicolons)))
}

func TestCompressedUploadThatEndsInsideOfABlock(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	whole := compressed(t, block(1, 2, 3))
	const header = 25 // checksum, method and sizes
	for _, cut := range []int{1, header - 1, header, header + 1, len(whole) - 1} {
		data := append(bytes.Clone(whole), whole[:cut]...)
		r := c.with("decompress", "1").upload("INSERT INTO t FORMAT Native", bytes.NewReader(data))
		require.Equal(t, "33", r.code(), "%d: %s", cut, r.body)
	}
	require.NotEmpty(t, c.with("decompress", "1").upload("INSERT INTO t FORMAT Native", strings.NewReader("rubbish")).code())
	require.Equal(t, "0", c.must("SELECT count() FROM t"))
}

// A connection that breaks in the middle of an upload must not look like the upload's end.
func TestUploadCutOffByTheNetwork(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	for name, head := range map[string]string{
		"chunked":        "Transfer-Encoding: chunked\r\n\r\n6\r\n1\n2\n3\n\r\n",
		"content length": "Content-Length: 600\r\n\r\n1\n2\n3\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
		require.NoError(t, err)
		_, err = fmt.Fprintf(conn, "POST /?%s HTTP/1.1\r\nHost: localhost\r\n%s",
			c.with("query", "INSERT INTO t FORMAT TSV").params.Encode(), head)
		require.NoError(t, err)
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err, name)
		message, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.NoError(t, conn.Close())
		require.Equal(t, "33", response.Header.Get("X-ClickHouse-Exception-Code"), "%s: %s", name, message)
		require.Contains(t, string(message), "The upload was cut off")
	}
	require.Equal(t, "0", c.must("SELECT count() FROM t"))
}

func TestDeduplicationToken(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100")
	insert := func(token string, values ...uint64) {
		r := c.with("insert_deduplication_token", token).upload("INSERT INTO t FORMAT Native", bytes.NewReader(block(values...)))
		require.Equal(t, http.StatusOK, r.status, r.body)
	}
	insert("one", 1)
	insert("one", 1)
	insert("one", 2) // the token counts, not the content
	insert("two", 1)
	require.Equal(t, "2", c.must("SELECT count() FROM t"))
}

func TestEqualInsertsAreStoredTwiceWithoutAWindow(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	c.must("INSERT INTO t VALUES (1)")
	c.must("INSERT INTO t VALUES (1)")
	require.Equal(t, "2", c.must("SELECT count() FROM t"))
}

func TestMaterializedViewsAreFed(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	c.must("CREATE TABLE sums (k UInt8, s AggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY k")
	c.must("CREATE MATERIALIZED VIEW mv TO sums AS SELECT a % 2 AS k, sumState(a) AS s FROM t GROUP BY k")
	c.must("INSERT INTO t SELECT number FROM numbers(10)")
	require.Empty(t, c.upload("INSERT INTO t FORMAT Native", bytes.NewReader(block(10, 11))).body)
	require.Equal(t, "0\t30\n1\t36", c.must("SELECT k, sumMerge(s) FROM sums GROUP BY k ORDER BY k"))
}
