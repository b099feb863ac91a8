package intrinsic

import (
	"encoding/base64"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/digest"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// maxText is how many characters the base64 and hash functions take.
const maxText = 10000

func (in *invocation) boundedText(i int) (string, error) {
	text, err := in.text(i)
	if err == nil && utf8.RuneCountInString(text) > maxText {
		return "", fmt.Errorf("the string has more than %d characters", maxText)
	}
	return text, err
}

func base64Encode(in *invocation) (jsonvalue.Value, error) {
	text, err := in.boundedText(0)
	return base64.StdEncoding.EncodeToString([]byte(text)), err
}

func base64Decode(in *invocation) (jsonvalue.Value, error) {
	text, err := in.boundedText(0)
	if err != nil {
		return nil, err
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("the string is not valid base64")
	}
	return string(decoded), nil
}

// hashData hashes a string, or the JSON text of anything else.
func hashData(in *invocation) (jsonvalue.Value, error) {
	if _, ok := in.args[0].(string); !ok {
		in.args[0] = jsonvalue.Text(in.args[0])
	}
	data, err := in.boundedText(0)
	if err != nil {
		return nil, err
	}
	algorithm, err := in.text(1)
	if err != nil {
		return nil, err
	}
	return digest.Hex(algorithm, data)
}
