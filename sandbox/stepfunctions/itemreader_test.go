package stepfunctions_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"
)

// runMap runs a Map state in distributed mode whose children pass their input on. fields are the state's other fields.
func (a *account) runMap(fields, input string) *sfn.DescribeExecutionOutput {
	a.t.Helper()
	return a.runChildren(`{"P":{"Type":"Pass","End":true}}`, "P", fields, input)
}

func (a *account) runChildren(states, first, fields, input string) *sfn.DescribeExecutionOutput {
	a.t.Helper()
	definition := fmt.Sprintf(`{"StartAt":"M","States":{"M":{"Type":"Map","Label":"L","End":true,%s,"ItemProcessor":{
		"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":%q,"States":%s}}}}`, fields, first, states)
	machine, err := a.states.CreateStateMachine(a.ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("m"), Definition: &definition, RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
	})
	require.NoError(a.t, err)
	started, err := a.states.StartExecution(a.ctx, &sfn.StartExecutionInput{
		StateMachineArn: machine.StateMachineArn, Input: &input,
	})
	require.NoError(a.t, err)
	out := a.ended(started.ExecutionArn)
	_, err = a.states.DeleteStateMachine(a.ctx, &sfn.DeleteStateMachineInput{StateMachineArn: machine.StateMachineArn})
	require.NoError(a.t, err)
	return out
}

func (a *account) get(key string) []byte {
	a.t.Helper()
	out, err := a.s3.GetObject(a.ctx, &s3.GetObjectInput{Bucket: aws.String("images"), Key: &key})
	require.NoError(a.t, err)
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	require.NoError(a.t, err)
	return body
}

