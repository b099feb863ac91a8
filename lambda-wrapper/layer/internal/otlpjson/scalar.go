package otlpjson

import (
	encoding "encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// packed tells whether a list of the kind is one field.
func (f field) packed() bool {
	switch f.kind {
	case varint, zigzag, fixed64, fixed32, double:
		return true
	default:
		return false
	}
}

func (f field) wireType() protowire.Type {
	switch f.kind {
	case varint, zigzag, boolean:
		return protowire.VarintType
	case fixed64, double:
		return protowire.Fixed64Type
	case fixed32:
		return protowire.Fixed32Type
	default:
		return protowire.BytesType
	}
}

func (d decoder) packedList(f field, out []byte) ([]byte, error) {
	var list []byte
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		if list, err = appendValue(list, f.kind, token); err != nil {
			return nil, err
		}
	}
	if len(list) > 0 {
		out = protowire.AppendBytes(protowire.AppendTag(out, f.number, protowire.BytesType), list)
	}
	_, err := d.Token()
	return out, err
}

func appendScalar(out []byte, f field, token json.Token) ([]byte, error) {
	return appendValue(protowire.AppendTag(out, f.number, f.wireType()), f.kind, token)
}

// appendValue writes a value without its tag. Numbers may be texts, as 64-bit ones are.
func appendValue(out []byte, k kind, token json.Token) ([]byte, error) {
	switch v := token.(type) {
	case bool:
		if k == boolean {
			return protowire.AppendVarint(out, protowire.EncodeBool(v)), nil
		}
	case json.Number:
		return appendNumber(out, k, v.String())
	case string:
		return appendText(out, k, v)
	}
	return nil, fmt.Errorf("a value of another type: %v", token)
}

func appendText(out []byte, k kind, s string) ([]byte, error) {
	switch k {
	case text:
		return protowire.AppendString(out, strings.ToValidUTF8(s, "\uFFFD")), nil
	case id:
		b, err := hex.DecodeString(s)
		return protowire.AppendBytes(out, b), err
	case base64:
		b, err := encoding.StdEncoding.DecodeString(s)
		return protowire.AppendBytes(out, b), err
	default:
		return appendNumber(out, k, s)
	}
}

func appendNumber(out []byte, k kind, s string) ([]byte, error) {
	switch k {
	case double:
		v, err := parseDouble(s)
		return protowire.AppendFixed64(out, math.Float64bits(v)), err
	case varint, fixed64:
		v, err := parseInteger(s)
		if k == fixed64 {
			return protowire.AppendFixed64(out, v), err
		}
		return protowire.AppendVarint(out, v), err
	case fixed32:
		v, err := strconv.ParseUint(s, 10, 32)
		return protowire.AppendFixed32(out, uint32(v)), err
	case zigzag:
		v, err := strconv.ParseInt(s, 10, 32)
		return protowire.AppendVarint(out, protowire.EncodeZigZag(v)), err
	default:
		return nil, fmt.Errorf("a number where none belongs: %s", s)
	}
}

// parseInteger reads what fits 64 bits, signed or unsigned, as two's complement.
func parseInteger(s string) (uint64, error) {
	if strings.HasPrefix(s, "-") {
		v, err := strconv.ParseInt(s, 10, 64)
		return uint64(v), err
	}
	return strconv.ParseUint(s, 10, 64)
}

// parseDouble reads what protobuf's JSON has, NaN, Infinity and -Infinity included.
func parseDouble(s string) (float64, error) { return strconv.ParseFloat(s, 64) }
