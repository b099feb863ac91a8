package interpreter

import (
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// batchLimits is how items are grouped; the zero value gives each a child of its own.
type batchLimits struct {
	batched  bool
	items    int64 // at most; 0 is no bound
	bytes    int64 // at most, of a child's input
	input    dataflow.Value
	hasInput bool
}

func planBatches(scope *dataflow.Scope, v *visit) (limits batchLimits, err error) {
	batcher := v.state.Map.ItemBatcher
	if batcher == nil {
		return limits, nil
	}
	limits = batchLimits{batched: true, bytes: dataflow.MaxDataBytes, hasInput: batcher.BatchInput != nil}
	items, err := optionalInt(scope, v, batcher.MaxItemsPerBatch)
	if err != nil {
		return limits, err
	}
	if items != nil {
		limits.items = *items
	}
	bytes, err := optionalInt(scope, v, batcher.MaxInputBytesPerBatch)
	if err != nil {
		return limits, err
	}
	if bytes != nil && *bytes > 0 {
		limits.bytes = min(*bytes, dataflow.MaxDataBytes)
	}
	if limits.hasInput {
		limits.input, err = scope.Payload(v.state, "ItemBatcher/BatchInput", batcher.BatchInput)
	}
	return limits, err
}

// group makes a child of each input, or of as many as fit into a batch. An input too large for any batch has one of its
// own, as long as it is within the quota.
func (b batchLimits) group(inputs []dataflow.Value) ([]*mapChild, error) {
	if !b.batched {
		return single(inputs)
	}
	var children []*mapChild
	frame, size := int64(len(jsonvalue.Encode(b.envelope(nil)))), int64(0)
	var batch []dataflow.Value
	for _, input := range inputs {
		length := int64(len(jsonvalue.Encode(input))) + 1 // with a comma
		if full := b.items > 0 && int64(len(batch)) >= b.items; batch == nil || full || size+length > b.bytes {
			if batch != nil {
				children = append(children, &mapChild{input: b.envelope(batch), items: len(batch)})
			}
			batch, size = nil, frame-1 // the first has no comma
		}
		if frame+length-1 > dataflow.MaxDataBytes {
			return nil, tooLargeInput()
		}
		batch, size = append(batch, input), size+length
	}
	if batch != nil {
		children = append(children, &mapChild{input: b.envelope(batch), items: len(batch)})
	}
	return children, nil
}

func single(inputs []dataflow.Value) ([]*mapChild, error) {
	children := make([]*mapChild, len(inputs))
	for n, input := range inputs {
		if len(jsonvalue.Encode(input)) > dataflow.MaxDataBytes {
			return nil, tooLargeInput()
		}
		children[n] = &mapChild{input: input, items: 1}
	}
	return children, nil
}

func tooLargeInput() error {
	return &dataflow.Error{
		Name:    dataflow.ErrDataLimitExceeded,
		Message: "The input of a child workflow execution has a size exceeding the maximum number of bytes service limit.",
	}
}

// envelope is the input of a child that has a batch.
func (b batchLimits) envelope(batch []dataflow.Value) dataflow.Value {
	o := jsonvalue.NewObject()
	if b.hasInput {
		o.Set("BatchInput", b.input)
	}
	if batch == nil {
		batch = []dataflow.Value{}
	}
	return o.Set("Items", batch)
}
