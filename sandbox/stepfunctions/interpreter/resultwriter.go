package interpreter

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

const errResultWriter = "States.ResultWriterFailed"

// resultWriter is what a Map state does with the results of its children: puts them out, or writes them to S3.
type resultWriter struct {
	export         bool
	bucket, prefix string
	lines          bool   // JSONL
	transformation string // NONE, COMPACT, FLATTEN
}

func planWriter(scope *dataflow.Scope, v *visit) (w resultWriter, err error) {
	writer := v.state.Map.ResultWriter
	if writer == nil {
		return resultWriter{transformation: "COMPACT"}, nil
	}
	w = resultWriter{
		export: writer.Resource != "", lines: writer.OutputType == "JSONL",
		transformation: writer.Transformation,
	}
	if w.transformation == "" && w.export {
		w.transformation = "NONE"
	}
	w.transformation = cmp.Or(w.transformation, "COMPACT")
	field, payload := "ResultWriter/Parameters", writer.Parameters
	if v.state.QueryLanguage == asl.JSONata {
		field, payload = "ResultWriter/Arguments", writer.Arguments
	}
	if payload == nil {
		return w, nil
	}
	arguments, err := scope.Payload(v.state, field, payload)
	object, _ := arguments.(*jsonvalue.Object)
	w.bucket, w.prefix = stringMember(object, "Bucket"), stringMember(object, "Prefix")
	return w, err
}

// writeResults is the result of the Map state. Where results are exported, those of a failed Map Run are too.
func (f *flow) writeResults(ctx context.Context, m *MapRun, w resultWriter) (dataflow.Value, *Failure) {
	if !w.export {
		return m.results(w.transformation), nil
	}
	key, err := w.write(ctx, f.s3(), m)
	if err != nil {
		failure := failuref(errResultWriter, "%s", deref(s3Failure(err).Cause))
		return nil, &failure
	}
	details := jsonvalue.NewObject().Set("Bucket", w.bucket).Set("Key", key)
	return jsonvalue.NewObject().Set("MapRunArn", m.ARN).Set("ResultWriterDetails", details), nil
}

// resultFiles are the files that a manifest names, and the statuses whose children they have.
var resultFiles = []struct {
	name     string
	statuses []string
}{
	{"FAILED", []string{StatusFailed, StatusTimedOut, StatusAborted}},
	{"PENDING", []string{statusPending, StatusPendingRedrive, StatusRunning}},
	{succeededFile, []string{StatusSucceeded}},
}

const succeededFile = "SUCCEEDED"

// write puts the results and their manifest into the bucket and returns the manifest's key. After a redrive they are in
// a folder of their own, without what has succeeded before, whose files the manifest still names.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
func (w resultWriter) write(ctx context.Context, client *s3.Client, m *MapRun) (string, error) {
	folder := path.Join(w.prefix, m.ID)
	if redrives := m.redriveCount(); redrives > 0 {
		folder = path.Join(folder, fmt.Sprintf("Redrive-%d", redrives))
	}
	files := jsonvalue.NewObject()
	for _, file := range resultFiles {
		entries := []dataflow.Value{}
		if file.name == succeededFile {
			entries = append(entries, m.exported...)
		}
		if results := m.resultsOf(file.statuses, w.transformation); len(results) > 0 {
			key, body := folder+"/"+file.name+"_0"+w.extension(), w.encode(results)
			if err := put(ctx, client, w.bucket, key, body); err != nil {
				return "", err
			}
			entries = append(entries, jsonvalue.NewObject().Set("Key", key).Set("Size", number(len(body))))
		}
		if file.name == succeededFile {
			m.export(entries)
		}
		files.Set(file.name, entries)
	}
	manifest := jsonvalue.NewObject().Set("DestinationBucket", w.bucket).Set("MapRunArn", m.ARN).Set("ResultFiles", files)
	key := folder + "/manifest.json"
	return key, put(ctx, client, w.bucket, key, jsonvalue.Encode(manifest))
}

// export notes the files in which the results of what has succeeded so far are.
func (m *MapRun) export(files []dataflow.Value) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.exported = files
	for _, c := range m.children {
		c.exported = c.status() == StatusSucceeded
	}
}

func (w resultWriter) extension() string {
	if w.lines {
		return ".jsonl"
	}
	return ".json"
}

func (w resultWriter) encode(results []dataflow.Value) []byte {
	if !w.lines {
		return jsonvalue.Encode(results)
	}
	var b bytes.Buffer
	for _, result := range results {
		b.Write(jsonvalue.Encode(result))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func (m *MapRun) resultsOf(statuses []string, transformation string) []dataflow.Value {
	m.mu.Lock()
	defer m.mu.Unlock()
	var results []dataflow.Value
	for _, c := range m.children {
		if slices.Contains(statuses, c.status()) && !c.exported {
			results = append(results, c.result(transformation)...)
		}
	}
	return results
}

func put(ctx context.Context, client *s3.Client, bucket, key string, body []byte) error {
	_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)})
	return err
}
