package embedded_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func TestStatementInURLOrBodyOrBoth(t *testing.T) {
	c := newClient(t)
	require.Equal(t, "1\n", c.get("SELECT 1").body)
	require.Equal(t, "1\n", c.post("SELECT 1").body)
	require.Equal(t, "3\n", c.upload("SELECT 1 +", strings.NewReader("2")).body)
	require.Equal(t, "1\n", c.post("SELECT 1; -- the end\n;").body)
	require.Equal(t, "Ok.\n", c.get("").body)
	c.refused("62", "")
	c.refused("62", "-- nothing")
}

func TestPaths(t *testing.T) {
	base := embeddedtest.Server(t).URL()
	for path, want := range map[string]int{"/ping": 200, "/replicas_status": 200, "/": 200, "/play": 404} {
		response, err := http.Get(base + path)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, want, response.StatusCode, path)
	}
	response, err := http.Get(base + "/?a=%zz")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusBadRequest, response.StatusCode)
}

func TestCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	c := newClient(t)
	out, err := exec.Command("curl", "--silent", "--compressed", c.url+"/", "--data-binary",
		"SELECT number FROM numbers(3) FORMAT JSONEachRow").CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, "{\"number\":0}\n{\"number\":1}\n{\"number\":2}\n", string(out))
}

func TestFormats(t *testing.T) {
	c := newClient(t)
	const query = "SELECT number AS n FROM numbers(5) SETTINGS max_block_size = 2"
	for format, want := range map[string]string{
		"TabSeparated":         "0\n1\n2\n3\n4\n",
		"CSVWithNames":         "\"n\"\n0\n1\n2\n3\n4\n", // a head, so it may not be sent block by block
		"JSONCompactEachRow":   "[0]\n[1]\n[2]\n[3]\n[4]\n",
		"Values":               "(0),(1),(2),(3),(4)",
		"JSONColumns":          "{\n\t\"n\": [0, 1, 2, 3, 4]\n}\n",
		"TSVWithNamesAndTypes": "n\nUInt64\n0\n1\n2\n3\n4\n",
	} {
		r := c.with("default_format", format).post(query)
		require.Equal(t, want, r.body)
		require.Equal(t, format, r.header.Get("X-ClickHouse-Format"))
		require.Equal(t, want, c.post(query+" FORMAT "+format).body)
	}
	csv := c.with("default_format", "CSV").post("SELECT 1")
	require.Equal(t, "text/csv; charset=UTF-8", csv.header.Get("Content-Type"))
	require.Equal(t, "CSV", c.post("SELECT 1 FORMAT CSV").header.Get("X-ClickHouse-Format"))
	c.refused("73", "SELECT 1 FORMAT Nonsense")
}

// What has to be made as a whole is bounded by max_memory_usage.
func TestResultsInMemoryAreCapped(t *testing.T) {
	c := newClient(t)
	r := c.post("SELECT repeat('x', 1000) FROM numbers(100000000) FORMAT JSON")
	require.Equal(t, "241", r.code(), "%.300s", r.body)
	require.Equal(t, "1", c.must("SELECT 1"))
}

func TestEmptyNativeResultNamesItsColumns(t *testing.T) {
	c := newClient(t)
	const want = "\x02\x00\x01n\x06UInt64\x01s\x16LowCardinality(String)"
	const query = "SELECT number AS n, toLowCardinality({s:String}) AS s FROM numbers(0)"
	require.Equal(t, want, c.with("default_format", "Native", "param_s", "x").post(query).body)
	require.Equal(t, want, c.with("param_s", "x").post(query+" FORMAT Native").body)
	require.Empty(t, c.with("param_s", "x").post(query).body)
}

func TestParametersStayOnTheServer(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (id UInt64, s String) ENGINE = MergeTree ORDER BY id")
	p := c.with("param_id", "7", "param_s", `'; DROP TABLE t; -- \n`)
	p.must("INSERT INTO t VALUES ({id:UInt64}, {s:String}), (8, 'a\n\nb')")
	const find = "SELECT s FROM t WHERE id = {id:UInt64} AND s = {s:String} FORMAT RawBLOB"
	require.Equal(t, `'; DROP TABLE t; -- `+"\n", p.post(find).body)
	require.Equal(t, "a\n\nb", p.must("SELECT s FROM t WHERE id = 8 FORMAT RawBLOB"))
	require.Equal(t, "['a','b']", c.with("param_x", "['a','b']").must("SELECT {x:Array(String)}"))
	require.Equal(t, "456", c.post("SELECT {missing:String}").code())
}

func TestSettingsBelongToOneRequest(t *testing.T) {
	c := newClient(t)
	const seen = "SELECT getSetting('max_block_size')"
	usual := c.must(seen)
	require.Equal(t, "123", c.with("max_block_size", "123").must(seen))
	require.Equal(t, usual, c.must(seen))
	c.must("SET max_block_size = 124")
	require.Equal(t, usual, c.must(seen))
	c.must("CREATE TEMPORARY TABLE passing (a UInt8)")
	c.refused("60", "SELECT * FROM passing")
	c.must("USE system")
	require.NotEqual(t, "system", c.must("SELECT currentDatabase()"))

	require.Equal(t, "115", c.with("nonsense", "1").post("SELECT 1").code())
	require.Equal(t, "115", c.with("a;b", "1").post("SELECT 1").code())
	require.Equal(t, "48", c.with("session_id", "1").post("SELECT 1").code())
	require.Equal(t, "81", c.with("database", "no`such").post("SELECT 1").code())
}

