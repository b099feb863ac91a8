package interpreter

import (
	"encoding/json"
	"strconv"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// header is one HTTP header of a service's response, spelled as AWS does.
type header struct{ name, value string }

// withSDKMetadata adds what optimized integrations say about the HTTP response.
func withSDKMetadata(o *jsonvalue.Object, status int, requestID string, headers []header) *jsonvalue.Object {
	all, single := jsonvalue.NewObject(), jsonvalue.NewObject()
	for _, h := range headers {
		all.Set(h.name, []dataflow.Value{h.value})
		single.Set(h.name, h.value)
	}
	return o.
		Set("SdkHttpMetadata", jsonvalue.NewObject().
			Set("AllHttpHeaders", all).
			Set("HttpHeaders", single).
			Set("HttpStatusCode", number(status))).
		Set("SdkResponseMetadata", jsonvalue.NewObject().Set("RequestId", requestID))
}

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }
