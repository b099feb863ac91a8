package redact

import (
	"strings"
	"testing"
)

// BenchmarkJSON is of 16 KiB of an ordinary event.
func BenchmarkJSON(b *testing.B) {
	record := `{"id":12345,"name":"Größe","tags":["a","b"],"address":{"street":"Main St. 1","zip":"12345","token":"x"}},`
	event := []byte(`[` + strings.TrimSuffix(strings.Repeat(record, 16<<10/len(record)), ",") + `]`)
	b.SetBytes(int64(len(event)))
	b.ReportAllocs()
	for b.Loop() {
		Redactor{}.JSON(event)
	}
}
