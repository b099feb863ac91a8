package conversion

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/tidwall/gjson"
)

// maxDelivered bounds what a delivery unpacks to. Lambda takes 6 MB, packed.
const maxDelivered = 256 << 20

// delivered unpacks what a subscription hands to a Lambda function, {"awslogs":{"data":…}} with gzip in base64. All
// else stays as it is.
func delivered(f File) ([]byte, error) {
	data := gjson.GetBytes(f.Body, "awslogs.data")
	if data.Type != gjson.String {
		return f.Body, nil
	}
	packed, err := base64.StdEncoding.DecodeString(data.Str)
	if err != nil {
		return nil, fmt.Errorf("%s: awslogs.data is not base64: %w", f.Name, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%s: awslogs.data is not gzip: %w", f.Name, err)
	}
	body, err := io.ReadAll(io.LimitReader(z, maxDelivered+1))
	if err != nil {
		return nil, fmt.Errorf("%s: awslogs.data is not gzip: %w", f.Name, err)
	}
	if len(body) > maxDelivered {
		return nil, fmt.Errorf("%s: awslogs.data is larger than %d bytes when unpacked", f.Name, maxDelivered)
	}
	return body, nil
}
