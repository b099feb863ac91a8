package dataflow

// MaxDataBytes is Step Functions' quota for a payload: input, output or result, as UTF-8 text.
const MaxDataBytes = 262144
