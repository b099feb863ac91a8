package asl

// Map is what a Map state does. Everything from ItemReader on is for distributed mode alone.
type Map struct {
	ItemProcessor  *StateMachine // ItemProcessor or, in older definitions, Iterator
	ItemsPath      string        // JSONPath; default "$"
	Items          *Payload      // JSONata; nil: the state's input
	ItemSelector   *Payload      // ItemSelector or, in older definitions, the Map state's Parameters
	MaxConcurrency *Int          // nil: 0, no bound

	Label                      string
	ItemReader                 *ItemReader
	ItemBatcher                *ItemBatcher
	ResultWriter               *ResultWriter
	ToleratedFailureCount      *Int
	ToleratedFailurePercentage *Float // 0 to 100
}

// Distributed tells whether the items run as child executions of a Map Run.
func (m *Map) Distributed() bool { return m.ItemProcessor.Processor.Mode == Distributed }

// ItemReader is where a distributed Map state reads its items.
type ItemReader struct {
	Resource              string
	Parameters, Arguments *Payload // JSONPath, JSONata
	InputType             string   // CSV, JSON, JSONL, PARQUET, MANIFEST
	CSVHeaderLocation     string   // FIRST_ROW or GIVEN
	CSVHeaders            []string
	CSVDelimiter          string
	MaxItems              *Int
	Transformation        string // NONE or LOAD_AND_FLATTEN
	ItemsPointer          string
	ManifestType          string
}

// ItemBatcher is how a distributed Map state groups its items.
type ItemBatcher struct {
	MaxItemsPerBatch, MaxInputBytesPerBatch *Int
	BatchInput                              *Payload
}

// ResultWriter is where a distributed Map state writes its results.
type ResultWriter struct {
	Resource              string
	Parameters, Arguments *Payload // JSONPath, JSONata
	OutputType            string   // JSON or JSONL
	Transformation        string   // NONE, COMPACT or FLATTEN
}
