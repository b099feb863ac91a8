package embedded_test

import (
	"bytes"
	"net/http"
	"net/url"
	"testing"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func post(b *testing.B, statement string, body []byte) {
	b.Helper()
	address := embeddedtest.Server(b).URL() + "/?query=" + url.QueryEscape(statement)
	response, err := http.Post(address, "", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		b.Fatal(response.Header.Get("X-ClickHouse-Exception-Code"))
	}
}

func BenchmarkSelectOne(b *testing.B) {
	for b.Loop() {
		post(b, "SELECT 1 FORMAT Null", nil)
	}
}

// BenchmarkInsert sends 10,000 narrow rows at a time; one operation is one row.
func BenchmarkInsert(b *testing.B) {
	const rows = 10_000
	post(b, "CREATE OR REPLACE TABLE bench (writer UInt64, number UInt64, row UInt64, payload String) "+
		"ENGINE = MergeTree ORDER BY (writer, number)", nil)
	data := batch(0, 0, rows)
	b.ResetTimer()
	for range (b.N + rows - 1) / rows {
		post(b, "INSERT INTO bench FORMAT Native", data)
	}
}
