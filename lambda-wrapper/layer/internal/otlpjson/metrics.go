package otlpjson

// The messages of metrics.proto.
var (
	exemplar = message{
		"filteredAttributes": {7, object, keyValue}, "timeUnixNano": {2, fixed64, nil}, "asDouble": {3, double, nil},
		"asInt": {6, fixed64, nil}, "spanId": {4, id, nil}, "traceId": {5, id, nil},
	}
	numberPoint = message{
		"attributes": {7, object, keyValue}, "startTimeUnixNano": {2, fixed64, nil}, "timeUnixNano": {3, fixed64, nil},
		"asDouble": {4, double, nil}, "asInt": {6, fixed64, nil}, "exemplars": {5, object, exemplar},
		"flags": {8, varint, nil},
	}
	histogramPoint = message{
		"attributes": {9, object, keyValue}, "startTimeUnixNano": {2, fixed64, nil}, "timeUnixNano": {3, fixed64, nil},
		"count": {4, fixed64, nil}, "sum": {5, double, nil}, "bucketCounts": {6, fixed64, nil},
		"explicitBounds": {7, double, nil}, "exemplars": {8, object, exemplar}, "flags": {10, varint, nil},
		"min": {11, double, nil}, "max": {12, double, nil},
	}
	buckets          = message{"offset": {1, zigzag, nil}, "bucketCounts": {2, varint, nil}}
	exponentialPoint = message{
		"attributes": {1, object, keyValue}, "startTimeUnixNano": {2, fixed64, nil}, "timeUnixNano": {3, fixed64, nil},
		"count": {4, fixed64, nil}, "sum": {5, double, nil}, "scale": {6, zigzag, nil}, "zeroCount": {7, fixed64, nil},
		"positive": {8, object, buckets}, "negative": {9, object, buckets}, "flags": {10, varint, nil},
		"exemplars": {11, object, exemplar}, "min": {12, double, nil}, "max": {13, double, nil},
		"zeroThreshold": {14, double, nil},
	}
	summaryPoint = message{
		"attributes": {7, object, keyValue}, "startTimeUnixNano": {2, fixed64, nil}, "timeUnixNano": {3, fixed64, nil},
		"count": {4, fixed64, nil}, "sum": {5, double, nil}, "flags": {8, varint, nil},
		"quantileValues": {6, object, message{"quantile": {1, double, nil}, "value": {2, double, nil}}},
	}
	metric = message{
		"name": {1, text, nil}, "description": {2, text, nil}, "unit": {3, text, nil},
		"metadata": {12, object, keyValue},
		"gauge":    {5, object, points(numberPoint)}, "sum": {7, object, points(numberPoint)},
		"histogram": {9, object, points(histogramPoint)}, "summary": {11, object, points(summaryPoint)},
		"exponentialHistogram": {10, object, points(exponentialPoint)},
	}
)

// points is Gauge, Sum, Histogram, ExponentialHistogram or Summary; those that have no temporality never name it.
func points(point message) message {
	return message{
		"dataPoints": {1, object, point}, "aggregationTemporality": {2, varint, nil}, "isMonotonic": {3, boolean, nil},
	}
}
