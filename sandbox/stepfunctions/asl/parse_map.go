package asl

func parseMap(f *fields, state *State) {
	parseTransition(f, state)
	parseFilters(f, state)
	parseResult(f, state)
	state.Assign = parseAssign(f)
	f.only(JSONPath, "ItemsPath")
	f.only(JSONata, "Items")
	state.Map = &Map{
		ItemProcessor:              parseItemProcessor(f),
		ItemsPath:                  f.itemsPath(),
		Items:                      f.payload("Items"),
		ItemSelector:               parseItemSelector(f),
		MaxConcurrency:             f.integer("MaxConcurrency", 0, unbounded),
		Label:                      f.label(),
		ItemReader:                 parseItemReader(f.member("ItemReader")),
		ItemBatcher:                parseItemBatcher(f.member("ItemBatcher")),
		ResultWriter:               parseResultWriter(f.member("ResultWriter")),
		ToleratedFailureCount:      f.integer("ToleratedFailureCount", 0, unbounded),
		ToleratedFailurePercentage: f.float("ToleratedFailurePercentage", 0, 100),
	}
}

func (f *fields) itemsPath() string {
	if !f.has("ItemsPath") {
		return "$"
	}
	return f.reference("ItemsPath")
}

func parseItemProcessor(f *fields) *StateMachine {
	name := "ItemProcessor"
	if f.has("Iterator") {
		name = "Iterator"
	}
	f.oneOf("ItemProcessor", "Iterator")
	f.require(name)
	machine := &StateMachine{Processor: ProcessorConfig{Mode: Inline}}
	inner := f.member(name)
	if inner == nil {
		return machine
	}
	if config := inner.member("ProcessorConfig"); config != nil {
		machine.Processor = parseProcessorConfig(config)
	}
	machine.Source = inner.object
	parseMachine(inner, machine)
	return machine
}

func parseProcessorConfig(f *fields) ProcessorConfig {
	config := ProcessorConfig{Mode: f.choice("Mode", Inline, Distributed)}
	if f.has("ExecutionType") {
		config.ExecutionType = f.choice("ExecutionType", "STANDARD", "EXPRESS")
	}
	f.done()
	return config
}

// parseItemSelector reads ItemSelector, which older definitions call Parameters.
func parseItemSelector(f *fields) *Payload {
	f.oneOf("ItemSelector", "Parameters")
	if selector := f.payload("ItemSelector"); selector != nil {
		return selector
	}
	return f.payload("Parameters")
}

func parseItemReader(f *fields) *ItemReader {
	if f == nil {
		return nil
	}
	f.only(JSONPath, "Parameters")
	f.only(JSONata, "Arguments")
	reader := &ItemReader{
		Resource:   f.resource(),
		Parameters: f.payload("Parameters"),
		Arguments:  f.payload("Arguments"),
	}
	if config := f.member("ReaderConfig"); config != nil {
		parseReaderConfig(config, reader)
	}
	f.done()
	return reader
}

func parseReaderConfig(f *fields, reader *ItemReader) {
	reader.InputType = f.text("InputType")
	reader.CSVHeaderLocation = f.text("CSVHeaderLocation")
	reader.CSVHeaders = f.texts("CSVHeaders")
	reader.CSVDelimiter = f.text("CSVDelimiter")
	reader.MaxItems = f.integer("MaxItems", 0, maxItems)
	reader.Transformation = f.text("Transformation")
	reader.ItemsPointer = f.text("ItemsPointer")
	reader.ManifestType = f.text("ManifestType")
	f.done()
}

func parseItemBatcher(f *fields) *ItemBatcher {
	if f == nil {
		return nil
	}
	batcher := &ItemBatcher{
		MaxItemsPerBatch:      f.integer("MaxItemsPerBatch", 0, unbounded),
		MaxInputBytesPerBatch: f.integer("MaxInputBytesPerBatch", 0, unbounded),
		BatchInput:            f.payload("BatchInput"),
	}
	f.done()
	return batcher
}

func parseResultWriter(f *fields) *ResultWriter {
	if f == nil {
		return nil
	}
	f.only(JSONPath, "Parameters")
	f.only(JSONata, "Arguments")
	writer := &ResultWriter{Parameters: f.payload("Parameters"), Arguments: f.payload("Arguments")}
	if f.has("Resource") {
		writer.Resource = f.resource()
	}
	if config := f.member("WriterConfig"); config != nil {
		writer.OutputType, writer.Transformation = config.text("OutputType"), config.text("Transformation")
		config.done()
	}
	f.done()
	return writer
}
