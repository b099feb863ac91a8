package interpreter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

const errItemReader = "States.ItemReaderFailed"

const (
	// maxRead is how many bytes one object may have that items are read from, as large as the sandbox's objects get.
	maxRead = 256 << 20
	// maxReadItems is beyond what Step Functions reads no items.
	maxReadItems = 100_000_000
)

// Resources of an ItemReader.
const (
	getObject   = "s3:getObject"
	listObjects = "s3:listObjectsV2"
)

// itemSource is where the items of a Map state in distributed mode come from.
type itemSource struct {
	items     []dataflow.Value // without a reader
	reader    *asl.ItemReader
	arguments dataflow.Value
	maxItems  int64 // 0: all
}

// itemSource evaluates the items of a state that reads none.
func (f *flow) itemSource(v *visit) (source itemSource, err error) {
	if v.state.Map.ItemReader == nil {
		source.items, err = f.scope(v).Items(v.state)
	}
	return source, err
}

func planReader(scope *dataflow.Scope, v *visit) (source itemSource, err error) {
	reader := v.state.Map.ItemReader
	if reader == nil {
		return source, nil
	}
	source.reader = reader
	field, payload := "ItemReader/Parameters", reader.Parameters
	if v.state.QueryLanguage == asl.JSONata {
		field, payload = "ItemReader/Arguments", reader.Arguments
	}
	if payload != nil {
		if source.arguments, err = scope.Payload(v.state, field, payload); err != nil {
			return source, err
		}
	}
	maxItems, err := optionalInt(scope, v, reader.MaxItems)
	if maxItems != nil {
		source.maxItems = *maxItems
	}
	return source, err
}

// readItems is all items, each with what the context object says of it.
func (f *flow) readItems(ctx context.Context, source itemSource) ([]item, *Failure) {
	if source.reader == nil {
		items := make([]item, len(source.items))
		for n, value := range source.items {
			items[n] = item{index: n, value: value, source: "STATE_DATA"}
		}
		return items, nil
	}
	if source.maxItems < 0 {
		return nil, readerFailure("field MaxItems must be positive")
	}
	r := &itemReader{ctx: ctx, s3: f.s3(), ItemReader: source.reader, limit: maxReadItems}
	if source.maxItems > 0 {
		r.limit = int(min(source.maxItems, maxReadItems))
	}
	if err := r.read(source.arguments); err != nil && !errors.Is(err, errEnough) {
		return nil, readerFailure(err.Error())
	}
	return r.items, nil
}

func readerFailure(cause string) *Failure {
	failure := failuref(errItemReader, "%s", cause)
	return &failure
}

// errEnough stops reading when there are MaxItems.
var errEnough = errors.New("there are enough items")

// itemReader reads items from S3.
type itemReader struct {
	*asl.ItemReader
	ctx   context.Context
	s3    *s3.Client
	limit int
	items []item
}

func (r *itemReader) read(arguments dataflow.Value) error {
	object, _ := arguments.(*jsonvalue.Object)
	bucket := stringMember(object, "Bucket")
	switch strings.TrimPrefix(r.Resource, integrationARN) {
	case getObject:
		return r.readObject(bucket, stringMember(object, "Key"), stringMember(object, "VersionId"))
	case listObjects:
		return r.listObjects(bucket, stringMember(object, "Prefix"))
	}
	return fmt.Errorf("the sandbox does not support the ItemReader resource %s", r.Resource)
}

func (r *itemReader) readObject(bucket, key, version string) error {
	body, err := r.object(bucket, key, version)
	if err != nil {
		return err
	}
	if r.InputType == "MANIFEST" || r.ManifestType != "" {
		return r.readManifest(bucket, body)
	}
	return r.parse(r.InputType, body, "s3://"+bucket+"/"+key)
}

// object is the content of an object, decompressed.
func (r *itemReader) object(bucket, key, version string) ([]byte, error) {
	in := &s3.GetObjectInput{Bucket: &bucket, Key: &key}
	if version != "" {
		in.VersionId = &version
	}
	out, err := r.s3.GetObject(r.ctx, in)
	if err != nil {
		return nil, errors.New(deref(s3Failure(err).Cause))
	}
	defer out.Body.Close()
	body, err := bounded(out.Body)
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	if strings.HasSuffix(key, ".gz") {
		return gunzip(body)
	}
	return body, nil
}

func bounded(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxRead+1))
	if err == nil && len(body) > maxRead {
		err = fmt.Errorf("there are more than %d bytes, which the sandbox does not read", maxRead)
	}
	return body, err
}

// parse adds the items in the text of an object.
func (r *itemReader) parse(inputType string, body []byte, source string) error {
	switch cmp.Or(inputType, "JSON") {
	case "JSON":
		return r.parseJSON(body, source)
	case "JSONL":
		return r.parseLines(body, source)
	case "CSV":
		return r.parseCSV(body, source)
	}
	return fmt.Errorf("the sandbox does not support the InputType %s", inputType)
}

func (r *itemReader) add(value dataflow.Value, source string) error {
	r.items = append(r.items, item{index: len(r.items), value: value, source: source})
	if len(r.items) >= r.limit {
		return errEnough
	}
	return nil
}