func zipped(t *testing.T, text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestItemReaderFormats(t *testing.T) {
	a := newAccount(t)
	a.put("rows.csv", []byte("id;name\n1;\"a;b\"\n2;c\n"))
	a.put("rows.csv.gz", zipped(t, "x,y\n1,2\n"))
	a.put("lines.jsonl", []byte("{\"n\":1}\n\n[2]\n"))
	a.put("nested.json", []byte(`{"a/b":[0,{"list":[10,20,30]}]}`))
	a.put("inventory/files/1.csv.gz", zipped(t, "\"images\",\"one.png\",\"5\"\n"))
	a.put("inventory/manifest.json", []byte(`{"sourceBucket":"images","destinationBucket":"arn:aws:s3:::images","fileFormat":"CSV",
		"fileSchema":"Bucket, Key, Size","files":[{"key":"inventory/files/1.csv.gz","size":1}]}`))
	a.put("athena.csv", []byte("s3://images/lines.jsonl\n\"s3://images/lines.jsonl\"\n"))
	tests := map[string]struct{ config, key, want string }{
		"CSV with a delimiter": {
			`{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","CSVDelimiter":"SEMICOLON"}`, "rows.csv",
			`[{"id":"1","name":"a;b"},{"id":"2","name":"c"}]`,
		},
		"compressed":        {`{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"}`, "rows.csv.gz", `[{"x":"1","y":"2"}]`},
		"JSON Lines":        {`{"InputType":"JSONL"}`, "lines.jsonl", `[{"n":1},[2]]`},
		"MaxItems":          {`{"InputType":"JSONL","MaxItems":1}`, "lines.jsonl", `[{"n":1}]`},
		"an ItemsPointer":   {`{"InputType":"JSON","ItemsPointer":"/a~1b/1/list"}`, "nested.json", `[10,20,30]`},
		"an S3 inventory":   {`{"InputType":"MANIFEST"}`, "inventory/manifest.json", `[{"Bucket":"images","Key":"one.png","Size":"5"}]`},
		"an Athena query's": {`{"InputType":"JSONL","ManifestType":"ATHENA_DATA"}`, "athena.csv", `[{"n":1},[2],{"n":1},[2]]`},
	}
	for name, test := range tests {
		out := a.runMap(fmt.Sprintf(`"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":%s,
			"Parameters":{"Bucket":"images","Key":%q}}`, test.config, test.key), `{}`)
		require.Equal(t, types.ExecutionStatusSucceeded, out.Status, "%s: %s", name, aws.ToString(out.Cause))
		require.JSONEq(t, test.want, *out.Output, name)
	}
}

func TestItemReaderFailures(t *testing.T) {
	a := newAccount(t)
	a.put("bad.json", []byte(`[1`))
	a.put("bad.jsonl", []byte("1\n{"))
	tests := map[string]string{
		`"ReaderConfig":{"InputType":"JSON"},"Parameters":{"Bucket":"images","Key":"none"}`:                                  "Status Code: 404",
		`"ReaderConfig":{"InputType":"JSON"},"Parameters":{"Bucket":"images","Key":"bad.json"}`:                              "not valid JSON",
		`"ReaderConfig":{"InputType":"JSON","ItemsPointer":"/x"},"Parameters":{"Bucket":"images","Key":"bad.jsonl"}`:         "not valid JSON",
		`"ReaderConfig":{"InputType":"JSONL"},"Parameters":{"Bucket":"images","Key":"bad.jsonl"}`:                            "line 2 is not valid JSON",
		`"ReaderConfig":{"InputType":"PARQUET"},"Parameters":{"Bucket":"images","Key":"bad.json"}`:                           "does not support the InputType PARQUET",
		`"ReaderConfig":{"InputType":"MANIFEST"},"Parameters":{"Bucket":"images","Key":"bad.json"}`:                          "not one of an S3 inventory",
		`"ReaderConfig":{"InputType":"CSV","CSVDelimiter":"DOT"},"Parameters":{"Bucket":"images","Key":"bad.json"}`:          "CSVDelimiter DOT",
		`"ReaderConfig":{"InputType":"JSON"},"Parameters":{"Bucket":"images"}`:                                               "",
		`"ReaderConfig":{"InputType":"CSV","ManifestType":"ATHENA_DATA"},"Parameters":{"Bucket":"images","Key":"bad.jsonl"}`: "an s3:// URI",
	}
	for fields, want := range tests {
		out := a.runMap(`"ItemReader":{"Resource":"arn:aws:states:::s3:getObject",`+fields+`}`, `{}`)
		require.Equal(t, "States.ItemReaderFailed", aws.ToString(out.Error), fields)
		require.Contains(t, *out.Cause, want)
	}
}

func TestItemReaderListsObjects(t *testing.T) {
	a := newAccount(t)
	for n := range 3 {
		a.put(fmt.Sprintf("in/%d.json", n), fmt.Appendf(nil, `[%d,%d]`, n, n+10))
	}
	a.put("out/other.json", []byte(`[]`))
	reader := `"ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2",%s"Parameters":{"Bucket":"images","Prefix":"in/"}}`
	out := a.runMap(fmt.Sprintf(reader, "")+
		`,"ItemSelector":{"object.$":"$$.Map.Item.Value","source.$":"$$.Map.Item.Source","index.$":"$$.Map.Item.Index"}`, `{}`)
	var items []struct {
		Object struct {
			Key, Etag, StorageClass string
			Size, LastModified      float64
		}
		Source string
		Index  int
	}
	require.NoError(t, json.Unmarshal([]byte(*out.Output), &items))
	require.Len(t, items, 3)
	require.Equal(t, "in/1.json", items[1].Object.Key)
	require.EqualValues(t, 6, items[1].Object.Size)
	require.Equal(t, "STANDARD", items[1].Object.StorageClass)
	require.NotZero(t, items[1].Object.LastModified)
	require.Equal(t, "S3://images", items[1].Source)
	require.Equal(t, 1, items[1].Index)
	out = a.runMap(fmt.Sprintf(reader, `"ReaderConfig":{"InputType":"JSON","Transformation":"LOAD_AND_FLATTEN","MaxItems":5},`), `{}`)
	require.JSONEq(t, `[0,10,1,11,2]`, *out.Output)
}

func TestItemBatcher(t *testing.T) {
	a := newAccount(t)
	items := `[1,2,3,4,5]`
	tests := map[string]string{
		`{"MaxItemsPerBatch":2}`:                                      `[{"Items":[1,2]},{"Items":[3,4]},{"Items":[5]}]`,
		`{"MaxInputBytesPerBatch":15}`:                                `[{"Items":[1,2]},{"Items":[3,4]},{"Items":[5]}]`,
		`{"MaxInputBytesPerBatch":1}`:                                 `[{"Items":[1]},{"Items":[2]},{"Items":[3]},{"Items":[4]},{"Items":[5]}]`,
		`{"MaxItemsPerBatchPath":"$[3]","BatchInput":{"f.$":"$[0]"}}`: `[{"BatchInput":{"f":1},"Items":[1,2,3,4]},{"BatchInput":{"f":1},"Items":[5]}]`,
	}
	for batcher, want := range tests {
		out := a.runMap(`"ItemBatcher":`+batcher, items)
		require.Equal(t, types.ExecutionStatusSucceeded, out.Status, aws.ToString(out.Cause))
		require.JSONEq(t, want, *out.Output, batcher)
	}
	out := a.runMap(`"ItemBatcher":{"MaxItemsPerBatch":2},"MaxConcurrency":1`, `["`+strings.Repeat("x", 250_000)+`"]`)
	require.Equal(t, types.ExecutionStatusSucceeded, out.Status)
}

const failing = `{"C":{"Type":"Choice","Choices":[{"Variable":"$","StringEquals":"bad","Next":"F"}],"Default":"P"},
	"F":{"Type":"Fail","Error":"Bad","Cause":"it is"},"P":{"Type":"Pass","Parameters":{"v.$":"$"},"OutputPath":"$.v","End":true}}`

func TestResultWriter(t *testing.T) {
	a := newAccount(t)
	out := a.runChildren(failing, "C", `"ToleratedFailureCount":1,"MaxConcurrency":1,"ResultWriter":{
		"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"images","Prefix":"results"}}`, `["a","bad","b"]`)
	require.Equal(t, types.ExecutionStatusSucceeded, out.Status, aws.ToString(out.Cause))
	var result struct {
		MapRunArn           string
		ResultWriterDetails struct{ Bucket, Key string }
	}
	require.NoError(t, json.Unmarshal([]byte(*out.Output), &result))
	id := result.MapRunArn[strings.LastIndexByte(result.MapRunArn, ':')+1:]
	require.Equal(t, "images", result.ResultWriterDetails.Bucket)
	require.Equal(t, "results/"+id+"/manifest.json", result.ResultWriterDetails.Key)
	good, bad := a.get("results/"+id+"/SUCCEEDED_0.json"), a.get("results/"+id+"/FAILED_0.json")
	require.JSONEq(t, fmt.Sprintf(`{"DestinationBucket":"images","MapRunArn":%q,"ResultFiles":{
		"FAILED":[{"Key":"results/%s/FAILED_0.json","Size":%d}],"PENDING":[],
		"SUCCEEDED":[{"Key":"results/%s/SUCCEEDED_0.json","Size":%d}]}}`, result.MapRunArn, id, len(bad), id, len(good)),
		string(a.get(result.ResultWriterDetails.Key)))
	var succeeded, failed []map[string]any
	require.NoError(t, json.Unmarshal(good, &succeeded))
	require.NoError(t, json.Unmarshal(bad, &failed))
	require.Len(t, succeeded, 2)
	require.Equal(t, `"b"`, succeeded[1]["Input"])
	require.Equal(t, `"b"`, succeeded[1]["Output"])
	require.Equal(t, "SUCCEEDED", succeeded[1]["Status"])
	require.Len(t, failed, 1)
	require.Equal(t, "Bad", failed[0]["Error"])
	require.Equal(t, "it is", failed[0]["Cause"])
	require.NotContains(t, failed[0], "Output")
	require.Contains(t, failed[0]["ExecutionArn"], ":execution:m/L:")
}

func TestResultWriterFormats(t *testing.T) {
	a := newAccount(t)
	out := a.runMap(`"ResultWriter":{"WriterConfig":{"OutputType":"JSON","Transformation":"FLATTEN"}}`, `[[1,2],3,[]]`)
	require.JSONEq(t, `[1,2,3]`, *out.Output)
	out = a.runMap(`"ResultWriter":{"WriterConfig":{"OutputType":"JSON","Transformation":"NONE"}}`, `[[1]]`)
	require.Contains(t, *out.Output, `"Output":"[1]"`)
	out = a.runMap(`"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","WriterConfig":{"OutputType":"JSONL",
		"Transformation":"COMPACT"},"Parameters":{"Bucket":"images"}}`, `[[1],2]`)
	key := (*out.Output)[strings.Index(*out.Output, `"Key":"`)+7 : strings.Index(*out.Output, "/manifest.json")]
	require.Equal(t, "[1]\n2\n", string(a.get(key+"/SUCCEEDED_0.jsonl")))
	out = a.runMap(`"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"nowhere"}}`, `[1]`)
	require.Equal(t, "States.ResultWriterFailed", aws.ToString(out.Error))
	out = a.runChildren(failing, "C", `"ToleratedFailurePercentage":100`, `["a","bad"]`)
	var results []any
	require.NoError(t, json.Unmarshal([]byte(*out.Output), &results))
	require.Equal(t, "a", results[0])
	require.Equal(t, "FAILED", results[1].(map[string]any)["Status"], "what has failed is told in full")
}

// After a redrive the results of what had succeeded stay where they are, and the others are in a folder of their own.
func TestResultWriterAfterRedrive(t *testing.T) {
	a := newAccount(t)
	a.put("1", []byte("one"))
	definition := `{"StartAt":"M","States":{"M":{"Type":"Map","Label":"L","MaxConcurrency":1,"End":true,"ItemProcessor":{
		"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"Get","States":{"Get":{"Type":"Task",
		"Resource":"arn:aws:states:::aws-sdk:s3:getObject","Parameters":{"Bucket":"images","Key.$":"$"},"End":true}}},
		"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"images","Prefix":"r"}}}}}`
	machine, err := a.states.CreateStateMachine(a.ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("m"), Definition: &definition, RoleArn: aws.String("arn:aws:iam::123456789012:role/r"),
	})
	require.NoError(t, err)
	started, err := a.states.StartExecution(a.ctx, &sfn.StartExecutionInput{
		StateMachineArn: machine.StateMachineArn, Input: aws.String(`["1","2","3"]`),
	})
	require.NoError(t, err)
	require.Equal(t, types.ExecutionStatusFailed, a.ended(started.ExecutionArn).Status)
	a.put("2", []byte("two"))
	a.put("3", []byte("three"))
	_, err = a.states.RedriveExecution(a.ctx, &sfn.RedriveExecutionInput{ExecutionArn: started.ExecutionArn})
	require.NoError(t, err)
	out := a.ended(started.ExecutionArn)
	require.Equal(t, types.ExecutionStatusSucceeded, out.Status, aws.ToString(out.Cause))
	var result struct{ ResultWriterDetails struct{ Key string } }
	require.NoError(t, json.Unmarshal([]byte(*out.Output), &result))
	require.Regexp(t, `^r/[0-9a-f-]{36}/Redrive-1/manifest\.json$`, result.ResultWriterDetails.Key)
	var manifest struct {
		ResultFiles map[string][]struct{ Key string }
	}
	require.NoError(t, json.Unmarshal(a.get(result.ResultWriterDetails.Key), &manifest))
	require.Empty(t, manifest.ResultFiles["FAILED"])
	require.Empty(t, manifest.ResultFiles["PENDING"])
	succeeded := manifest.ResultFiles["SUCCEEDED"]
	require.Len(t, succeeded, 2)
	for n, children := range []int{1, 2} {
		var reports []map[string]any
		require.NoError(t, json.Unmarshal(a.get(succeeded[n].Key), &reports))
		require.Len(t, reports, children)
	}
	require.NotContains(t, succeeded[0].Key, "Redrive")
	pending := strings.Replace(succeeded[0].Key, "SUCCEEDED", "PENDING", 1)
	require.JSONEq(t, `[{"Input":"\"3\"","InputDetails":{"Included":true},"Status":"PENDING"}]`, string(a.get(pending)))
}