func TestOneStatementPerRequest(t *testing.T) {
	c := newClient(t)
	c.refused("62", "SELECT 1; SELECT 2")
	c.refused("62", "CREATE TABLE a (x UInt8) ENGINE = Memory PARALLEL WITH CREATE TABLE b (x UInt8) ENGINE = Memory")
	require.Equal(t, "0", c.must("SELECT count() FROM system.tables WHERE database = currentDatabase()"))
}

func TestErrorsHaveCodeStatusAndPosition(t *testing.T) {
	c := newClient(t)
	r := c.refused("62", "SELECT 1 1")
	require.Equal(t, http.StatusBadRequest, r.status)
	require.Contains(t, r.body, "failed at position 10")
	require.NotContains(t, r.body, "steptrace:")
	require.Equal(t, http.StatusNotFound, c.refused("60", "SELECT * FROM nope").status)
	require.Equal(t, 1, strings.Count(c.refused("395", "SELECT throwIf(1)").body, "Code: "))
	c.refused("62", "SELECT 'a")
	c.refused("62", "SELECT 1 \x00")
	c.refused("62", "SELECT '"+strings.Repeat("a", 1<<20)+"'")
}

// An exception behind a part of the result cannot have a status any more: it stands in a marked block.
func TestExceptionInTheMiddleOfAResult(t *testing.T) {
	c := newClient(t)
	const query = "SELECT throwIf(number = 300000), repeat('x', 100) FROM numbers(1000000) SETTINGS max_block_size = 8192"
	check := func(r reply, body string) {
		require.Equal(t, http.StatusOK, r.status)
		tag := r.header.Get("X-ClickHouse-Exception-Tag")
		require.Len(t, tag, 16)
		_, block, found := strings.Cut(body, "\r\n__exception__\r\n"+tag+"\r\n")
		require.True(t, found)
		message, rest, found := strings.Cut(block, "\n")
		require.True(t, found)
		require.True(t, strings.HasPrefix(message, "Code: 395. DB::Exception: "), message)
		require.Equal(t, fmt.Sprintf("%d %s\r\n__exception__\r\n", len(message)+1, tag), rest)
	}
	r := c.post(query)
	check(r, r.body)

	r = c.withHeader("Accept-Encoding", "gzip").post(query)
	zr, err := gzip.NewReader(strings.NewReader(r.body))
	require.NoError(t, err)
	plain, err := io.ReadAll(zr)
	require.NoError(t, err)
	check(r, string(plain))

	require.Equal(t, "395", c.with("wait_end_of_query", "1").post(query).code())
}

func TestUploadEncodings(t *testing.T) {
	c := newClient(t)
	c.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	zstdWriter := func(w io.Writer) io.WriteCloser {
		zw, err := zstd.NewWriter(w)
		require.NoError(t, err)
		return zw
	}
	for name, newWriter := range map[string]func(io.Writer) io.WriteCloser{
		"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
		"br":      func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) },
		"zstd":    zstdWriter,
	} {
		var packed bytes.Buffer
		w := newWriter(&packed)
		_, err := io.WriteString(w, "1\n2\n3\n")
		require.NoError(t, err)
		require.NoError(t, w.Close())
		encoded := c.withHeader("Content-Encoding", name)
		require.Empty(t, encoded.upload("INSERT INTO t FORMAT TSV", bytes.NewReader(packed.Bytes())).body, name)

		cut := packed.Bytes()[:packed.Len()-2]
		require.NotEqual(t, 200, encoded.upload("INSERT INTO t FORMAT TSV", bytes.NewReader(cut)).status, name)
	}
	require.Equal(t, "12", c.must("SELECT count() FROM t"))
	require.Equal(t, "33", c.withHeader("Content-Encoding", "gzip").post("SELECT 1").code())
	require.Equal(t, "33", c.withHeader("Content-Encoding", "rot13").post("SELECT 1").code())
}

func TestResultEncodings(t *testing.T) {
	c := newClient(t)
	for name, newReader := range map[string]func(io.Reader) (io.Reader, error){
		"gzip":    func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"deflate": func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) },
		"br":      func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	} {
		r := c.withHeader("Accept-Encoding", "x, "+name).post("SELECT 'abc'")
		require.Equal(t, name, r.header.Get("Content-Encoding"))
		reader, err := newReader(strings.NewReader(r.body))
		require.NoError(t, err)
		plain, err := io.ReadAll(reader)
		require.NoError(t, err)
		require.Equal(t, "abc\n", string(plain))
	}
	packed := c.withHeader("Accept-Encoding", "gzip")
	require.Empty(t, packed.refused("60", "SELECT * FROM nope").header.Get("Content-Encoding"))
	require.Equal(t, "1\n", packed.with("enable_http_compression", "0").post("SELECT 1").body)
}

func TestExternalTables(t *testing.T) {
	c := newClient(t)
	send := func(c *client, structure, content string) reply {
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		part, err := w.CreateFormFile("ids", "ids.tsv")
		require.NoError(t, err)
		_, err = io.WriteString(part, content)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return c.with("ids_structure", structure).withHeader("Content-Type", w.FormDataContentType()).
			upload("SELECT sum(id), any(name) FROM ids", &form)
	}
	require.Equal(t, "7\tx\n", send(c, "id UInt64, name String", "3\tx\n4\tx\n").body)
	require.Equal(t, "36", send(c, "id UInt64) ENGINE = Memory; DROP TABLE x; --", "3\n").code())
	require.Equal(t, "36", send(c, "", "3\n").code())
	require.Equal(t, "36", send(c, "id UInt64, name String", strings.Repeat("x", 65<<20)).code())
}
