package interpreter

import (
	"context"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// FuzzParseItems parses any text in any format: it gives items up to the limit or an error, and each CSV record has the
// columns of the header.
func FuzzParseItems(f *testing.F) {
	for _, inputType := range []string{"JSON", "JSONL", "CSV"} {
		f.Add(inputType, `[1,{"a":[2]}]`, "/1/a", "COMMA")
		f.Add(inputType, "a,b\n1,\"2\n3\"\n,,,\n", "", "TAB")
		f.Add(inputType, "\xef\xbb\xbf{}\n{\"x\":1}\n", "/x", "PIPE")
	}
	f.Fuzz(func(t *testing.T, inputType, body, pointer, delimiter string) {
		r := &itemReader{ctx: context.Background(), limit: 100, ItemReader: &asl.ItemReader{
			ItemsPointer: pointer, CSVDelimiter: delimiter,
		}}
		err := r.parse(inputType, []byte(body), "s3://b/k")
		if len(r.items) > r.limit {
			t.Fatalf("%d items", len(r.items))
		}
		for n, item := range r.items {
			if item.index != n {
				t.Fatalf("item %d has the index %d", n, item.index)
			}
			if _, err := jsonvalue.Decode(jsonvalue.Encode(item.value)); err != nil {
				t.Fatal(err)
			}
		}
		if err == nil && inputType == "CSV" && delimiter == "COMMA" {
			rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
			if err == nil && len(rows) > 0 && len(r.items) != len(rows)-1 {
				t.Fatalf("%d items of %d rows", len(r.items), len(rows))
			}
		}
	})
}

func TestFollowPointer(t *testing.T) {
	document, err := jsonvalue.Decode([]byte(`{"a/b":{"~":[10,20]},"":1}`))
	require.NoError(t, err)
	for pointer, want := range map[string]string{
		"": `{"a/b":{"~":[10,20]},"":1}`, "/a~1b/~0/1": "20", "/": "1",
	} {
		got, err := follow(document, pointer)
		require.NoError(t, err)
		require.Equal(t, want, jsonvalue.Text(got), pointer)
	}
	for _, pointer := range []string{"/a", "/a~1b/~0/2", "/a~1b/~0/-1", "/a~1b/~0/x", "//x"} {
		_, err := follow(document, pointer)
		require.ErrorContains(t, err, "points to nothing", pointer)
	}
}
